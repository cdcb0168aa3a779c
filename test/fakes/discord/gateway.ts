import { randomBytes } from 'node:crypto';
import type { Server } from 'node:http';
import { WebSocketServer } from 'ws';
import type { WebSocket } from 'ws';
import { z } from 'zod';
import { accountPayload, guildPayload } from './payloads.ts';
import type { World } from './world.ts';

/** GUILD_MEMBERS, GUILD_PRESENCES, MESSAGE_CONTENT. */
const privileged = (1 << 1) | (1 << 8) | (1 << 15);
const messageContent = 1 << 15;
const guildsIntent = 1;

const incoming = z.object({ op: z.int(), d: z.unknown().optional() });
const identify = z.object({
  token: z.string(),
  intents: z.int(),
  properties: z.object({ os: z.string(), browser: z.string(), device: z.string() }),
  shard: z.tuple([z.int(), z.int()]).optional(),
});
const resume = z.object({ token: z.string(), session_id: z.string(), seq: z.int() });

interface Session {
  id: string;
  intents: number;
  shard: readonly [number, number];
  /** Everything dispatched, for RESUME; `s` of an entry is its index + 1. */
  events: { t: string; d: object }[];
  socket: WebSocket | undefined;
}

/** The WebSocket side. discord.com/developers/docs/events/gateway */
export class Gateway {
  /** How often each happened. */
  readonly seen = { identify: 0, resume: 0, heartbeat: 0 };
  readonly #world: World;
  readonly #sessions = new Map<string, Session>();
  readonly #server = new WebSocketServer({ noServer: true });
  readonly #heartbeatMs: number;
  #url = '';

  constructor(world: World, heartbeatMs: number) {
    this.#world = world;
    this.#heartbeatMs = heartbeatMs;
  }

  open(server: Server, port: number): void {
    this.#url = `ws://127.0.0.1:${port}`;
    server.on('upgrade', (request, socket, head) =>
      this.#server.handleUpgrade(request, socket, head, (client) => this.#greet(client, request.url ?? '')),
    );
    this.#world.dispatch = (event, data, intents, guildId) => this.#dispatch(event, data, intents, guildId);
  }

  close(): void {
    for (const client of this.#server.clients) client.terminate();
    this.#server.close();
  }

  get url(): string {
    return this.#url;
  }

  get connected(): boolean {
    return [...this.#sessions.values()].some((session) => session.socket !== undefined);
  }

  /**
   * - `cut`: the connection dies without a close frame; the session can be resumed.
   * - `reconnect`: the server asks for it (op 7).
   * - `refuse`: the token counts no more, and clients must not come back.
   * - `invalidate`: cut, and RESUME is answered with INVALID_SESSION, so that the client identifies anew and events in between are lost.
   */
  drop(how: 'cut' | 'reconnect' | 'invalidate' | 'refuse' = 'cut'): void {
    for (const session of this.#sessions.values()) {
      const { socket } = session;
      if (how === 'reconnect' && socket !== undefined) this.#send(socket, 7, null);
      else if (how === 'refuse') socket?.close(4004, 'Authentication failed');
      else socket?.terminate();
      if (how !== 'reconnect') session.socket = undefined;
    }
    if (how === 'invalidate') this.#sessions.clear();
  }

  #greet(socket: WebSocket, url: string): void {
    const query = new URL(url, 'ws://gateway').searchParams;
    if (query.get('v') !== '10') return socket.close(4012, 'Invalid API version');
    if (query.get('encoding') !== 'json') return socket.close(4002, 'This gateway speaks JSON');
    socket.on('error', () => socket.terminate());
    socket.on('close', () => {
      for (const session of this.#sessions.values()) if (session.socket === socket) session.socket = undefined;
    });
    socket.on('message', (raw) => this.#hear(socket, Buffer.isBuffer(raw) ? raw.toString('utf8') : ''));
    this.#send(socket, 10, { heartbeat_interval: this.#heartbeatMs });
  }

  #hear(socket: WebSocket, raw: string): void {
    let message: z.output<typeof incoming>;
    try {
      message = incoming.parse(JSON.parse(raw));
    } catch {
      return this.#fail(socket, 4002, 'Decode error');
    }
    const session = [...this.#sessions.values()].find((one) => one.socket === socket);
    if (message.op === 1) {
      this.seen.heartbeat += 1;
      this.#send(socket, 11, null);
    } else if (message.op === 2) {
      if (session !== undefined) return this.#fail(socket, 4005, 'Already authenticated');
      this.#identify(socket, message.d);
    } else if (message.op === 6) this.#resume(socket, message.d);
    else if (session === undefined) this.#fail(socket, 4003, 'Not authenticated');
    else if (![3, 4, 8, 31].includes(message.op)) this.#fail(socket, 4001, 'Unknown opcode');
    this.#world.watch.changed();
  }

  #identify(socket: WebSocket, data: unknown): void {
    this.seen.identify += 1;
    const result = identify.safeParse(data);
    if (!result.success) return this.#fail(socket, 4002, 'Decode error');
    const { token, intents, shard = [0, 1] } = result.data;
    if (token !== this.#world.token) return this.#fail(socket, 4004, 'Authentication failed');
    if (shard[0] >= shard[1]) return this.#fail(socket, 4010, 'Invalid shard');
    const permitted = this.#world.messageContent ? messageContent : 0;
    if ((intents & privileged & ~permitted) !== 0) return this.#fail(socket, 4014, 'Disallowed intents');
    const session: Session = { id: randomBytes(16).toString('hex'), intents, shard, events: [], socket };
    this.#sessions.set(session.id, session);
    const guilds = [...this.#world.guilds.values()].filter(
      (guild) => guild.botInside && shardOf(guild.id, shard[1]) === shard[0],
    );
    this.#deliver(session, 'READY', {
      v: 10,
      user: accountPayload(this.#world.bot),
      guilds: guilds.map(({ id }) => ({ id, unavailable: true })),
      session_id: session.id,
      resume_gateway_url: this.#url,
      shard,
      application: { id: this.#world.bot.id, flags: 0 },
    });
    if ((intents & guildsIntent) === 0) return;
    for (const guild of guilds) this.#deliver(session, 'GUILD_CREATE', guildPayload(this.#world, guild));
  }

  #resume(socket: WebSocket, data: unknown): void {
    this.seen.resume += 1;
    const result = resume.safeParse(data);
    if (!result.success) return this.#fail(socket, 4002, 'Decode error');
    const session = this.#sessions.get(result.data.session_id);
    if (result.data.token !== this.#world.token) return this.#fail(socket, 4004, 'Authentication failed');
    if (session === undefined) return this.#send(socket, 9, false);
    if (result.data.seq > session.events.length) return this.#fail(socket, 4007, 'Invalid seq');
    session.socket = socket;
    for (const [index, event] of session.events.entries())
      if (index >= result.data.seq) this.#send(socket, 0, event.d, index + 1, event.t);
    this.#deliver(session, 'RESUMED', {});
  }

  #dispatch(event: string, data: object, intents: number, guildId: string | undefined): void {
    for (const session of this.#sessions.values()) {
      const mine = shardOf(guildId ?? '0', session.shard[1]) === session.shard[0];
      if (!mine || (intents !== 0 && (session.intents & intents) === 0)) continue;
      const isAct = event === 'INTERACTION_CREATE' || event === 'MESSAGE_CREATE';
      for (let telling = 0; telling < (isAct ? this.#world.tellings : 1); telling++)
        this.#deliver(session, event, data);
    }
  }

  #deliver(session: Session, t: string, d: object): void {
    session.events.push({ t, d });
    if (session.socket !== undefined) this.#send(session.socket, 0, d, session.events.length, t);
  }

  #send(socket: WebSocket, op: number, d: unknown, s: number | null = null, t: string | null = null): void {
    if (socket.readyState === socket.OPEN) socket.send(JSON.stringify({ op, d, s, t }));
  }

  #fail(socket: WebSocket, code: number, reason: string): void {
    this.#world.record.blame('gateway', `${code} ${reason}`);
    socket.close(code, reason);
  }
}

function shardOf(guildId: string, shards: number): number {
  return Number((BigInt(guildId) >> 22n) % BigInt(shards));
}
