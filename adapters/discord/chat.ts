/** One interaction's way back (https://discord.com/developers/docs/interactions/receiving-and-responding). */
import { setTimeout as delay } from 'node:timers/promises';
import { InteractionResponseType, MessageFlags, RequestMethod, type RequestData, Routes } from 'discord.js';
import { z } from 'zod';
import type { PhotoHandle } from '../../commands/contract/act.ts';
import type { Chat, Choice, CommunityRights } from '../../commands/contract/chat.ts';
import type { Reply } from '../../commands/contract/reply.ts';
import { Refusal } from '../../src/errors.ts';
import type { Address } from '../../src/jobs/adapter.ts';
import type { JsonObject } from '../../src/store/tables.ts';
import { type Attached, type DownloadLimits, looksLikePicture, photoHandle, reopenedPhoto } from './files.ts';
import { type Messages, nonceOf, type Pass, type Passes, placeOf, post, privateChat, writing } from './messages.ts';
import { renderForm, renderMessage } from './render.ts';
import type { GuildRights } from './rights.ts';
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

export interface ChatParts {
  readonly wire: Wire;
  readonly messages: Messages;
  readonly passes: Passes;
  readonly rights: GuildRights;
  readonly downloads: DownloadLimits;
  /** When an act that was not answered yet is deferred, well within Discord's 3 s. */
  readonly deferAfterMs: number;
  /** How long a new job is expected to take. */
  readonly expectedWaitMs: () => number;
  /** Aborted when the adapter closes. */
  readonly closing: AbortSignal;
}

/** Beyond this the answer may come after the token has ended. */
const longestWaitMs = 12 * 60_000;
const recentMs = 15 * 60_000;
/** The person waits for a first word, and Discord does so for 3 s. */
const recentTimeoutMs = 1500;
const recentMessages = 50;

const callbackAnswer = z.object({ resource: z.object({ message: identified }) });
const listed = z.array(
  z.object({
    timestamp: z.iso.datetime({ offset: true }),
    author: identified,
    attachments: z.array(
      z.object({ url: z.string(), size: z.int(), filename: z.string(), content_type: z.string().optional() }),
    ),
  }),
);

export class InteractionChat implements Chat {
  readonly #origin: Origin;
  readonly #parts: ChatParts;
  #isAnswered = false;
  #placeholder: Address | undefined;
  #posts = 0;
  #deferral: Promise<void> | undefined;
  /** The deferred reply that nothing was said in yet. */
  #waiting: string | undefined;
  readonly #timer: NodeJS.Timeout;

  constructor(origin: Origin, parts: ChatParts) {
    this.#origin = origin;
    this.#parts = parts;
    this.#timer = setTimeout(() => {
      this.#deferral = this.#defer();
    }, parts.deferAfterMs);
  }

  /** Nothing more comes: a deferred reply without words goes. */
  async settle(): Promise<void> {
    await this.#begin();
    await this.#dropWaiting();
  }

  /** From now on the answer is on its way, by itself or after the deferral that is. */
  async #begin(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#deferral;
  }

  async acknowledge(first: Reply): Promise<Address> {
    await this.#begin();
    const { isReachable } = this.#origin;
    if (!isReachable && this.#parts.expectedWaitMs() > longestWaitMs) throw tooLongHere();
    const message = await this.#post(first);
    this.#placeholder = this.#addressOf(message);
    return this.#placeholder;
  }

  async answer(reply: Reply): Promise<void> {
    await this.#begin();
    const { form, kind } = reply;
    const { shows } = this.#origin;
    if (shows === 'proposals') return this.suggest([]);
    if (form !== undefined && shows === 'everything' && !this.#isAnswered) {
      return this.#respond(InteractionResponseType.Modal, renderForm(form));
    }
    if (form !== undefined && this.#deferral !== undefined) throw tooSlowForForm();
    switch (kind) {
      case 'new':
        await this.#post(reply);
        return;
      case 'toast':
        await this.#post({ ...reply, visibility: 'asker', pictures: [], files: [], rows: [] });
        return;
      case 'edit-placeholder':
        return this.#edit(this.#placeholder, reply);
      case 'edit-pressed': {
        const { pressedId } = this.#origin;
        return this.#isAnswered || pressedId === undefined
          ? this.#edit(pressedId === undefined ? undefined : this.#addressOf(pressedId), reply)
          : this.#update(pressedId, reply);
      }
    }
  }

  async suggest(choices: readonly Choice[]): Promise<void> {
    const shown = choices.slice(0, 25).map(({ label, value }) => ({
      name: label.slice(0, 100),
      value: value.slice(0, 100),
    }));
    await this.#respond(InteractionResponseType.ApplicationCommandAutocompleteResult, { choices: shown });
  }

  async deleteMessage(address: Address): Promise<void> {
    const { messages, closing } = this.#parts;
    await this.#patiently(() => messages.remove(placeOf(address), closing));
  }

  async findRecentPhoto(signal: AbortSignal): Promise<PhotoHandle | undefined> {
    const { isReachable, channelId, userId, createdAt } = this.#origin;
    if (!isReachable) return undefined;
    const deadline = AbortSignal.any([signal, AbortSignal.timeout(recentTimeoutMs)]);
    const query = new URLSearchParams({ limit: String(recentMessages) });
    try {
      const answer = await this.#parts.wire.call(
        RequestMethod.Get,
        Routes.channelMessages(channelId),
        { query },
        deadline,
      );
      const file = listed
        .parse(answer)
        .filter(({ author, timestamp }) => author.id === userId && createdAt - Date.parse(timestamp) <= recentMs)
        .flatMap(({ attachments }) => attachments)
        .find(({ filename, content_type: contentType }) =>
          looksLikePicture({ name: filename, contentType: contentType ?? null }),
        );
      return file === undefined ? undefined : this.#photo({ url: file.url, bytes: file.size });
    } catch {
      // Not allowed to look, or too slow: then the person is asked for a photo.
      signal.throwIfAborted();
      return undefined;
    }
  }

  reopenPhoto(reference: JsonObject): PhotoHandle | undefined {
    return reopenedPhoto(reference, this.#parts.downloads);
  }

  async rightsIn(platformChatId: string): Promise<CommunityRights> {
    const { communityId, rights, userId } = this.#origin;
    return platformChatId === communityId ? rights : this.#parts.rights.of(platformChatId, userId, this.#parts.closing);
  }

  async communityOf(channelId: string): Promise<string | undefined> {
    return this.#parts.rights.communityOf(channelId);
  }

  #photo(file: Attached): PhotoHandle {
    return photoHandle(file, this.#parts.downloads);
  }

  #addressOf(message: string): Address {
    const { channelId: chat, userId: user, isReachable, maxUploadBytes } = this.#origin;
    return { chat, message, user, isReachable, maxUploadBytes };
  }

  /** Edits a message that stands; says it anew where there is none. */
  async #edit(address: Address | undefined, reply: Reply): Promise<void> {
    const { messages, closing } = this.#parts;
    if (address === undefined) await this.#post(reply);
    else await this.#patiently(() => messages.edit(placeOf(address), reply, closing));
  }

  /** Whoever does something slow before their first word still gets it in: only the asker sees that it comes. */
  async #defer(): Promise<void> {
    const { pressedId, shows } = this.#origin;
    if (this.#isAnswered || shows === 'proposals') return;
    try {
      if (pressedId === undefined) {
        const flags = MessageFlags.Ephemeral;
        const type = InteractionResponseType.DeferredChannelMessageWithSource;
        this.#waiting = await this.#open(type, { body: { flags } });
        this.#parts.passes.keep(this.#waiting, this.#origin);
      } else {
        await this.#respond(InteractionResponseType.DeferredMessageUpdate);
        this.#parts.passes.keep(pressedId, this.#origin);
      }
    } catch (error) {
      // The answer itself meets the same trouble, and says so to whoever waits for it; 40060: the deferral got through.
      this.#isAnswered = error instanceof DiscordTrouble && error.code === 40_060;
    }
  }

  async #dropWaiting(): Promise<void> {
    const waiting = this.#waiting;
    if (waiting === undefined) return;
    this.#waiting = undefined;
    await this.deleteMessage(this.#addressOf(waiting));
  }

  /** Posts a message of its own. @returns its id */
  async #post(reply: Reply): Promise<string> {
    const flags = reply.visibility === 'asker' ? MessageFlags.Ephemeral : 0;
    const waiting = this.#waiting;
    if (waiting !== undefined && flags !== 0) {
      this.#waiting = undefined;
      await this.#editOriginal(reply);
      return waiting;
    }
    // The first follow-up would fill the deferred reply, which only the asker sees.
    await this.#dropWaiting();
    if (this.#isAnswered) return this.#followUp(reply, flags);
    const isLight = reply.pictures.length + reply.files.length === 0;
    const message = isLight
      ? await this.#open(InteractionResponseType.ChannelMessageWithSource, await this.#written(reply, flags))
      : await this.#open(InteractionResponseType.DeferredChannelMessageWithSource, { body: { flags } });
    this.#parts.passes.keep(message, this.#origin);
    if (!isLight) await this.#editOriginal(reply);
    return message;
  }

  /** Files take longer to read and send than Discord waits for the first answer. */
  async #update(pressedId: string, reply: Reply): Promise<void> {
    if (reply.pictures.length + reply.files.length === 0) {
      const { body } = await this.#written(reply);
      await this.#respond(InteractionResponseType.UpdateMessage, body);
    } else {
      await this.#respond(InteractionResponseType.DeferredMessageUpdate);
      await this.#editOriginal(reply);
    }
    this.#parts.passes.keep(pressedId, this.#origin);
  }

  async #editOriginal(reply: Reply): Promise<void> {
    const { applicationId, token } = this.#origin;
    const request = { ...(await this.#written(reply)), auth: false };
    const route = Routes.webhookMessage(applicationId, token);
    await this.#patiently(() => this.#call(RequestMethod.Patch, route, request));
  }

  /** Somebody waits for this answer, and nobody else tries again. */
  async #patiently<T>(call: () => Promise<T>): Promise<T> {
    try {
      return await call();
    } catch (error) {
      if (!(error instanceof DiscordTrouble) || error.retryAfterMs === undefined) throw error;
      await delay(error.retryAfterMs, undefined, { signal: this.#parts.closing });
      return call();
    }
  }

  async #followUp(reply: Reply, flags: number): Promise<string> {
    const { applicationId, token, id, isReachable } = this.#origin;
    const request = await this.#written(reply, flags);
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

  /** With the bot's own token, which can hide nothing in a channel: what is for one person goes to the private chat. */
  async #send(reply: Reply, nonce: string): Promise<string> {
    const { userId, channelId } = this.#origin;
    const { wire, closing } = this.#parts;
    const message = await renderMessage(reply, this.#origin.maxUploadBytes);
    return this.#patiently(async () => {
      const channel = reply.visibility === 'all' ? channelId : await privateChat(wire, userId, closing);
      return post(wire, channel, message, nonce, closing);
    });
  }

  async #written(reply: Reply, flags = 0): Promise<RequestData> {
    return writing(await renderMessage(reply, this.#origin.maxUploadBytes), flags);
  }

  async #respond(type: InteractionResponseType, data?: unknown): Promise<void> {
    this.#isAnswered = true;
    const { id, token } = this.#origin;
    await this.#call(RequestMethod.Post, Routes.interactionCallback(id, token), { body: { type, data }, auth: false });
  }

  /** Responds with a message. @returns its id */
  async #open(type: InteractionResponseType, { body: data }: RequestData): Promise<string> {
    this.#isAnswered = true;
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

  #call(method: RequestMethod, route: `/${string}`, request: WireRequest): Promise<unknown> {
    return this.#parts.wire.call(method, route, request, this.#parts.closing);
  }
}

function tooSlowForForm(): Refusal {
  return new Refusal('discord.slow', 'I was slow just now. Please press or send that once more.');
}

function tooLongHere(): Refusal {
  return new Refusal(
    'discord.long-wait',
    'The queue is long, and where I am not a member Discord lets me answer for a quarter of an hour only. Ask me in a private chat, or where I am a member.',
  );
}
