/** Tells whoever watches the bot how it is: `/healthz` that it lives, `/readyz` that it takes new work. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import { Refusal } from './errors.ts';
import type { JsonObject } from './store/tables.ts';

/** @property trouble why new work is not taken, a sentence each; empty: it is. @property facts numbers worth watching. */
export interface Readiness {
  readonly trouble: readonly string[];
  readonly facts: JsonObject;
}

export interface HealthServer {
  readonly port: number;
  close(): Promise<void>;
}

/**
 * @param port 0: any that is free. @throws Refusal `health.port` where the port cannot be had.
 */
export async function serveHealth(
  { host, port }: { readonly host: string; readonly port: number },
  readiness: () => Promise<Readiness>,
): Promise<HealthServer> {
  const server = createServer((request, response) => {
    const reply = (status: number, body: JsonObject): void => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(`${JSON.stringify(body)}\n`);
    };
    switch (request.url) {
      case '/healthz':
        return reply(200, { status: 'ok' });
      case '/readyz':
        void readiness().then(
          ({ trouble, facts }) =>
            reply(trouble.length === 0 ? 200 : 503, { ready: trouble.length === 0, trouble, ...facts }),
          () => reply(503, { ready: false, trouble: ['The database cannot be read.'] }),
        );
        return undefined;
      default:
        return reply(404, { status: 'unknown' });
    }
  });
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
    close: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}
