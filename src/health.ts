/**
 * The bot's own web server: `/healthz` says that it lives, `/readyz` whether it takes new work, `/metrics` the numbers;
 * and what a platform brings by itself goes to whoever asked for it.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import { getRequestListener } from '@hono/node-server';
import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';

import { Refusal } from './errors.ts';
import type { Metrics } from './metrics.ts';
import type { JsonObject } from './store/tables.ts';

/** @property trouble why new work is not taken, a sentence each; empty: it is. @property facts numbers worth watching. */
export interface Readiness {
  readonly trouble: readonly string[];
  readonly facts: JsonObject;
}

export type Receive = (request: Request) => Promise<Response>;

export interface HealthServer {
  readonly port: number;
  /** Hands POST requests for `path` to `receive` from now on. */
  readonly route: (path: string, receive: Receive) => void;
  close(): Promise<void>;
}

/** Far more than any update of Telegram's, which brings no files. */
const maxBodyBytes = 2 ** 20;
const requestTimeoutMs = 30_000;

/**
 * @param port 0: any that is free. @throws Refusal `health.port` where the port cannot be had.
 */
export async function serveHealth(
  { host, port }: { readonly host: string; readonly port: number },
  readiness: () => Promise<Readiness>,
  metrics: Pick<Metrics, 'text' | 'contentType'>,
): Promise<HealthServer> {
  const routes = new Map<string, Receive>();
  const app = new Hono();
  app.get('/healthz', (context) => context.json({ status: 'ok' }));
  app.get('/readyz', async (context) => {
    try {
      const { trouble, facts } = await readiness();
      const isReady = trouble.length === 0;
      return context.json({ ready: isReady, trouble, ...facts }, isReady ? 200 : 503);
    } catch {
      return context.json({ ready: false, trouble: ['The database cannot be read.'] }, 503);
    }
  });
  app.get('/metrics', async (context) => {
    try {
      return context.body(await metrics.text(), 200, { 'content-type': metrics.contentType });
    } catch {
      return context.json({ status: 'The database cannot be read.' }, 503);
    }
  });
  app.post('*', bodyLimit({ maxSize: maxBodyBytes }), async (context, next) => {
    const receive = routes.get(context.req.path);
    return receive === undefined ? next() : receive(context.req.raw);
  });
  app.notFound((context) => context.json({ status: 'unknown' }, 404));
  // The rest of a body that is too long is read and dropped, or whoever sends it could not read the answer.
  const listener = getRequestListener(app.fetch, { autoCleanupIncoming: false });
  const server = createServer((request, response) => void listener(request, response));
  server.requestTimeout = requestTimeoutMs;
  const { promise: listening, resolve, reject } = Promise.withResolvers<void>();
  server.once('listening', resolve).once('error', reject).listen(port, host);
  await listening.catch((cause: unknown) => {
    throw new Refusal(
      'health.port',
      `Port ${port} on ${host} cannot be had: another program uses it, or it is not for this user. Set COWBOT_PORT.`,
      { port, host },
      { cause },
    );
  });
  // Bound to an IP address and a port, it has an address of this form.
  const { port: bound } = server.address() as AddressInfo;
  return {
    port: bound,
    route: (path, receive) => void routes.set(path, receive),
    close: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}
