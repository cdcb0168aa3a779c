/**
 * What people write to the bot in their private chat, without a command. Discord tells bots of it without the privileged
 * intent for the contents of messages (https://discord.com/developers/docs/events/gateway#message-content-intent).
 */
import { type Message, MessageType } from 'discord.js';
import type { Act, Actor, PhotoHandle, Scene } from '../../commands/contract/act.ts';
import type { Chat, CommunityRights } from '../../commands/contract/chat.ts';
import type { Reply } from '../../commands/contract/reply.ts';
import type { Address } from '../../src/jobs/adapter.ts';
import type { JsonObject } from '../../src/store/tables.ts';
import { type DownloadLimits, photoHandle, reopenedPhoto } from './files.ts';
import { type Messages, nonceOf, placeOf, post } from './messages.ts';
import { renderMessage } from './render.ts';
import type { GuildRights } from './rights.ts';
import type { Wire } from './wire.ts';

/** Of one file where Discord does not say what the guild allows (https://discord.com/developers/docs/reference#uploading-files). */
export const usualUploadBytes = 10 * 2 ** 20;

export interface DirectParts {
  readonly wire: Wire;
  readonly messages: Messages;
  readonly rights: GuildRights;
  readonly downloads: DownloadLimits;
  /** Aborted when the adapter closes. */
  readonly closing: AbortSignal;
}

export interface Written {
  readonly act: Act;
  readonly actor: Actor;
  readonly scene: Scene;
}

/** Undefined for what nobody wrote to the bot: in a server, by a bot, or by Discord itself. */
export function written(message: Message, downloads: DownloadLimits): Written | undefined {
  const { id, author, channelId, content, attachments, type } = message;
  if (message.inGuild() || author.bot || (type !== MessageType.Default && type !== MessageType.Reply)) return undefined;
  const forwarded = message.messageSnapshots.flatMap((snapshot) => snapshot.attachments).values();
  const photos = [...attachments.values(), ...forwarded].map(({ url, size }) =>
    photoHandle({ url, bytes: size }, downloads),
  );
  return {
    act: { kind: 'message', requestId: id, text: content, photos },
    actor: { platform: 'discord', userId: author.id, displayName: author.displayName, isBot: false },
    scene: {
      platform: 'discord',
      communityId: author.id,
      kind: 'private',
      channelId,
      mayManage: true,
      mayModerate: true,
      roleIds: [],
      maxUploadBytes: usualUploadBytes,
    },
  };
}

/** The way back to a private chat: every word is a message there, for nobody else reads it. */
export class DirectChat implements Chat {
  readonly #written: Written;
  readonly #parts: DirectParts;
  readonly #acknowledged = Promise.withResolvers<void>();
  #placeholder: Address | undefined;
  #posts = 0;

  constructor(written: Written, parts: DirectParts) {
    this.#written = written;
    this.#parts = parts;
  }

  /** Resolves when the placeholder stands; never where none is posted. */
  get acknowledged(): Promise<void> {
    return this.#acknowledged.promise;
  }

  async acknowledge(first: Reply): Promise<Address> {
    this.#placeholder = await this.#post(first);
    this.#acknowledged.resolve();
    return this.#placeholder;
  }

  async answer(reply: Reply): Promise<void> {
    const { messages, closing } = this.#parts;
    if (reply.kind === 'edit-placeholder' && this.#placeholder !== undefined) {
      await messages.edit(placeOf(this.#placeholder), reply, closing);
    } else await this.#post(reply);
  }

  /** Nobody is asked for proposals here. */
  async suggest(): Promise<void> {}

  async deleteMessage(address: Address): Promise<void> {
    await this.#parts.messages.remove(placeOf(address), this.#parts.closing);
  }

  /** What was sent before without words is remembered by the commands. */
  async findRecentPhoto(): Promise<PhotoHandle | undefined> {
    return undefined;
  }

  reopenPhoto(reference: JsonObject): PhotoHandle | undefined {
    return reopenedPhoto(reference, this.#parts.downloads);
  }

  async rightsIn(platformChatId: string): Promise<CommunityRights> {
    return this.#parts.rights.of(platformChatId, this.#written.actor.userId, this.#parts.closing);
  }

  async communityOf(channelId: string): Promise<string | undefined> {
    return this.#parts.rights.communityOf(channelId);
  }

  async #post(reply: Reply): Promise<Address> {
    const { wire, closing } = this.#parts;
    const { act, actor, scene } = this.#written;
    const nonce = nonceOf(act.requestId, ++this.#posts);
    const message = await post(wire, scene.channelId, await renderMessage(reply, usualUploadBytes), nonce, closing);
    return { chat: scene.channelId, message, user: actor.userId, isReachable: true, maxUploadBytes: usualUploadBytes };
  }
}
