import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { Watch } from '../wire/watch.ts';
import { badRequest, TelegramRefusal } from './errors.ts';
import type { Params } from './params.ts';

const kinds = [
  'message',
  'edited_message',
  'callback_query',
  'my_chat_member',
  'chat_member',
  'message_reaction',
  'message_reaction_count',
  'channel_post',
  'edited_channel_post',
  'inline_query',
  'chosen_inline_result',
  'poll',
  'poll_answer',
  'chat_join_request',
  'chat_boost',
  'removed_chat_boost',
  'business_connection',
  'business_message',
  'edited_business_message',
  'deleted_business_messages',
  'purchased_paid_media',
  'shipping_query',
  'pre_checkout_query',
] as const;
/** Left out unless asked for. */
const onlyOnRequest = ['chat_member', 'message_reaction', 'message_reaction_count'];

interface Update {
  update_id: number;
}

interface Webhook {
  url: string;
  secret: string | undefined;
  lastError: string | undefined;
}

/** The queue of updates, and the two ways out of it: long polling and a webhook. */
export class Updates {
  /** Milliseconds between two tries at a webhook that failed. */
  readonly webhookRetryMs = 50;
  /** How often the bot is told of each update. */
  tellings = 1;
  readonly #watch: Watch;
  readonly #queue: Update[] = [];
  #nextId = 100_000;
  #allowed: readonly string[] = kinds.filter((kind) => !onlyOnRequest.includes(kind));
  #poll: AbortController | undefined;
  #webhook: Webhook | undefined;
  #closed = new AbortController();

  constructor(watch: Watch) {
    this.#watch = watch;
  }

  /** Puts an update in the queue unless the bot has not asked for its kind. */
  push(kind: (typeof kinds)[number], data: object): void {
    if (!this.#allowed.includes(kind)) return;
    const update = { update_id: this.#nextId++, [kind]: data };
    for (let telling = 0; telling < this.tellings; telling++) this.#queue.push(update);
    this.#watch.changed();
  }

  /** As for a bot that was away for longer than the service keeps them. */
  lose(): void {
    this.#queue.length = 0;
  }

  get waiting(): number {
    return this.#queue.length;
  }

  close(): void {
    this.#closed.abort();
    this.#poll?.abort();
  }

  /** @throws {TelegramRefusal} 409 while a webhook is set, or when another poll takes over */
  async get(params: Params, gone: AbortSignal): Promise<Update[]> {
    const offset = params.integer('offset') ?? 0;
    const limit = params.integer('limit') ?? 100;
    const timeoutS = params.integer('timeout') ?? 0;
    if (limit < 1 || limit > 100) throw badRequest('limit must be 1 to 100');
    this.#allow(params);
    if (this.#webhook !== undefined)
      throw new TelegramRefusal(
        409,
        "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first",
      );
    this.#poll?.abort();
    const own = new AbortController();
    this.#poll = own;
    this.#confirm(offset);
    const ended = (): boolean => own.signal.aborted || gone.aborted || this.#closed.signal.aborted;
    if (this.#queue.length === 0 && timeoutS > 0) {
      const stop = (): void => this.#watch.changed();
      for (const signal of [own.signal, gone, this.#closed.signal])
        signal.addEventListener('abort', stop, { once: true });
      await this.#watch
        .until(() => this.#queue.length > 0 || ended(), 'updates', { withinMs: timeoutS * 1000 })
        .catch(() => undefined);
    }
    if (own.signal.aborted && !this.#closed.signal.aborted)
      throw new TelegramRefusal(
        409,
        'Conflict: terminated by other getUpdates request; make sure that only one bot instance is running',
        { blame: 'world' },
      );
    if (this.#poll === own) this.#poll = undefined;
    return this.#queue.slice(0, limit);
  }

  /** An offset confirms all updates before it; a negative one keeps only the last of the queue. */
  #confirm(offset: number): void {
    if (offset < 0) this.#queue.splice(0, Math.max(0, this.#queue.length + offset));
    else while ((this.#queue[0]?.update_id ?? Infinity) < offset) this.#queue.shift();
  }

  /** @throws {TelegramRefusal} */
  setWebhook(params: Params): true {
    const url = params.text('url') ?? '';
    const secret = params.text('secret_token');
    params.integer('max_connections');
    if (url !== '' && !isWebhookUrl(url)) throw badRequest('bad webhook: An HTTPS URL must be provided for webhook');
    if (secret !== undefined && !/^[\w-]{1,256}$/.test(secret))
      throw badRequest('secret token contains unallowed characters');
    this.#allow(params);
    if (params.flag('drop_pending_updates')) this.#queue.length = 0;
    const webhook = url === '' ? undefined : { url, secret, lastError: undefined };
    this.#webhook = webhook;
    if (webhook !== undefined) void this.#deliver(webhook);
    return true;
  }

  deleteWebhook(params: Params): true {
    if (params.flag('drop_pending_updates')) this.#queue.length = 0;
    this.#webhook = undefined;
    this.#watch.changed();
    return true;
  }

  webhookInfo(): object {
    return {
      url: this.#webhook?.url ?? '',
      has_custom_certificate: false,
      pending_update_count: this.#queue.length,
      ...(this.#webhook?.lastError === undefined ? {} : { last_error_message: this.#webhook.lastError }),
    };
  }

  /** One update after the other; the next only when the bot has answered 2xx. */
  async #deliver(webhook: Webhook): Promise<void> {
    const { signal } = this.#closed;
    while (this.#webhook === webhook && !signal.aborted) {
      const update = this.#queue[0];
      if (update === undefined) {
        await this.#watch
          .until(() => this.#queue.length > 0 || this.#webhook !== webhook || signal.aborted, 'updates')
          .catch(() => undefined);
        continue;
      }
      try {
        const response = await fetch(webhook.url, {
          method: 'POST',
          redirect: 'error',
          headers: {
            'content-type': 'application/json',
            ...(webhook.secret === undefined ? {} : { 'x-telegram-bot-api-secret-token': webhook.secret }),
          },
          body: JSON.stringify(update),
          signal,
        });
        await response.arrayBuffer();
        if (!response.ok) throw new Error(`Wrong response from the webhook: ${response.status}`);
        if (this.#queue[0] === update) this.#queue.shift();
      } catch (error) {
        webhook.lastError = error instanceof Error ? error.message : 'unknown';
        await sleep(this.webhookRetryMs);
      }
      this.#watch.changed();
    }
  }

  #allow(params: Params): void {
    const allowed = params.object('allowed_updates', z.array(z.literal(kinds)));
    if (allowed === undefined) return;
    this.#allowed = allowed.length > 0 ? allowed : kinds.filter((kind) => !onlyOnRequest.includes(kind));
  }
}

/** The service wants https on four ports; a local Bot API server, which this one plays here, takes http on any. */
function isWebhookUrl(url: string): boolean {
  return /^https:\/\/[^/:]+(:(443|80|88|8443))?(\/|$)/.test(url) || /^http:\/\/127\.0\.0\.1:\d+(\/|$)/.test(url);
}
