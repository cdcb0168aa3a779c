/** Messages of the bot's that stand already: found by their address, edited and deleted. */
import { createHash } from 'node:crypto';
import { MessageFlags, RequestMethod, type RequestData, Routes } from 'discord.js';
import { z } from 'zod';
import type { Reply } from '../../commands/contract/reply.ts';
import { Fault, Refusal } from '../../src/errors.ts';
import type { Address, DeliverResult, UndeliverableCode } from '../../src/jobs/adapter.ts';
import { type RenderedMessage, renderMessage } from './render.ts';
import { DiscordTrouble, identified, type Wire } from './wire.ts';

/**
 * Where a message stands. `chat` is the channel, or the thread: Discord counts edits by it. `user`: whose interaction it
 * answers. `isReachable`: the bot is in that channel, and its own token serves when the interaction's has ended.
 */
const place = z.object({
  chat: z.string(),
  message: z.string(),
  user: z.string().optional(),
  isReachable: z.boolean(),
  maxUploadBytes: z.int().min(1),
});
export type Place = Readonly<z.infer<typeof place>>;

/** @throws Fault for an address that is not of this adapter's making. */
export function placeOf(address: Address): Place {
  const parsed = place.safeParse(address);
  if (parsed.success) return parsed.data;
  throw new Fault(`Expected an address of Discord's, got one without ${parsed.error.issues[0]?.path.join('.')}.`);
}

/** What serves, for a quarter of an hour after an interaction, in the place of the bot's own token. */
export interface Pass {
  readonly applicationId: string;
  readonly token: string;
}

/** A minute less than the 15 that Discord gives, for clocks that differ and calls that wait. */
const passLifeMs = 14 * 60_000;

/**
 * Passes by message, as long as they serve. They are a shortcut that costs no rate limit of the bot's, and the only way
 * where the bot is absent; losing them with the process loses no message that the bot can reach.
 */
export class Passes {
  readonly #clock: () => number;
  /** In the order in which they end. */
  readonly #kept = new Map<string, { readonly pass: Pass; readonly endsAt: number }>();

  constructor(clock: () => number) {
    this.#clock = clock;
  }

  keep(message: string, pass: Pass): void {
    const now = this.#clock();
    for (const [old, { endsAt }] of this.#kept) {
      if (endsAt > now) break;
      this.#kept.delete(old);
    }
    this.#kept.delete(message);
    this.#kept.set(message, { pass, endsAt: now + passLifeMs });
  }

  of(message: string): Pass | undefined {
    const kept = this.#kept.get(message);
    return kept !== undefined && kept.endsAt > this.#clock() ? kept.pass : undefined;
  }

  drop(message: string): void {
    this.#kept.delete(message);
  }
}

/** A request that writes a message with components, and pings nobody. @param flags beside IS_COMPONENTS_V2. */
export function writing({ components, attachments, files }: RenderedMessage, flags = 0): RequestData {
  const body = {
    flags: MessageFlags.IsComponentsV2 | flags,
    components,
    attachments,
    allowed_mentions: { parse: [] },
  };
  return { body, files };
}

/** At most 25 characters; the same for the same act, so that a second try after a lost answer posts nothing. */
export function nonceOf(requestId: string, part: number): string {
  return createHash('sha256').update(`${requestId}:${part}`).digest('base64url').slice(0, 25);
}

export class Messages {
  readonly #wire: Wire;
  readonly #passes: Passes;

  constructor(wire: Wire, passes: Passes) {
    this.#wire = wire;
    this.#passes = passes;
  }

  /**
   * Makes a message say what the reply says, and nothing else.
   * @throws DiscordTrouble; Refusal `discord.out-of-reach`; the signal's reason.
   */
  async edit(where: Place, reply: Reply, signal: AbortSignal): Promise<void> {
    const request = writing(await renderMessage(reply, where.maxUploadBytes));
    await this.#reach(where, RequestMethod.Patch, request, signal);
  }

  /** @throws as `edit`; a message that is gone already is fine. */
  async remove(where: Place, signal: AbortSignal): Promise<void> {
    try {
      await this.#reach(where, RequestMethod.Delete, {}, signal);
    } catch (error) {
      if (!(error instanceof DiscordTrouble) || !isGone(error)) throw error;
    }
  }

  async #reach(where: Place, method: RequestMethod, request: RequestData, signal: AbortSignal): Promise<void> {
    const { chat, message, isReachable } = where;
    const pass = this.#passes.of(message);
    if (pass !== undefined) {
      try {
        const route = Routes.webhookMessage(pass.applicationId, pass.token, message);
        await this.#wire.call(method, route, { ...request, auth: false }, signal);
        return;
      } catch (error) {
        if (!(error instanceof DiscordTrouble) || !isPassEnded(error)) throw error;
        this.#passes.drop(message);
      }
    }
    if (!isReachable) throw outOfReach();
    await this.#wire.call(method, Routes.channelMessage(chat, message), request, signal);
  }
}

export function outOfReach(): Refusal {
  return new Refusal(
    'discord.out-of-reach',
    'I am not a member here, so Discord lets me answer for a quarter of an hour only. You find the picture with /mine.',
  );
}

/**
 * Posts a message with the bot's own token.
 * @param nonce a message that this channel got with it within some minutes is found again.
 * @returns its id. @throws DiscordTrouble; the signal's reason.
 */
export async function post(
  wire: Wire,
  channelId: string,
  message: RenderedMessage,
  nonce: string,
  signal: AbortSignal,
): Promise<string> {
  const { body, files = [] } = writing(message);
  const request = { body: { ...Object(body), nonce, enforce_nonce: true }, files };
  return identified.parse(await wire.call(RequestMethod.Post, Routes.channelMessages(channelId), request, signal)).id;
}

/** Opens the private chat with a person. @throws DiscordTrouble 50007 where they take no messages. */
export async function privateChat(wire: Wire, userId: string, signal: AbortSignal): Promise<string> {
  const request = { body: { recipient_id: userId } };
  return identified.parse(await wire.call(RequestMethod.Post, Routes.userChannels(), request, signal)).id;
}

/** Unknown message, unknown channel. */
function isGone({ code }: DiscordTrouble): boolean {
  return code === 10_008 || code === 10_003;
}

/** Unknown webhook, invalid webhook token. */
function isPassEnded({ code, status }: DiscordTrouble): boolean {
  return code === 10_015 || code === 50_027 || status === 401;
}

/** What a person reads who gets no result (https://discord.com/developers/docs/topics/opcodes-and-status-codes#json). */
const endings: ReadonlyMap<number | undefined, readonly [UndeliverableCode, string]> = new Map([
  [10_003, ['chat-gone', 'The channel is no longer there.']],
  [10_008, ['message-gone', 'The message was deleted.']],
  [50_001, ['no-view', 'I can no longer see the channel.']],
  [50_013, ['no-pictures', 'I may not attach files in the channel.']],
  [50_007, ['no-private', 'Your settings do not let me write to you.']],
  [50_033, ['account-gone', 'This person is not there.']],
  [50_278, ['no-private', 'Discord lets me write only to people with whom I share a server.']],
]);

/**
 * What a refused edit means for a result. A 401 is about the bot's own token: whoever runs the bot mends it, and nobody's
 * result should be lost for it.
 */
export function outcomeOf({
  code,
  status,
  message,
  retryAfterMs,
}: DiscordTrouble): Exclude<DeliverResult, { readonly kind: 'sent' }> {
  const ending = endings.get(code);
  if (ending !== undefined) return { kind: 'never', code: ending[0], reason: ending[1] };
  const isRefused = status === 400 || status === 403 || status === 404 || status === 413;
  return isRefused ? { kind: 'never', reason: `${message}.` } : { kind: 'later', reason: message, retryAfterMs };
}
