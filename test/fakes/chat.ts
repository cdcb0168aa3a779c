import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * A chat platform of the smallest kind, over HTTP on loopback: people ask, a bot posts a placeholder and edits it. It
 * remembers what was ever shown, so that a test can tell whether a result came once.
 */
export interface Chat {
  readonly origin: string;
  readonly close: () => Promise<void>;
}

/** How a chat treats edits. `stuck` never answers; `deaf` takes the edit and never answers. */
export type ChatMode =
  | { readonly kind: 'ok' }
  | { readonly kind: 'busy'; readonly times: number; readonly retryAfterMs: number }
  | { readonly kind: 'gone' }
  | { readonly kind: 'stuck'; readonly times: number }
  | { readonly kind: 'deaf'; readonly times: number };

/** What a message shows. `job` is set in results, with the SHA-256 of each picture. */
export interface Shown {
  readonly text: string;
  readonly job?: string;
  readonly state?: string;
  readonly pictures?: readonly string[];
}

/** @property results every different result that the message ever showed, as JSON. */
export interface Message {
  readonly id: string;
  readonly chat: string;
  readonly nonce: string;
  shown: Shown;
  edits: number;
  readonly results: string[];
}

/** Something that a person said; a bot that does not confirm it hears it again. */
export interface Update {
  readonly id: number;
  readonly chat: string;
  readonly user: string;
  readonly body: unknown;
}

export async function startChat(): Promise<Chat> {
  const rooms = new Rooms();
  const server = createServer((request, response) => {
    void answer(rooms, request, response).catch((error: unknown) => {
      response.writeHead(500).end(String(error));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

class Rooms {
  readonly messages = new Map<string, Message>();
  readonly modes = new Map<string, ChatMode>();
  readonly updates: Update[] = [];
  confirmedUpTo = 0;

  post(chat: string, nonce: string, text: string): Message {
    for (const message of this.messages.values()) if (nonce !== '' && message.nonce === nonce) return message;
    const id = `m${this.messages.size + 1}`;
    const message: Message = { id, chat, nonce, shown: { text }, edits: 0, results: [] };
    this.messages.set(id, message);
    return message;
  }

  edit(message: Message, shown: Shown): void {
    message.edits++;
    message.shown = shown;
    const result = JSON.stringify(shown);
    if (shown.job !== undefined && !message.results.includes(result)) message.results.push(result);
  }

  /** The mode for this call: one that counts its calls turns to `ok` in the end. */
  modeFor(chat: string): ChatMode {
    const mode = this.modes.get(chat) ?? { kind: 'ok' };
    if ('times' in mode) this.modes.set(chat, mode.times > 1 ? { ...mode, times: mode.times - 1 } : { kind: 'ok' });
    return mode;
  }
}

async function answer(rooms: Rooms, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://chat');
  const body = request.method === 'POST' ? await readJson(request) : noBody;
  const reply = (status: number, value: unknown) =>
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
  switch (pathname) {
    case '/post':
      return void reply(200, rooms.post(body.chat, body.nonce, body.text));
    case '/edit':
      return editMessage(rooms, body, reply);
    case '/mode':
      rooms.modes.set(body.chat, body.mode);
      return void reply(200, {});
    case '/say':
      for (const update of body.updates) rooms.updates.push({ ...update, id: rooms.updates.length + 1 });
      return void reply(200, {});
    case '/updates':
      return void reply(200, rooms.updates.slice(rooms.confirmedUpTo, rooms.confirmedUpTo + 20));
    case '/confirm':
      rooms.confirmedUpTo = Math.max(rooms.confirmedUpTo, body.id);
      return void reply(200, {});
    case '/messages':
      return void reply(
        200,
        [...rooms.messages.values()].filter(({ chat }) => [null, chat].includes(searchParams.get('chat'))),
      );
    case '/confirmed':
      return void reply(200, { upTo: rooms.confirmedUpTo, of: rooms.updates.length });
    default:
      reply(404, {});
  }
}

/** What a client sends: the two that talk to this chat are in this folder, and it trusts them. */
interface Body {
  readonly chat: string;
  readonly nonce: string;
  readonly text: string;
  readonly message: string;
  readonly shown: Shown;
  readonly mode: ChatMode;
  readonly id: number;
  readonly updates: readonly Omit<Update, 'id'>[];
}
const noBody = {} as Body;

type Reply = (status: number, value: unknown) => unknown;

function editMessage(rooms: Rooms, { chat, message: id, shown }: Body, reply: Reply): void {
  const mode = rooms.modeFor(chat);
  const message = rooms.messages.get(id);
  switch (mode.kind) {
    case 'stuck':
      return;
    case 'busy':
      reply(429, { retryAfterMs: mode.retryAfterMs });
      return;
    case 'gone':
      reply(410, { error: 'The chat was deleted.' });
      return;
    case 'deaf':
      if (message !== undefined) rooms.edit(message, shown);
      return;
    case 'ok':
      if (message === undefined) return void reply(404, { error: 'There is no such message.' });
      rooms.edit(message, shown);
      reply(200, { message: id });
  }
}

async function readJson(request: IncomingMessage): Promise<Body> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return JSON.parse(Buffer.concat(chunks).toString()) as Body;
}
