/** The way back to the chat that one act came from. */
import { type Api, GrammyError } from 'grammy';
import type { Actor, PhotoHandle, Scene } from '../../commands/contract/act.ts';
import { type Chat, type CommunityRights, noRights } from '../../commands/contract/chat.ts';
import { plainText, type Reply } from '../../commands/contract/reply.ts';
import type { Language, Words } from '../../commands/languages/languages.ts';
import { isSentence, writeFirst } from '../../commands/write-first.ts';
import type { Address } from '../../src/jobs/adapter.ts';
import type { JsonObject } from '../../src/store/tables.ts';
import { clientSignal, isRefused, remoteError } from './calls.ts';
import { fileReferenceOf, type OpenFile } from './files.ts';
import {
  addressAt,
  edit,
  hasBody,
  type Place,
  placeOf,
  post,
  postFiles,
  postQuestion,
  remove,
  type Target,
} from './messages.ts';
import type { Received } from './receive.ts';
import { clipped, formMessage } from './render.ts';
import { allRights, type Rights } from './rights.ts';

/** https://core.telegram.org/bots/api#answercallbackquery */
const maxToastLength = 200;

export interface ChatOptions {
  readonly api: Api;
  readonly botName: string;
  readonly open: OpenFile;
  readonly rights: Rights;
  readonly wordsOf: (language: Language) => Words;
  readonly scene: Scene;
  readonly received: Received;
  /** Ends every call. */
  readonly signal: AbortSignal;
  /** The placeholder stands. */
  readonly onAcknowledged: () => void;
}

export class TelegramChat implements Chat {
  readonly #options: ChatOptions;
  readonly #actor: Actor;
  readonly #target: Target;
  #placeholder: Place | undefined;
  #isPressAnswered: boolean;

  constructor(options: ChatOptions) {
    const { actor, spot, callbackId } = options.received;
    this.#options = options;
    this.#actor = actor;
    this.#isPressAnswered = callbackId === undefined;
    const { chatId, threadId, messageId, kind } = spot;
    // In a private chat there is nobody else whom an answer could be for.
    const isClear = kind === 'private' && callbackId === undefined;
    this.#target = { chat: String(chatId), threadId, ...(isClear ? {} : { replyTo: messageId }) };
  }

  async acknowledge(first: Reply): Promise<Address> {
    const { api, signal, onAcknowledged } = this.#options;
    return this.#calling(async () => {
      const [placed] = await Promise.all([post(api, this.#target, first, signal), this.settle()]);
      this.#placeholder = placed;
      onAcknowledged();
      return addressAt(placed);
    });
  }

  async answer(reply: Reply): Promise<void> {
    await this.#calling(async () => {
      if (reply.kind === 'toast') {
        await this.#toast(reply);
        return;
      }
      if (await this.#alerted(reply)) return;
      await this.settle();
      if (reply.form === undefined) await this.#show(reply);
      else await this.#ask(reply);
    });
  }

  /** Nobody is asked for suggestions here. */
  async suggest(): Promise<void> {}

  async deleteMessage(address: Address): Promise<void> {
    const { api, signal } = this.#options;
    await this.#calling(() => remove(api, placeOf(address), signal));
  }

  /** Bots cannot look at what was said before. */
  async findRecentPhoto(): Promise<PhotoHandle | undefined> {
    return undefined;
  }

  reopenPhoto(reference: JsonObject): PhotoHandle | undefined {
    const file = fileReferenceOf(reference);
    return file === undefined ? undefined : this.#options.open(file);
  }

  async rightsIn(platformChatId: string): Promise<CommunityRights> {
    const { rights, scene, signal } = this.#options;
    const { userId } = this.#actor;
    const { communityId, mayManage, mayModerate, roleIds } = scene;
    if (platformChatId === communityId) return { mayManage, mayModerate, roleIds };
    if (platformChatId === userId) return allRights;
    // Ids of people's private chats have no sign.
    const isGroup = /^-\d{1,16}$/.test(platformChatId);
    return isGroup ? rights.of(Number(platformChatId), Number(userId), signal) : noRights;
  }

  async communityName(platformChatId: string): Promise<string | undefined> {
    const { api, signal } = this.#options;
    try {
      return (await api.getChat(platformChatId, clientSignal(signal))).title;
    } catch {
      signal.throwIfAborted();
      return undefined;
    }
  }

  /** A group is its own channel. */
  async communityOf(channelId: string): Promise<string | undefined> {
    return channelId;
  }

  /** Ends the wait of whoever pressed a button; whoever waits no longer is fine. */
  async settle(toast?: { readonly text: string; readonly isAlert: boolean }): Promise<void> {
    const { api, received, signal } = this.#options;
    if (this.#isPressAnswered || received.callbackId === undefined) return;
    this.#isPressAnswered = true;
    const words = toast === undefined ? {} : { text: toast.text, show_alert: toast.isAlert };
    try {
      await api.answerCallbackQuery(received.callbackId, words, clientSignal(signal));
    } catch (error) {
      // "query is too old": the bot was away for a while; the press counts all the same.
      if (!(error instanceof GrammyError) || error.error_code !== 400) throw error;
    }
  }

  async #toast(reply: Reply): Promise<void> {
    const text = plainText(reply).trim();
    if (this.#isPressAnswered || text === '') await this.#showToAsker(reply);
    else await this.settle({ text: clipped(text.toWellFormed(), maxToastLength), isAlert: false });
  }

  /** In a group, a few words for whoever pressed come as a box that nobody else sees. */
  async #alerted(reply: Reply): Promise<boolean> {
    const { kind, visibility, pictures, rows, files, form } = reply;
    const isPrivate = this.#options.received.spot.kind === 'private';
    const text = plainText(reply).trim();
    const isPlain = pictures.length + rows.length + files.length === 0 && form === undefined;
    const fits = text !== '' && text.length <= maxToastLength;
    if (kind !== 'new' || visibility !== 'asker' || isPrivate || !isPlain || !fits || this.#isPressAnswered)
      return false;
    await this.settle({ text: text.toWellFormed(), isAlert: true });
    return true;
  }

  async #show(reply: Reply): Promise<void> {
    const { api, received, signal } = this.#options;
    const { spot, callbackId, openedFrom } = received;
    const messageId = callbackId === undefined ? openedFrom : spot.messageId;
    const pressed = messageId === undefined ? undefined : { chat: this.#target.chat, messageId };
    const at = { new: undefined, toast: undefined, 'edit-placeholder': this.#placeholder, 'edit-pressed': pressed }[
      reply.kind
    ];
    if (at === undefined) {
      if (reply.visibility === 'asker') await this.#showToAsker(reply);
      else await this.#say(this.#target, reply);
      return;
    }
    try {
      await edit(api, at, reply, signal);
    } catch (error) {
      // Somebody deleted it while they filled the form in.
      if (openedFrom === undefined || !isRefused(error, /message to edit not found|MESSAGE_ID_INVALID/)) throw error;
      await this.#say(this.#target, reply);
      return;
    }
    await postFiles(api, this.#target, reply, signal);
  }

  /**
   * In the private chat; whoever never opened one gets no more than a sentence where they asked. A question
   * about a message of the group (one line and the answers to choose from) stands under that message, for what it leads
   * to belongs there too.
   */
  async #showToAsker(reply: Reply): Promise<void> {
    const { spot, callbackId } = this.#options.received;
    const isChoice = callbackId !== undefined && isQuestion(reply);
    if (spot.kind === 'private' || isChoice || reply.isForHere === true) {
      await this.#say(this.#target, reply);
      return;
    }
    try {
      await this.#say({ chat: this.#actor.userId }, reply);
    } catch (error) {
      if (!(error instanceof GrammyError) || error.error_code !== 403) throw error;
      const { scene, botName, wordsOf } = this.#options;
      const url = `https://t.me/${botName}`;
      await this.#say(this.#target, isSentence(reply) ? reply : writeFirst(this.#actor, scene, url, wordsOf));
    }
  }

  async #say(target: Target, reply: Reply): Promise<void> {
    const { api, signal } = this.#options;
    if (hasBody(reply) || reply.files.length === 0) await post(api, target, reply, signal);
    else await postFiles(api, target, reply, signal);
  }

  async #ask({ form }: Reply): Promise<void> {
    if (form === undefined) return;
    const { api, botName, received, signal } = this.#options;
    const { userId, displayName } = this.#actor;
    const asker = received.spot.kind === 'private' ? undefined : { id: Number(userId), name: displayName };
    const openedFrom = received.callbackId === undefined ? undefined : received.spot.messageId;
    await postQuestion(api, this.#target, formMessage(form, botName, asker, openedFrom), signal);
  }

  async #calling<T>(call: () => Promise<T>): Promise<T> {
    try {
      return await call();
    } catch (error) {
      this.#options.signal.throwIfAborted();
      throw remoteError(error);
    }
  }
}

function isQuestion({ lines, rows, pictures, files }: Reply): boolean {
  return lines.length === 1 && rows.length > 0 && pictures.length + files.length === 0;
}
