/** Discord: one client, what people do in it as acts, and the messages of jobs. */
import {
  Client,
  Events,
  GatewayIntentBits,
  type Interaction,
  type Message,
  Options,
  Partials,
  type RateLimitData,
  REST,
  type RESTOptions,
  Status,
} from 'discord.js';
import type { Act, Actor, Scene } from '../../commands/contract/act.ts';
import type { Chat } from '../../commands/contract/chat.ts';
import type { Outgoing, PostOptions, PostResult, PostTarget } from '../../commands/contract/outgoing.ts';
import type { Reply } from '../../commands/contract/reply.ts';
import type { Language, Words } from '../../commands/languages/languages.ts';
import { progressMessage, resultMessage } from '../../commands/result-message.ts';
import { commandTable } from '../../commands/table.ts';
import { Refusal, RemoteError } from '../../src/errors.ts';
import type { Adapter, Address, Connection, Content, DeliverResult, JobProgress } from '../../src/jobs/adapter.ts';
import { Turns } from '../../src/jobs/turns.ts';
import { type Log, redact } from '../../src/log.ts';
import { UnderWay } from '../under-way.ts';
import { type ChatParts, InteractionChat } from './chat.ts';
import { DirectChat, usualUploadBytes, written } from './direct.ts';
import { cdnOrigins } from './files.ts';
import { Messages, nonceOf, outcomeOf, Passes, type Place, placeOf, post, privateChat } from './messages.ts';
import { type Received, received } from './receive.ts';
import { namesByRegistration, registerCommands, registrationsOf } from './register.ts';
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

export type Handle = (act: Act, actor: Actor, scene: Scene, chat: Chat) => Promise<void>;

export interface DiscordAdapter extends Adapter, Outgoing {
  /**
   * Logs in and hands over what people do, until it is closed. Results are delivered before that, too.
   * @throws Refusal `discord.token`; RemoteError where Discord cannot be reached.
   */
  start(handle: Handle): Promise<void>;
  /**
   * Registers the commands where they changed.
   * @param last what the last call returned.
   * @throws RemoteError
   */
  register(last: string | undefined): Promise<string>;
}

/** @throws Refusal `config` */
export function openDiscord(options: DiscordOptions): DiscordAdapter {
  return new OpenDiscord(options);
}

/** Discord waits 3 s for the first answer, the way there and back included. */
const usualDeferAfterMs = 1500;

class OpenDiscord implements DiscordAdapter {
  readonly platform = 'discord';
  readonly #options: DiscordOptions;
  readonly #client: Client;
  readonly #interactions: REST;
  readonly #parts: ChatParts;
  readonly #closing = new AbortController();
  readonly #turns = new Turns();
  readonly #underWay = new UnderWay();
  #lost: string | undefined;

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
    this.#listen();
  }

  get connection(): Connection {
    if (this.#lost !== undefined) return { kind: 'lost', sentence: this.#lost };
    const { shards } = this.#client.ws;
    const isUp = this.#client.isReady() && shards.every(({ status }) => status === Status.Ready);
    return { kind: isUp ? 'up' : 'down' };
  }

  async start(handle: Handle): Promise<void> {
    const nameOf = namesByRegistration(commandTable, this.#options.wordsOf);
    const { downloads } = this.#parts;
    this.#client.on(Events.InteractionCreate, (interaction: Interaction) => {
      const it = received(interaction, { downloads, nameOf });
      if (it === undefined) return;
      const chat = new InteractionChat(it.origin, this.#parts);
      const handled = this.#handle(handle, it, chat);
      this.#underWay.add(handled.catch((error: unknown) => this.#note('An act failed.', error)));
    });
    this.#client.on(Events.MessageCreate, (message: Message) => {
      const it = written(message, downloads);
      if (it === undefined) return;
      const chat = new DirectChat(it, this.#parts);
      // A photo, then the words for it.
      const handled = this.#turns.take(it.actor.userId, async () => handle(it.act, it.actor, it.scene, chat));
      this.#underWay.add(handled.catch((error: unknown) => this.#note('An act failed.', error)));
    });
    const isReady = new Promise<void>((resolve) => this.#client.once(Events.ClientReady, () => resolve()));
    try {
      await this.#client.login(this.#options.token);
    } catch (error) {
      throw loginTrouble(error);
    }
    const closed = Promise.withResolvers<never>();
    const onClose = (): void => closed.reject(this.#closing.signal.reason);
    this.#closing.signal.addEventListener('abort', onClose, { once: true });
    await Promise.race([isReady, closed.promise]);
    this.#closing.signal.removeEventListener('abort', onClose);
  }

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

  async remove(address: Address, { signal }: { readonly signal: AbortSignal }): Promise<DeliverResult> {
    const place = placeOf(address);
    return attempted(async () => {
      await this.#parts.messages.remove(place, signal);
      return receiptOf(place);
    });
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
    this.#client.removeAllListeners(Events.InteractionCreate);
    this.#client.removeAllListeners(Events.MessageCreate);
    await this.#underWay.drain(this.#options.drainMs);
    this.#closing.abort(new Error('The Discord adapter was closed.'));
    await this.#underWay.ended();
    await this.#client.destroy();
    this.#interactions.clearHandlerSweeper();
    this.#interactions.clearHashSweeper();
  }

  async #handle(handle: Handle, { act, actor, scene }: Received, chat: InteractionChat): Promise<void> {
    try {
      await handle(act, actor, scene, chat);
    } finally {
      await chat.settle();
    }
  }

  #listen(): void {
    const { log } = this.#options;
    this.#client.on(Events.Error, (error) => this.#note('Discord had trouble.', error));
    this.#client.on(Events.ShardError, (error) => this.#note('The connection to Discord had trouble.', error));
    this.#client.on(Events.ShardDisconnect, ({ code }) => {
      if (this.#closing.signal.aborted) return;
      this.#lost = `Discord ended the connection for good (${code}); check \`DISCORD_TOKEN\` and start cowbot again.`;
      log.error({ platform: this.platform, code }, 'Discord ended the connection for good.');
    });
    this.#client.on(Events.ShardResume, () => log.info('Connected to Discord again.'));
    this.#client.on(Events.Invalidated, () => {
      this.#lost = 'Discord no longer accepts this session; start cowbot again.';
      log.error({ platform: this.platform }, 'Discord no longer accepts this session.');
    });
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

function loginTrouble(error: unknown): Error {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'TokenInvalid' || (error instanceof Error && 'status' in error && error.status === 401)) {
    return new Refusal(
      'discord.token',
      'Discord does not accept `DISCORD_TOKEN`: copy it anew from https://discord.com/developers/applications (Bot, Reset Token).',
    );
  }
  return new RemoteError('discord', 'Discord could not be reached for the login.');
}
