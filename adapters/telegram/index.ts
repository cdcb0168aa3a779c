/** Telegram by way of grammY: the bot's lifecycle, and the jobs' adapter to it. */
import { autoRetry } from '@grammyjs/auto-retry';
import type { RunnerHandle } from '@grammyjs/runner';
import { Api, Bot } from 'grammy';
import type { Update } from 'grammy/types';
import type { HandleAct } from '../../commands/contract/chat.ts';
import type { Outgoing, PostOptions, PostResult, PostTarget } from '../../commands/contract/outgoing.ts';
import type { Reply } from '../../commands/contract/reply.ts';
import type { Language, Words } from '../../commands/languages/languages.ts';
import { progressMessage, resultMessage } from '../../commands/result-message.ts';
import type { Adapter, Address, Connection, Content, DeliverResult, JobProgress } from '../../src/jobs/adapter.ts';
import { UnderWay } from '../../src/jobs/under-way.ts';
import type { Log } from '../../src/log.ts';
import { Albums } from './albums.ts';
import { clientSignal, errorText, outcomeOf, remoteError, successorOf } from './calls.ts';
import { fileOpener, type OpenFile } from './files.ts';
import { listen, noteFailed, type Told } from './listen.ts';
import { addressAt, edit, type Place, placeOf, post, remove, targetOf } from './messages.ts';
import { ProgressEdits } from './progress.ts';
import { updateKinds } from './receive.ts';
import { register } from './register.ts';
import { minding, poll, takeWebhook, type UpdateSource } from './updates.ts';

export type { UpdateSource } from './updates.ts';

export interface TelegramOptions {
  readonly token: string;
  /** `https://api.telegram.org`, or a local Bot API server. */
  readonly apiUrl: string;
  readonly updates: UpdateSource;
  readonly wordsOf: (language: Language) => Words;
  /**
   * A job's message could not be edited, because its group became a supergroup, where messages have other ids; from now on
   * it stands at `to`. To be stored, or the next delivery posts it once more.
   */
  readonly messageMoved: (from: Address, to: Address) => Promise<void>;
  /** A group became a supergroup, whose id is another. May be told more than once. */
  readonly chatMoved: (fromChatId: string, toChatId: string) => Promise<void>;
  /**
   * The folder of a local Bot API server in its `--local` mode, which names files on its own disk instead of sending them
   * (https://github.com/tdlib/telegram-bot-api#usage); undefined: files come over the wire.
   */
  readonly localFilesDir?: string | undefined;
  /** For one photo. */
  readonly downloadTimeoutMs: number;
  /** After the last picture of an album. */
  readonly albumWaitMs: number;
  /** What acts under way get to end at `close`. */
  readonly drainMs: number;
  /** Now, in Unix ms. */
  readonly clock: () => number;
  readonly log: Log;
}

const callTimeoutS = 60;
/** After which the operator hears that the service does not answer at the start. */
const slowStartMs = 5_000;

/** Takes deliveries from the start, acts after `start`. */
export class TelegramAdapter implements Adapter, Outgoing {
  readonly platform = 'telegram';
  readonly #options: TelegramOptions;
  readonly #bot: Bot<Told>;
  /** For deliveries and progress, which have their own way of trying again. */
  readonly #once: Api;
  readonly #open: OpenFile;
  readonly #albums: Albums;
  readonly #progress: ProgressEdits;
  readonly #closing = new AbortController();
  readonly #underWay = new UnderWay();
  #connection: Connection = { kind: 'down' };
  #runner: RunnerHandle | undefined;

  constructor(options: TelegramOptions) {
    const { token, albumWaitMs, clock, localFilesDir, downloadTimeoutMs } = options;
    const apiUrl = options.apiUrl.replace(/\/+$/, '');
    const client = { apiRoot: apiUrl, timeoutSeconds: callTimeoutS };
    this.#options = options;
    this.#bot = new Bot<Told>(token, { client });
    this.#bot.api.config.use(minding((connection) => this.#heard(connection)));
    // A call that may have got through is not repeated: a second message is worse than none.
    this.#bot.api.config.use(autoRetry({ maxDelaySeconds: 5, maxRetryAttempts: 2, rethrowHttpErrors: true }));
    this.#once = new Api(token, client);
    this.#open = fileOpener({ api: this.#bot.api, token, apiUrl, localFilesDir, downloadTimeoutMs });
    this.#albums = new Albums(albumWaitMs);
    this.#progress = new ProgressEdits(this.#once, clock);
  }

  /** Sets the menus of commands, and takes updates from now on. @throws RemoteError where the token is not valid. */
  async start(handle: HandleAct): Promise<void> {
    const { updates, log } = this.#options;
    const stop = clientSignal(this.#closing.signal);
    listen(this.#bot, {
      ...this.#options,
      handle,
      albums: this.#albums,
      open: this.#open,
      underWay: this.#underWay,
      closing: this.#closing.signal,
    });
    const slow = setTimeout(() => {
      log.warn({ platform: this.platform }, 'Telegram does not answer yet; it is asked again and again.');
    }, slowStartMs);
    try {
      await this.#bot.init(stop).finally(() => clearTimeout(slow));
      this.#underWay.add(this.#register());
      if (updates.kind === 'polling') {
        this.#runner = await poll(this.#bot, this.#closing.signal, (connection) => this.#heard(connection));
      } else {
        const more = { secret_token: updates.secret, allowed_updates: updateKinds };
        await this.#bot.api.setWebhook(updates.url, more, stop);
        this.#connection = { kind: 'up' };
      }
    } catch (error) {
      this.#connection = { kind: 'lost', sentence: errorText(error) };
      throw remoteError(error);
    }
    log.info({ platform: this.platform, bot: this.#bot.botInfo.username, updates: updates.kind }, 'Telegram is on');
  }

  get connection(): Connection {
    return this.#connection;
  }

  /** A request of the service to the webhook's address. */
  async webhook(request: Request): Promise<Response> {
    const { updates } = this.#options;
    if (updates.kind !== 'webhook' || !this.#bot.isInited() || this.#closing.signal.aborted) {
      return new Response(null, { status: 503 });
    }
    return takeWebhook(request, updates.secret, (update) => this.#underWay.add(this.#take(update)));
  }

  async deliver(
    address: Address,
    content: Content,
    { signal }: { readonly signal: AbortSignal },
  ): Promise<DeliverResult> {
    this.#progress.forget(placeOf(address));
    return this.edit(address, resultMessage(content, address, this.#options.wordsOf), { signal });
  }

  async showProgress(
    address: Address,
    progress: JobProgress,
    { signal }: { readonly signal: AbortSignal },
  ): Promise<void> {
    const stop = AbortSignal.any([signal, this.#closing.signal]);
    const reply = progressMessage(progress, address, this.#options.wordsOf);
    try {
      await this.#progress.show(placeOf(address), progress, reply, stop);
    } catch (error) {
      stop.throwIfAborted();
      throw remoteError(error);
    }
  }

  /** The Bot API knows no keys: a repeated call posts once more. */
  async post(target: PostTarget, reply: Reply, { signal }: PostOptions): Promise<PostResult> {
    const to = targetOf(target);
    return this.#attempt(signal, async (stop) => addressAt(await post(this.#once, to, reply, stop)));
  }

  async edit(address: Address, reply: Reply, { signal }: { readonly signal: AbortSignal }): Promise<DeliverResult> {
    const at = placeOf(address);
    return this.#attempt(signal, async (stop) => addressAt(await this.#editOrPost(at, address, reply, stop)));
  }

  /** Only supergroups give their messages addresses (https://core.telegram.org/api/links#message-links). */
  linkTo(chatId: string, address: Address | undefined): string | undefined {
    const [, supergroup] = /^-100(\d+)$/.exec(chatId) ?? [];
    if (supergroup === undefined || address === undefined) return undefined;
    return `https://t.me/c/${supergroup}/${placeOf(address).messageId}`;
  }

  async remove(address: Address, { signal }: { readonly signal: AbortSignal }): Promise<DeliverResult> {
    const at = placeOf(address);
    return this.#attempt(signal, async (stop) => {
      await remove(this.#once, at, stop);
      return addressAt(at);
    });
  }

  /** What a call comes to that the service may refuse. */
  async #attempt(signal: AbortSignal, call: (stop: AbortSignal) => Promise<Address>): Promise<PostResult> {
    const stop = AbortSignal.any([signal, this.#closing.signal]);
    try {
      return { kind: 'sent', receipt: await call(stop) };
    } catch (error) {
      stop.throwIfAborted();
      return outcomeOf(error);
    }
  }

  /** Takes no more updates, lets what is under way end for `drainMs`, then ends every call. */
  async close(): Promise<void> {
    const runner = this.#runner;
    this.#runner = undefined;
    this.#albums.close();
    if (runner?.isRunning() === true) this.#underWay.add(runner.stop());
    await this.#underWay.drain(this.#options.drainMs);
    this.#connection = { kind: 'down' };
    this.#closing.abort(new Error('The adapter was closed.'));
    await this.#underWay.ended();
  }

  #heard(connection: Connection): void {
    if (this.#closing.signal.aborted) return;
    this.#connection = connection;
    if (connection.kind === 'lost') this.#options.log.error({ platform: this.platform }, connection.sentence);
  }

  async #editOrPost(at: Place, address: Address, reply: Reply, signal: AbortSignal): Promise<Place> {
    try {
      await edit(this.#once, at, reply, signal);
      return at;
    } catch (error) {
      const chat = successorOf(error);
      if (chat === undefined) throw error;
      const to = await post(this.#once, { chat }, reply, signal);
      await this.#options.chatMoved(at.chat, chat);
      await this.#options.messageMoved(address, { ...address, ...addressAt(to) });
      return to;
    }
  }

  async #take(update: Update): Promise<void> {
    await this.#bot.handleUpdate(update).catch((error: unknown) => noteFailed(this.#options.log, error));
  }

  async #register(): Promise<void> {
    const { log, wordsOf } = this.#options;
    try {
      const { length: changed } = await register(this.#bot.api, wordsOf, this.#closing.signal);
      if (changed > 0) log.info({ platform: this.platform, changed }, 'The menus of commands were set');
    } catch (error) {
      log.warn({ platform: this.platform, error: errorText(error) }, 'The menus of commands could not be set');
    }
  }
}
