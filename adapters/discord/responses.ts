/**
 * The ways to answer one interaction: its callback, messages by its token, and, once that has ended, the bot's own
 * (https://discord.com/developers/docs/interactions/receiving-and-responding).
 */
import { setTimeout as delay } from 'node:timers/promises';
import { InteractionResponseType, RequestMethod, type RequestData, Routes } from 'discord.js';
import { z } from 'zod';
import type { CommunityRights } from '../../commands/contract/chat.ts';
import type { Reply } from '../../commands/contract/reply.ts';
import { nonceOf, type Pass, type Passes, post, privateChat, writing } from './messages.ts';
import { renderMessage } from './render.ts';
import { DiscordTrouble, identified, type Wire, type WireRequest } from './wire.ts';

/** What an interaction says about where its answers go. */
export interface Origin extends Pass {
  readonly id: string;
  readonly userId: string;
  readonly channelId: string;
  /** Unix ms, by Discord's clock. */
  readonly createdAt: number;
  readonly isReachable: boolean;
  readonly maxUploadBytes: number;
  /** The community that the interaction is in, and what the person may do there. */
  readonly communityId: string;
  readonly rights: CommunityRights;
  /** The message with the button that was pressed, also where that opened the form. */
  readonly pressedId: string | undefined;
  /** Discord shows no form after a form, and nothing but proposals to somebody who types. */
  readonly shows: 'everything' | 'no form' | 'proposals';
}

export interface ResponseParts {
  readonly wire: Wire;
  readonly passes: Passes;
  /** Aborted when the adapter closes. */
  readonly closing: AbortSignal;
}

const callbackAnswer = z.object({ resource: z.object({ message: identified }) });

export class Responses {
  readonly #origin: Origin;
  readonly #parts: ResponseParts;
  #isAnswered = false;
  #posts = 0;

  constructor(origin: Origin, parts: ResponseParts) {
    this.#origin = origin;
    this.#parts = parts;
  }

  /** Whether Discord has its first answer, or is about to. */
  get isAnswered(): boolean {
    return this.#isAnswered;
  }

  /** The first answer, which is no message of its own. @throws DiscordTrouble; the signal's reason. */
  async respond(type: InteractionResponseType, data?: unknown): Promise<void> {
    this.#isAnswered = true;
    const { id, token } = this.#origin;
    await this.#call(RequestMethod.Post, Routes.interactionCallback(id, token), { body: { type, data }, auth: false });
  }

  /** It did not get through: what comes next is the first answer. */
  takeBack(): void {
    this.#isAnswered = false;
  }

  /** The first answer, which is a message. @returns its id */
  async open(type: InteractionResponseType, request: RequestData): Promise<string> {
    this.#isAnswered = true;
    const message = await this.#opened(type, request);
    this.#parts.passes.keep(message, this.#origin);
    return message;
  }

  async #opened(type: InteractionResponseType, { body: data }: RequestData): Promise<string> {
    const { id, token, applicationId } = this.#origin;
    const query = new URLSearchParams({ with_response: 'true' });
    const request = { body: { type, data }, query, auth: false };
    try {
      const answer = await this.#call(RequestMethod.Post, Routes.interactionCallback(id, token), request);
      return callbackAnswer.parse(answer).resource.message.id;
    } catch (error) {
      // Answered already: an earlier try got through and its answer was lost.
      if (!(error instanceof DiscordTrouble) || error.code !== 40_060) throw error;
      const original = Routes.webhookMessage(applicationId, token);
      return identified.parse(await this.#call(RequestMethod.Get, original, { auth: false })).id;
    }
  }

  /** Fills the message of the first answer. */
  async editOriginal(reply: Reply): Promise<void> {
    const { applicationId, token } = this.#origin;
    const request = { ...(await this.written(reply)), auth: false };
    const route = Routes.webhookMessage(applicationId, token);
    await this.patiently(() => this.#call(RequestMethod.Patch, route, request));
  }

  /** Posts one message more. @returns its id */
  async followUp(reply: Reply, flags: number): Promise<string> {
    const { applicationId, token, id, isReachable } = this.#origin;
    const request = await this.written(reply, flags);
    try {
      const answer = await this.#call(RequestMethod.Post, Routes.webhook(applicationId, token), {
        ...request,
        query: new URLSearchParams({ wait: 'true' }),
        auth: false,
        isOnce: true,
      });
      const message = identified.parse(answer).id;
      this.#parts.passes.keep(message, this.#origin);
      return message;
    } catch (error) {
      const isEnded = error instanceof DiscordTrouble && (error.code === 50_027 || error.code === 10_015);
      if (!isEnded || !isReachable) throw error;
    }
    return this.#send(reply, nonceOf(id, ++this.#posts));
  }

  /** Somebody waits for this answer, and nobody else tries again. */
  async patiently<T>(call: () => Promise<T>): Promise<T> {
    try {
      return await call();
    } catch (error) {
      if (!(error instanceof DiscordTrouble) || error.retryAfterMs === undefined) throw error;
      await delay(error.retryAfterMs, undefined, { signal: this.#parts.closing });
      return call();
    }
  }

  /** With the bot's own token, which can hide nothing in a channel: what is for one person goes to the private chat. */
  async #send(reply: Reply, nonce: string): Promise<string> {
    const { userId, channelId } = this.#origin;
    const { wire, closing } = this.#parts;
    const message = await renderMessage(reply, this.#origin.maxUploadBytes);
    return this.patiently(async () => {
      const channel = reply.visibility === 'all' ? channelId : await privateChat(wire, userId, closing);
      return post(wire, channel, message, nonce, closing);
    });
  }

  /** A request that writes the reply. @param flags as `writing` takes them. */
  async written(reply: Reply, flags = 0): Promise<RequestData> {
    return writing(await renderMessage(reply, this.#origin.maxUploadBytes), flags);
  }

  #call(method: RequestMethod, route: `/${string}`, request: WireRequest): Promise<unknown> {
    return this.#parts.wire.call(method, route, request, this.#parts.closing);
  }
}
