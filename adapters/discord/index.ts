/** Discord: one client, what people do in it as acts, and the messages of jobs. */
import { Client, GatewayIntentBits, Options, Partials, type RateLimitData, REST, type RESTOptions } from 'discord.js';
import type { HandleAct } from '../../commands/contract/chat.ts';
import type { Outgoing, PostOptions, PostResult, PostTarget } from '../../commands/contract/outgoing.ts';
import type { Reply } from '../../commands/contract/reply.ts';
import type { Language, Words } from '../../commands/languages/languages.ts';
import { progressMessage, resultMessage } from '../../commands/result-message.ts';
import { commandTable } from '../../commands/table.ts';
import { Refusal } from '../../src/errors.ts';
import type { Adapter, Address, Connection, Content, DeliverResult, JobProgress } from '../../src/jobs/adapter.ts';
import { UnderWay } from '../../src/jobs/under-way.ts';
import { type Log, redact } from '../../src/log.ts';
import type { ChatParts } from './chat.ts';
import { logIn, watchConnection } from './connection.ts';
import { usualUploadBytes } from './direct.ts';
import { cdnOrigins } from './files.ts';
import { listen, stopListening } from './listen.ts';
import { Messages, nonceOf, outcomeOf, Passes, type Place, placeOf, post, privateChat } from './messages.ts';
import { registerCommands, registrationsOf } from './register.ts';
import { renderMessage } from './render.ts';
import { GuildRights } from './rights.ts';
import { DiscordTrouble, openWire, sendWhole } from './wire.ts';

export interface DiscordOptions {
  readonly token: string;
  /** As in DISCORD_API_URL: `https://discord.com/api`. */
  readonly apiUrl: string;
  /** As in DISCORD_CDN_ORIGINS. */
  readonly cdnOrigins: readonly string[];
  /** For one photo. */
  readonly downloadTimeoutMs: number;
  readonly wordsOf: (language: Language) => Words;
  /** How long a job that is asked for now is expected to take: where the bot is absent, it must not be too long. */
  readonly expectedWaitMs: () => number;
  /** When an act that was not answered yet is deferred; 1.5 s where absent. */
  readonly deferAfterMs?: number | undefined;
  /** What acts under way get to end at `close`. */
  readonly drainMs: number;
  /** Now, in Unix ms. */
  readonly clock: () => number;
  readonly log: Log;
}

/** Discord waits 3 s for the first answer, the way there and back included. */
const usualDeferAfterMs = 1500;

/** Takes deliveries from the start, acts after `start`. */
export class DiscordAdapter implements Adapter, Outgoing {
  readonly platform = 'discord';
  readonly #options: DiscordOptions;
  readonly #client: Client;
  readonly #interactions: REST;
  readonly #parts: ChatParts;
  readonly #connection: () => Connection;
  readonly #closing = new AbortController();
  readonly #underWay = new UnderWay();
  /** Why there was no login. */
  #refused: string | undefined;

  /** @throws Refusal `config` */
  constructor(options: DiscordOptions) {
    const { token, apiUrl, clock, downloadTimeoutMs, expectedWaitMs, deferAfterMs = usualDeferAfterMs } = options;
    const downloads = { origins: cdnOrigins(options.cdnOrigins), timeoutMs: downloadTimeoutMs };
    const restOptions: Partial<RESTOptions> = {
      api: apiUrl,
      retries: 0,
      // Discord's own word in whole seconds is waited for, not more.
      offset: 0,
      rejectOnRateLimit: isWithoutInteraction,
      makeRequest: sendWhole,
    };
    this.#options = options;
    this.#client = new Client({
      // Interactions come without any intent; guilds tell where the bot is at home, and which channels are threads.
      // Private messages bring their words without the privileged intent for contents.
      intents: [GatewayIntentBits.Guilds, GatewayIntentBits.DirectMessages],
      // A private chat is not there before somebody writes in it.
      partials: [Partials.Channel],
      allowedMentions: { parse: [] },
      shards: 'auto',
      makeCache: Options.cacheWithLimits({ ...Options.DefaultMakeCacheSettings, MessageManager: 0 }),
      rest: restOptions,
    });
    const closing = this.#closing.signal;
    this.#interactions = new REST({ ...restOptions, globalRequestsPerSecond: Infinity });
    const wire = openWire({ rest: this.#client.rest, interactions: this.#interactions, token, closing });
    const passes = new Passes(clock);
    const messages = new Messages(wire, passes);
    const rights = new GuildRights(this.#client, wire);
    this.#parts = { wire, passes, messages, rights, downloads, expectedWaitMs, closing, deferAfterMs };
    this.#connection = watchConnection(this.#client, {
      closing,
      onTrouble: (what, error) => this.#note(what, error),
      log: options.log,
    });
  }

  get connection(): Connection {
    return this.#refused === undefined ? this.#connection() : { kind: 'lost', sentence: this.#refused };
  }

  /**
   * Logs in and hands over what people do, until it is closed.
   * @throws Refusal `discord.token`; RemoteError where Discord cannot be reached.
   */
  async start(handle: HandleAct): Promise<void> {
    const { token, wordsOf, log } = this.#options;
    listen(this.#client, {
      handle,
      parts: this.#parts,
      wordsOf,
      underWay: this.#underWay,
      onFailed: (error) => this.#note('An act failed.', error),
    });
    try {
      await logIn(this.#client, { token, wire: this.#parts.wire, closing: this.#closing.signal, log });
    } catch (error) {
      this.#refused = error instanceof Error ? error.message : String(error);
      throw error;
    }
  }

  /**
   * Registers the commands where they changed.
   * @param last what the last call returned.
   * @throws RemoteError
   */
  register(last: string | undefined): Promise<string> {
    const commands = registrationsOf(commandTable, this.#options.wordsOf);
    return registerCommands(this.#parts.wire, commands, last, this.#closing.signal);
  }

  async post(target: PostTarget, reply: Reply, { key, signal }: PostOptions): Promise<PostResult> {
    const { wire } = this.#parts;
    return attempted(async () => {
      const rendered = await renderMessage(reply, usualUploadBytes);
      const chat =
        target.kind === 'person'
          ? await privateChat(wire, target.userId, signal)
          : (target.threadId ?? target.channelId);
      const message = await post(wire, chat, rendered, nonceOf(key, 0), signal);
      return { chat, message, isReachable: true, maxUploadBytes: usualUploadBytes };
    });
  }

  async edit(address: Address, reply: Reply, { signal }: { readonly signal: AbortSignal }): Promise<DeliverResult> {
    const place = placeOf(address);
    return attempted(async () => {
      await this.#parts.messages.edit(place, reply, signal);
      return receiptOf(place);
    });
  }

  linkTo(chatId: string, address: Address | undefined): string | undefined {
    // A private chat is a community too, and has no address that others could open.
    if (!this.#client.guilds.cache.has(chatId)) return undefined;
    const guild = `https://discord.com/channels/${chatId}`;
    if (address === undefined) return guild;
    const { chat, message } = placeOf(address);
    return `${guild}/${chat}/${message}`;
  }

  async remove(address: Address, { signal }: { readonly signal: AbortSignal }): Promise<DeliverResult> {
    const place = placeOf(address);
    return attempted(async () => {
      await this.#parts.messages.remove(place, signal);
      return receiptOf(place);
    });
  }

  /** With an interaction's own pass every message has limits of its own; without one the channel's count. */
  progressLane(address: Address): string {
    const { chat, message } = placeOf(address);
    return this.#parts.passes.of(message) === undefined ? chat : message;
  }

  async deliver(
    address: Address,
    content: Content,
    { signal }: { readonly signal: AbortSignal },
  ): Promise<DeliverResult> {
    return this.edit(address, resultMessage(content, address, this.#options.wordsOf), { signal });
  }

  async showProgress(
    address: Address,
    progress: JobProgress,
    { signal }: { readonly signal: AbortSignal },
  ): Promise<void> {
    const reply = progressMessage(progress, address, this.#options.wordsOf);
    await this.#parts.messages.edit(placeOf(address), reply, signal);
  }

  /** Takes no more acts, lets what is under way end for `drainMs`, then ends every call. */
  async close(): Promise<void> {
    stopListening(this.#client);
    await this.#underWay.drain(this.#options.drainMs);
    this.#closing.abort(new Error('The Discord adapter was closed.'));
    await this.#underWay.ended();
    await this.#client.destroy();
    this.#interactions.clearHandlerSweeper();
    this.#interactions.clearHashSweeper();
  }

  /** Of discord.js's errors only the message: the rest of them holds prompts and tokens. */
  #note(what: string, error: unknown): void {
    const reason = redact(error instanceof Error ? `${error.name}: ${error.message}` : 'unknown');
    this.#options.log.warn({ reason }, what);
  }
}

/** Whoever edits, posts or removes with the bot's own token knows better whether a pause is worth waiting for. */
function isWithoutInteraction({ method, route }: RateLimitData): boolean {
  return method === 'PATCH' || route.startsWith('/channels/') || route.startsWith('/users/@me/channels');
}

/** What a call comes to that Discord may refuse. */
async function attempted(call: () => Promise<Address>): Promise<PostResult> {
  try {
    return { kind: 'sent', receipt: await call() };
  } catch (error) {
    if (error instanceof DiscordTrouble) return outcomeOf(error);
    if (error instanceof Refusal) return { kind: 'never', code: 'out-of-reach', reason: error.message };
    throw error;
  }
}

function receiptOf({ chat, message }: Place): { readonly chat: string; readonly message: string } {
  return { chat, message };
}
