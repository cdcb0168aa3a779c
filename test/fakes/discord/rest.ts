import type { HttpBindings } from '@hono/node-server';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import { Hono } from 'hono';
import { CutBody, parsedJson, readBody, UnreadableBody } from '../wire/body.ts';
import type { Faults } from '../wire/faults.ts';
import type { RecordedRequest, WireFile } from '../wire/record.ts';
import { DiscordRefusal, unauthorized } from './errors.ts';
import { tooManyRequests } from './limits.ts';
import type { Limiter } from './limits.ts';
import type { World } from './world.ts';

/** A request as a route sees it. */
export interface Call {
  param: (name: string) => string;
  query: (name: string) => string | undefined;
  body: unknown;
  files: readonly WireFile[];
}

export interface Answer {
  status: number;
  body?: object | undefined;
}

export interface Route {
  method: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';
  path: string;
  /** Interaction routes carry their secret in the path; all others need the bot's token. */
  open?: boolean;
  answer(call: Call): Answer | Promise<Answer>;
}

/** An error that a test makes a route answer with. `retryAfterMs` makes it a 429. */
export interface InjectedError {
  status: number;
  code?: number;
  message?: string;
  retryAfterMs?: number;
  global?: boolean;
}

export const ok = (body: object): Answer => ({ status: 200, body });
export const done: Answer = { status: 204 };

interface Parts {
  world: World;
  faults: Faults<InjectedError>;
  limiter: Limiter;
  routes: readonly Route[];
}

export function restApp(parts: Parts): Hono<{ Bindings: HttpBindings }> {
  const { world } = parts;
  const app = new Hono<{ Bindings: HttpBindings }>();
  for (const route of parts.routes) {
    app.on(route.method, `/api/v10${route.path}`, async (context) => {
      const { incoming, outgoing } = context.env;
      const recorded = record(world, `${route.method} ${route.path}`, incoming.url ?? '');
      const fault = parts.faults.take(recorded.route);
      const cut = (): Response => {
        outgoing.destroy();
        world.watch.changed();
        return RESPONSE_ALREADY_SENT;
      };
      if (fault === 'hang-up') return cut();
      const gone = new Promise<void>((resolve) => outgoing.once('close', () => resolve()));
      if (fault === 'stall') {
        recorded.files = (await bodyOf(incoming)).files;
        world.watch.changed();
        await gone;
        return RESPONSE_ALREADY_SENT;
      }
      const { status, body, headers } = await answered(parts, route, recorded, {
        incoming,
        param: (name) => context.req.param(name) ?? '',
        query: (name) => context.req.query(name),
        fault,
      });
      if (fault === 'lose-answer') return cut();
      if (fault === 'stall-answer') {
        world.watch.changed();
        await gone;
        return RESPONSE_ALREADY_SENT;
      }
      recorded.status = status;
      world.watch.changed();
      return new Response(body === undefined ? null : JSON.stringify(body), {
        status,
        headers: body === undefined ? headers : { 'content-type': 'application/json', ...headers },
      });
    });
  }
  app.notFound((context) => {
    const recorded = record(world, `${context.req.method} ${context.req.path}`, context.req.path);
    recorded.status = 404;
    world.record.blame(recorded.route, 'There is no such route here.');
    return context.json({ message: '404: Not Found', code: 0 }, 404);
  });
  return app;
}

interface Raw {
  incoming: HttpBindings['incoming'];
  param: (name: string) => string;
  query: (name: string) => string | undefined;
  fault: InjectedError | 'lose-answer' | 'stall-answer' | undefined;
}

async function answered(
  { world, limiter }: Parts,
  route: Route,
  recorded: RecordedRequest,
  raw: Raw,
): Promise<Answer & { headers: { [name: string]: string } }> {
  let headers: { [name: string]: string } = {};
  try {
    // Read first: an answer to half-sent files would break the connection instead of being seen.
    const { body, files } = await bodyOf(raw.incoming);
    recorded.body = body;
    recorded.files = files;
    if (typeof raw.fault === 'object') throw injected(raw.fault);
    if (route.open !== true && raw.incoming.headers.authorization !== `Bot ${world.token}`) throw unauthorized();
    if (raw.incoming.headers['user-agent']?.startsWith('DiscordBot (') !== true)
      world.record.blame(recorded.route, 'The User-Agent is not of the form "DiscordBot (URL, version)".');
    headers = limiter.pass(recorded.route, raw.param('channel') + raw.param('token'));
    return { ...(await route.answer({ param: raw.param, query: raw.query, body, files })), headers };
  } catch (error) {
    if (error instanceof CutBody) return { status: 400, headers };
    if (!(error instanceof DiscordRefusal)) throw error;
    // An injected error is the test's doing, not the bot's.
    if (error.blame === 'bot' && typeof raw.fault !== 'object')
      world.record.blame(recorded.route, `${error.code} ${error.message} ${JSON.stringify(error.errors ?? {})}`);
    return { status: error.status, body: error.body(), headers: { ...headers, ...error.headers } };
  }
}

function record(world: World, route: string, path: string): RecordedRequest {
  const recorded = { route, path, body: undefined, files: [], status: 0, atMs: world.clock.now() };
  world.record.requests.push(recorded);
  return recorded;
}

async function bodyOf(incoming: HttpBindings['incoming']): Promise<Pick<Call, 'body' | 'files'>> {
  try {
    const { json, fields, files } = await readBody(incoming);
    const payload = fields.get('payload_json');
    const unnamed = [...fields.keys()].filter((name) => name !== 'payload_json');
    if (unnamed.length > 0) throw new UnreadableBody(`Unexpected form field ${unnamed[0]}.`);
    return { body: payload === undefined ? json : parsedJson(payload), files };
  } catch (error) {
    if (error instanceof UnreadableBody)
      throw new DiscordRefusal(400, 50_109, 'The request body contains invalid JSON.');
    throw error;
  }
}

function injected({ status, code = 0, message = '', retryAfterMs, global = false }: InjectedError): DiscordRefusal {
  return retryAfterMs === undefined ? new DiscordRefusal(status, code, message) : tooManyRequests(retryAfterMs, global);
}
