import type { WireClock } from '../wire/clock.ts';
import { Record } from '../wire/record.ts';
import { Watch } from '../wire/watch.ts';
import type { CallbackPress } from './press.ts';
import { badRequest, forbidden, impossible, TelegramRefusal } from './errors.ts';
import { Files } from './media.ts';
import { Message } from './model.ts';
import type { Account, Chat, ChatKind, Content, MemberStatus } from './model.ts';
import { accountPayload, chatPayload, messagePayload } from './payloads.ts';
import type { Params } from './params.ts';
import { Updates } from './updates.ts';

export interface Sending {
  threadId?: number | undefined;
  replyTo?: Message | undefined;
  mediaGroupId?: string | undefined;
  service?: object | undefined;
}

/** All that this Telegram knows. */
export class World {
  readonly clock: WireClock;
  readonly watch = new Watch();
  readonly record = new Record();
  readonly files = new Files();
  readonly updates = new Updates(this.watch);
  readonly token: string;
  readonly bot: Account;
  /** Where a server in its `--local` mode keeps files. */
  readonly localDir: string | undefined;
  /** With privacy mode on the bot sees in groups only what is meant for it. */
  readonly privacyMode: boolean;
  readonly accounts = new Map<number, Account>();
  readonly chats = new Map<number, Chat>();
  /** A callback query that is older cannot be answered any more. */
  readonly answerWithinMs = 15_000;
  readonly presses = new Map<string, CallbackPress>();
  /** Menus by scope and language, as JSON. */
  readonly menus = new Map<string, readonly { command: string; description: string }[]>();
  #nextId = 1000;

  constructor(options: {
    clock: WireClock;
    token: string;
    botUsername: string;
    privacyMode: boolean;
    localDir: string | undefined;
  }) {
    this.clock = options.clock;
    this.token = options.token;
    this.privacyMode = options.privacyMode;
    this.localDir = options.localDir;
    this.bot = {
      id: Number(options.token.split(':')[0]),
      isBot: true,
      firstName: options.botUsername,
      username: options.botUsername,
      languageCode: 'en',
    };
    this.accounts.set(this.bot.id, this.bot);
  }

  nextId(): number {
    return this.#nextId++;
  }

  addChat(kind: ChatKind, id: number, title: string, isForum = false): Chat {
    const chat: Chat = {
      id,
      kind,
      title,
      isForum,
      members: new Map(),
      topics: new Map(),
      log: [],
      actions: [],
      botMaySendText: true,
      botMaySendPhotos: true,
      botMaySendDocuments: true,
      migratedTo: undefined,
      draft: undefined,
      lastId: 0,
    };
    this.chats.set(id, chat);
    return chat;
  }

  /** @throws {TelegramRefusal} */
  chat(params: Params): Chat {
    const id = params.integer('chat_id');
    if (id === undefined) throw badRequest('chat_id is empty');
    const chat = this.chats.get(id);
    if (chat === undefined) throw impossible('chat not found');
    if (chat.migratedTo !== undefined)
      throw new TelegramRefusal(400, 'Bad Request: group chat was upgraded to a supergroup chat', {
        blame: 'world',
        parameters: { migrate_to_chat_id: chat.migratedTo.id },
      });
    return chat;
  }

  /** The chat of a call that shows something there. @throws {TelegramRefusal} */
  openChat(params: Params): Chat {
    const chat = this.chat(params);
    const status = chat.members.get(this.bot.id);
    if (chat.kind === 'private') {
      if (status === 'kicked') throw forbidden('bot was blocked by the user');
      if (status !== 'member') throw forbidden("bot can't initiate conversation with a user");
    } else if (status === 'kicked') throw forbidden(`bot was kicked from the ${chat.kind} chat`);
    else if (status === undefined || status === 'left') throw forbidden(`bot is not a member of the ${chat.kind} chat`);
    return chat;
  }

  /** @throws {TelegramRefusal} for a topic that is not there or closed */
  topic(chat: Chat, params: Params): number | undefined {
    const threadId = params.integer('message_thread_id');
    if (threadId === undefined) return undefined;
    const topic = chat.topics.get(threadId);
    if (topic === undefined) throw impossible('message thread not found');
    if (topic.closed) throw impossible('TOPIC_CLOSED');
    return threadId;
  }

  /** A message that is there now. */
  message(chat: Chat, id: number | undefined): Message | undefined {
    return chat.log.find((message) => message.id === id && !message.deleted);
  }

  post(chat: Chat, from: Account, content: Content, sending: Sending = {}): Message {
    chat.lastId += 1;
    const message = new Message({
      id: chat.lastId,
      chat,
      from,
      dateMs: this.clock.now(),
      threadId: sending.threadId,
      replyTo: sending.replyTo,
      mediaGroupId: sending.mediaGroupId,
      service: sending.service,
      content,
    });
    chat.log.push(message);
    if (from.id !== this.bot.id && this.#reachesBot(message)) this.updates.push('message', messagePayload(message));
    this.watch.changed();
    return message;
  }

  edit(message: Message, content: Content): void {
    message.history.push(message.content);
    message.content = content;
    message.editedMs = this.clock.now();
    if (message.from.id !== this.bot.id && this.#reachesBot(message))
      this.updates.push('edited_message', messagePayload(message));
    this.watch.changed();
  }

  /** A change of the bot's own membership: added, kicked, blocked. */
  setBotStatus(chat: Chat, by: Account, status: MemberStatus): void {
    const before = chat.members.get(this.bot.id) ?? 'left';
    chat.members.set(this.bot.id, status);
    const member = (name: MemberStatus): object => ({ status: name, user: accountPayload(this.bot) });
    this.updates.push('my_chat_member', {
      chat: chatPayload(chat),
      from: accountPayload(by),
      date: Math.floor(this.clock.now() / 1000),
      old_chat_member: member(before),
      new_chat_member: member(status),
    });
    this.watch.changed();
  }

  /** core.telegram.org/bots/features#privacy-mode */
  #reachesBot(message: Message): boolean {
    const { chat, replyTo, service } = message;
    const status = chat.members.get(this.bot.id);
    if (status === undefined || status === 'left' || status === 'kicked') return false;
    if (chat.kind === 'private' || !this.privacyMode || status === 'administrator' || service !== undefined)
      return true;
    if (replyTo?.from.id === this.bot.id) return true;
    const { text, entities } = message.content;
    return entities.some(({ type, offset, length }) => {
      const part = text.slice(offset, offset + length).toLowerCase();
      const own = part.endsWith(`@${this.bot.username?.toLowerCase()}`);
      return type === 'mention' ? own : type === 'bot_command' && (own || !part.includes('@'));
    });
  }
}
