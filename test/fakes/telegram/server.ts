import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { CutBody, readBody, UnreadableBody } from '../wire/body.ts';
import { sendBytes } from '../wire/bytes.ts';
import type { Faults } from '../wire/faults.ts';
import type { RecordedRequest } from '../wire/record.ts';
import { badRequest, TelegramRefusal, tooManyRequests } from './errors.ts';
import type { Flood } from './flood.ts';
import { allMethods } from './methods/index.ts';
import type { Method } from './methods/index.ts';
import { Params } from './params.ts';
import type { World } from './world.ts';

/** An error that a test makes a method answer with. `retryAfterS` makes it a 429. */
export interface InjectedError {
  code: number;
  description?: string;
  retryAfterS?: number;
}

/** Answers `/bot<token>/<method>` and `/file/bot<token>/<path>`. */
export function botApi(world: World, flood: Flood, faults: Faults<InjectedError>): RequestListener {
  const methods = allMethods(world);
  return (request, response) => {
    const url = new URL(request.url ?? '/', 'http://telegram');
    const [, kind, rest] = /^\/(file\/)?bot(.*)$/.exec(url.pathname) ?? [];
    const [token, ...path] = (rest ?? '').split('/');
    const recorded = { route: '', path: url.pathname, body: undefined, files: [], status: 0, atMs: world.clock.now() };
    world.record.requests.push(recorded);
    // A path keeps the token out of what tests print.
    recorded.path = url.pathname.replace(token ?? '', '<token>');
    const served =
      kind === undefined
        ? answerCall(
            { world, flood, faults, methods },
            { request, response, url, recorded, token, name: path.join('/') },
          )
        : sendFile(world, response, recorded, token, path.join('/'));
    void served.finally(() => world.watch.changed());
  };
}

async function sendFile(
  world: World,
  response: ServerResponse,
  recorded: RecordedRequest,
  token: string | undefined,
  path: string,
): Promise<void> {
  recorded.route = 'file';
  const file = world.files.atPath(path);
  const found = token === world.token && file !== undefined && file.linkUntilMs > world.clock.now();
  recorded.status = found ? (file.misbehaviour.status ?? 200) : token === world.token ? 404 : 401;
  if (!found) return answerJson(response, recorded.status, new TelegramRefusal(recorded.status, 'Not Found').body());
  await sendBytes(response, file.bytes, 'application/octet-stream', file.misbehaviour);
}

interface Parts {
  world: World;
  flood: Flood;
  faults: Faults<InjectedError>;
  methods: Map<string, Method & { name: string }>;
}

interface Incoming {
  request: IncomingMessage;
  response: ServerResponse;
  url: URL;
  recorded: RecordedRequest;
  token: string | undefined;
  name: string;
}

async function answerCall(parts: Parts, incoming: Incoming): Promise<void> {
  const { request, response, recorded } = incoming;
  const method = parts.methods.get(incoming.name.toLowerCase());
  recorded.route = method?.name ?? incoming.name;
  const gone = new AbortController();
  const end = new Promise<void>((resolve) => response.once('close', resolve));
  response.on('close', () => gone.abort());
  const fault = parts.faults.take(recorded.route);
  if (fault === 'hang-up') {
    request.destroy();
    return;
  }
  if (fault === 'stall') {
    recorded.files = new Params(incoming.url.searchParams, await readBody(request)).files;
    parts.world.watch.changed();
    return end;
  }
  const { status, body } = await outcome(parts, incoming, method, gone.signal, fault);
  if (fault === 'stall-answer') {
    parts.world.watch.changed();
    return end;
  }
  recorded.status = fault === 'lose-answer' ? 0 : status;
  if (fault === 'lose-answer') response.destroy();
  else answerJson(response, status, body);
}

async function outcome(
  { world, flood }: Parts,
  { request, url, recorded, token }: Incoming,
  method: Method | undefined,
  gone: AbortSignal,
  fault: InjectedError | 'lose-answer' | 'stall-answer' | undefined,
): Promise<{ status: number; body: object }> {
  try {
    const params = new Params(url.searchParams, await readBody(request));
    recorded.body = Object.fromEntries(params.values);
    recorded.files = params.files;
    if (typeof fault === 'object') throw injected(fault);
    if (token !== world.token) throw new TelegramRefusal(401, 'Unauthorized');
    if (method === undefined) throw new TelegramRefusal(404, 'Not Found: method not found');
    if (method.messages !== undefined) flood.pass(world.openChat(params), method.messages(params));
    const result = await method.answer({ params, gone });
    if (params.unused.length > 0)
      world.record.blame(recorded.route, `Parameters without effect: ${params.unused.join(', ')}`);
    return { status: 200, body: { ok: true, result } };
  } catch (error) {
    if (error instanceof CutBody) return { status: 400, body: {} };
    const refusal = error instanceof UnreadableBody ? badRequest("can't parse request body") : error;
    if (!(refusal instanceof TelegramRefusal)) throw error;
    if (refusal.blame === 'bot' && typeof fault !== 'object') world.record.blame(recorded.route, refusal.message);
    return { status: refusal.code, body: refusal.body() };
  }
}

function injected({ code, description = 'injected', retryAfterS }: InjectedError): TelegramRefusal {
  return retryAfterS === undefined ? new TelegramRefusal(code, description) : tooManyRequests(retryAfterS);
}

function answerJson(response: ServerResponse, status: number, body: object): void {
  if (!response.destroyed) response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
