/** One interaction's way back (https://discord.com/developers/docs/interactions/receiving-and-responding). */
import { InteractionResponseType, MessageFlags } from 'discord.js';
import type { PhotoHandle } from '../../commands/contract/act.ts';
import type { Chat, Choice, CommunityRights } from '../../commands/contract/chat.ts';
import type { Reply } from '../../commands/contract/reply.ts';
import { Refusal } from '../../src/errors.ts';
import type { Address } from '../../src/jobs/adapter.ts';
import type { JsonObject } from '../../src/store/tables.ts';
import { Deferral, type DeferralParts } from './deferral.ts';
import { type DownloadLimits, reopenedPhoto } from './files.ts';
import { type Messages, placeOf } from './messages.ts';
import { recentPhoto } from './recent-photo.ts';
import { renderForm } from './render.ts';
import { type Origin, type ResponseParts, Responses } from './responses.ts';
import type { GuildRights } from './rights.ts';

export interface ChatParts extends ResponseParts, DeferralParts {
  readonly messages: Messages;
  readonly rights: GuildRights;
  readonly downloads: DownloadLimits;
  /** How long a new job is expected to take. */
  readonly expectedWaitMs: () => number;
}

/** Beyond this the answer may come after the token has ended. */
const longestWaitMs = 12 * 60_000;

export class InteractionChat implements Chat {
  readonly #origin: Origin;
  readonly #parts: ChatParts;
  readonly #responses: Responses;
  readonly #deferral: Deferral;
  #placeholder: Address | undefined;

  constructor(origin: Origin, parts: ChatParts) {
    this.#origin = origin;
    this.#parts = parts;
    this.#responses = new Responses(origin, parts);
    this.#deferral = new Deferral(origin, this.#responses, parts);
  }

  /** Nothing more comes: a deferred reply without words goes. */
  async settle(): Promise<void> {
    await this.#deferral.end();
    await this.#dropWaiting();
  }

  async acknowledge(first: Reply): Promise<Address> {
    await this.#deferral.end();
    const { isReachable } = this.#origin;
    if (!isReachable && this.#parts.expectedWaitMs() > longestWaitMs) throw tooLongHere();
    const message = await this.#post(first);
    this.#placeholder = this.#addressOf(message);
    return this.#placeholder;
  }

  async answer(reply: Reply): Promise<void> {
    await this.#deferral.end();
    const { form, kind } = reply;
    const { shows } = this.#origin;
    if (shows === 'proposals') return this.suggest([]);
    if (form !== undefined && shows === 'everything' && !this.#responses.isAnswered) {
      return this.#responses.respond(InteractionResponseType.Modal, renderForm(form));
    }
    if (form !== undefined && this.#deferral.hasBegun) throw tooSlowForForm();
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
        return this.#responses.isAnswered || pressedId === undefined
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
    await this.#responses.respond(InteractionResponseType.ApplicationCommandAutocompleteResult, { choices: shown });
  }

  async deleteMessage(address: Address): Promise<void> {
    const { messages, closing } = this.#parts;
    await this.#responses.patiently(() => messages.remove(placeOf(address), closing));
  }

  async findRecentPhoto(signal: AbortSignal): Promise<PhotoHandle | undefined> {
    return recentPhoto(this.#origin, this.#parts, signal);
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

  #addressOf(message: string): Address {
    const { channelId: chat, userId: user, isReachable, maxUploadBytes } = this.#origin;
    return { chat, message, user, isReachable, maxUploadBytes };
  }

  /** Edits a message that stands; says it anew where there is none. */
  async #edit(address: Address | undefined, reply: Reply): Promise<void> {
    const { messages, closing } = this.#parts;
    if (address === undefined) await this.#post(reply);
    else await this.#responses.patiently(() => messages.edit(placeOf(address), reply, closing));
  }

  async #dropWaiting(): Promise<void> {
    const waiting = this.#deferral.takeWaiting();
    if (waiting !== undefined) await this.deleteMessage(this.#addressOf(waiting));
  }

  /** Posts a message of its own. @returns its id */
  async #post(reply: Reply): Promise<string> {
    const flags = reply.visibility === 'asker' ? MessageFlags.Ephemeral : 0;
    const waiting = flags === 0 ? undefined : this.#deferral.takeWaiting();
    if (waiting !== undefined) {
      await this.#responses.editOriginal(reply);
      return waiting;
    }
    // The first follow-up would fill the deferred reply, which only the asker sees.
    await this.#dropWaiting();
    if (this.#responses.isAnswered) return this.#responses.followUp(reply, flags);
    if (isLight(reply)) {
      const written = await this.#responses.written(reply, flags);
      return this.#responses.open(InteractionResponseType.ChannelMessageWithSource, written);
    }
    const message = await this.#responses.open(InteractionResponseType.DeferredChannelMessageWithSource, {
      body: { flags },
    });
    await this.#responses.editOriginal(reply);
    return message;
  }

  /** Changes the message with the button that was pressed, as the first answer. */
  async #update(pressedId: string, reply: Reply): Promise<void> {
    if (isLight(reply)) {
      const { body } = await this.#responses.written(reply);
      await this.#responses.respond(InteractionResponseType.UpdateMessage, body);
    } else {
      await this.#responses.respond(InteractionResponseType.DeferredMessageUpdate);
      await this.#responses.editOriginal(reply);
    }
    this.#parts.passes.keep(pressedId, this.#origin);
  }
}

/** Files take longer to read and send than Discord waits for the first answer. */
function isLight({ pictures, files }: Reply): boolean {
  return pictures.length + files.length === 0;
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
