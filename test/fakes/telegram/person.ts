import { foundEntities } from './entities.ts';
import type { Account, Chat, Content, Media, Message } from './model.ts';
import { accountPayload, messagePayload } from './payloads.ts';
import { CallbackPress } from './press.ts';
import type { World } from './world.ts';

/** Where and to what a message is sent. */
export interface Where {
  /** The private chat with the bot unless given. */
  chat?: Chat;
  replyTo?: Message;
  threadId?: number;
}

/** Someone who uses Telegram. */
export class Person {
  readonly account: Account;
  /** The private chat with the bot. */
  readonly chat: Chat;
  readonly #world: World;

  constructor(world: World, account: Account, chat: Chat) {
    this.#world = world;
    this.account = account;
    this.chat = chat;
  }

  get id(): number {
    return this.account.id;
  }

  /** Writes a text, also a command. The first message opens the private chat for the bot. */
  say(text: string, where: Where = {}): Message {
    return this.#post(text, undefined, where);
  }

  /** Answers a message in its chat and topic. */
  reply(to: Message, text: string): Message {
    return this.say(text, {
      chat: to.chat,
      replyTo: to,
      ...(to.threadId === undefined ? {} : { threadId: to.threadId }),
    });
  }

  /** Sends a picture as a photo: the service re-encodes it. */
  async sendPhoto(bytes: Uint8Array, caption = '', where: Where = {}): Promise<Message> {
    return this.#post(caption, await this.#world.files.photo(bytes, false), where);
  }

  /** Sends a file as it is. */
  sendDocument(bytes: Uint8Array, name: string, caption = '', where: Where = {}): Message {
    const media = this.#world.files.document({ bytes, name, contentType: 'application/octet-stream' });
    return this.#post(caption, media, where);
  }

  sendSticker(bytes: Uint8Array, where: Where & { animated?: boolean } = {}): Message {
    const about = { mimeType: 'image/webp', width: 512, height: 512 };
    const file = this.#world.files.keep(bytes, 'stickers', about);
    return this.#post('', { kind: 'sticker', file, animated: where.animated ?? false }, where);
  }

  /** Several photos at once: separate updates, the caption on the first. */
  async sendAlbum(pictures: readonly Uint8Array[], caption = '', where: Where = {}): Promise<Message[]> {
    const photos = await Promise.all(pictures.map((bytes) => this.#world.files.photo(bytes, false)));
    const group = String(this.#world.nextId());
    return photos.map((photo, index) => this.#post(index === 0 ? caption : '', photo, where, group));
  }

  /** Changes the text or caption of an own message. */
  edit(message: Message, text: string): void {
    if (message.from !== this.account) throw new Error('People edit their own messages only.');
    this.#world.edit(message, { ...message.content, text, entities: foundEntities(text) });
  }

  /** Presses the button with this label. */
  press(message: Message, label: string): CallbackPress {
    const button = message.buttons.find((one) => one.text === label);
    if (message.deleted || button?.callback_data === undefined)
      throw new Error(`There is no button ${label}; there are: ${message.labels.join(', ')}.`);
    return this.forge(message, button.callback_data);
  }

  /** Sends any callback data, as a made-up client can. */
  forge(message: Message, data: string): CallbackPress {
    const world = this.#world;
    const id = String(world.nextId());
    const press = new CallbackPress({ id, from: this.account, message, data, atMs: world.clock.now() }, world.watch);
    world.presses.set(id, press);
    world.updates.push('callback_query', {
      id,
      from: accountPayload(this.account),
      message: messagePayload(message),
      chat_instance: String(message.chat.id),
      data,
    });
    return press;
  }

  blockBot(): void {
    this.#world.setBotStatus(this.chat, this.account, 'kicked');
  }

  unblockBot(): void {
    this.#world.setBotStatus(this.chat, this.account, 'member');
  }

  /** Deletes a message for everybody; the bot is not told. */
  delete(message: Message): void {
    message.deleted = true;
    this.#world.watch.changed();
  }

  #post(text: string, media: Media | undefined, where: Where, mediaGroupId?: string): Message {
    const chat = where.chat ?? this.chat;
    if (chat === this.chat && chat.members.get(this.#world.bot.id) === undefined)
      chat.members.set(this.#world.bot.id, 'member');
    if (chat.migratedTo !== undefined) throw new Error('The group has become a supergroup.');
    if (!['creator', 'administrator', 'member'].includes(chat.members.get(this.id) ?? 'left'))
      throw new Error(`${this.account.firstName} is not in this chat.`);
    const content: Content = { text, entities: foundEntities(text), media, markup: {} };
    const { replyTo, threadId } = where;
    return this.#world.post(chat, this.account, content, { replyTo, threadId, mediaGroupId });
  }
}
