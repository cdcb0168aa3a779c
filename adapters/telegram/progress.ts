/** Progress in the placeholders: edited only when it looks different, and not at all while the service wants its peace. */
import { type Api, GrammyError } from 'grammy';
import type { Reply } from '../../commands/contract/reply.ts';
import type { JobProgress } from '../../src/jobs/adapter.ts';
import { clientSignal } from './calls.ts';
import { edit, editWords, type Place } from './messages.ts';

const maxRemembered = 10_000;

export class ProgressEdits {
  /** What each placeholder says, by chat and message. A saving only: after a restart the first edit may change nothing. */
  readonly #shown = new Map<string, string>();
  /** Which preview each shows. */
  readonly #previews = new Map<string, number>();
  /** Until when a chat is left alone, Unix ms. */
  readonly #quietUntilMs = new Map<string, number>();
  readonly #api: Api;
  readonly #clock: () => number;

  constructor(api: Api, clock: () => number) {
    this.#api = api;
    this.#clock = clock;
  }

  async show(at: Place, progress: JobProgress, reply: Reply, signal: AbortSignal): Promise<void> {
    const key = `${at.chat}:${at.messageId}`;
    const preview = progress.state === 'running' ? progress.preview?.call : undefined;
    const looks = JSON.stringify([reply.lines, reply.rows, preview]);
    if (this.#shown.get(key) === looks || (this.#quietUntilMs.get(at.chat) ?? 0) > this.#clock()) return;
    try {
      // A picture that stands already is not sent again, and one that stood is no harm to what comes after it.
      const isNew = preview !== undefined && preview !== this.#previews.get(key);
      await (isNew ? edit : editWords)(this.#api, at, reply, signal);
      if (isNew) this.#remember(this.#previews, key, preview);
      this.#remember(this.#shown, key, looks);
      if (progress.state === 'running') await this.#act(at, signal);
    } catch (error) {
      this.#noteQuiet(at.chat, error);
      throw error;
    }
  }

  /** The placeholder says something else from now on. */
  forget({ chat, messageId }: Place): void {
    this.#shown.delete(`${chat}:${messageId}`);
    this.#previews.delete(`${chat}:${messageId}`);
  }

  #remember<Value>(map: Map<string, Value>, key: string, value: Value): void {
    if (map.size >= maxRemembered) map.clear();
    map.set(key, value);
  }

  /** "… is sending a photo", for five seconds. */
  async #act({ chat, threadId }: Place, signal: AbortSignal): Promise<void> {
    const where = threadId === undefined ? {} : { message_thread_id: threadId };
    await this.#api.sendChatAction(chat, 'upload_photo', where, clientSignal(signal));
  }

  #noteQuiet(chat: string, error: unknown): void {
    const retryAfterS = error instanceof GrammyError ? error.parameters.retry_after : undefined;
    if (retryAfterS === undefined) return;
    if (this.#quietUntilMs.size >= maxRemembered) this.#quietUntilMs.clear();
    this.#quietUntilMs.set(chat, this.#clock() + retryAfterS * 1000);
  }
}
