import { JumpClock } from '../wire/clock.ts';
import type { WireClock } from '../wire/clock.ts';
import { Faults } from '../wire/faults.ts';
import type { Cut } from '../wire/faults.ts';
import type { RecordedRequest, Violation } from '../wire/record.ts';
import { serve } from '../wire/serve.ts';
import type { Listening } from '../wire/serve.ts';
import type { Misbehaviour } from '../wire/bytes.ts';
import { Flood } from './flood.ts';
import type { FloodLimits } from './flood.ts';
import type { Account, Chat, Message } from './model.ts';
import { Person } from './person.ts';
import { botApi } from './server.ts';
import type { InjectedError } from './server.ts';
import { World } from './world.ts';

export type { Chat, Message } from './model.ts';
export type { Person } from './person.ts';

export interface FakeTelegramOptions {
  token?: string;
  botUsername?: string;
  /** In groups the bot sees only what is meant for it; on by default, as for every new bot. */
  privacyMode?: boolean;
  flood?: FloodLimits;
  /** A server of one's own in its `--local` mode, which keeps files in this folder and answers with paths there. */
  localDir?: string;
  /** For the age of callback queries and messages, file links and flood limits. Pass the one that the bot uses. */
  clock?: WireClock;
}

/** A Bot API server on loopback. */
export class FakeTelegram {
  readonly token: string;
  /** Forward it with `clock.advance(ms)` when none was passed in. */
  readonly clock: WireClock;
  readonly #world: World;
  readonly #faults: Faults<InjectedError>;
  readonly #listening: Listening;

  private constructor(world: World, faults: Faults<InjectedError>, listening: Listening) {
    this.#world = world;
    this.#faults = faults;
    this.#listening = listening;
    this.token = world.token;
    this.clock = world.clock;
  }

  static async open(options: FakeTelegramOptions = {}): Promise<FakeTelegram> {
    const {
      token = '110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw',
      botUsername = 'cow_test_bot',
      privacyMode = true,
      flood = {},
      localDir,
      clock = new JumpClock(),
    } = options;
    const world = new World({ clock, token, botUsername, privacyMode, localDir });
    const faults = new Faults<InjectedError>();
    return new FakeTelegram(world, faults, await serve(botApi(world, new Flood(flood, clock), faults)));
  }

  async close(): Promise<void> {
    this.#world.updates.close();
    await this.#listening.close();
  }

  /** For `new Bot(token, {client: {apiRoot}})`. */
  get apiUrl(): string {
    return this.#listening.origin;
  }

  get botAccount(): Account {
    return this.#world.bot;
  }

  /** Every request of the bot, oldest first. */
  get requests(): readonly RecordedRequest[] {
    return this.#world.record.requests;
  }

  /** Requests of one method, e.g. `sendPhoto`; downloads are `file`. */
  requestsOf(method: string): RecordedRequest[] {
    return this.#world.record.of(method);
  }

  /** What a careful bot would not have done. Tests assert that it is empty. */
  get violations(): readonly Violation[] {
    return this.#world.record.violations;
  }

  /** Updates that the bot has not confirmed. */
  get waitingUpdates(): number {
    return this.#world.updates.waiting;
  }

  /** A command menu: `default`, `all_private_chats de`, `chat:-5`. */
  menu(key = 'default'): readonly { command: string; description: string }[] {
    return this.#world.menus.get(key) ?? [];
  }

  /** @param options `met`: has written to the bot before, so that it may write. */
  user(
    firstName: string,
    options: { languageCode?: string; username?: string; met?: boolean; bot?: boolean } = {},
  ): Person {
    const account: Account = {
      id: this.#world.nextId(),
      isBot: options.bot ?? false,
      firstName,
      username: options.username,
      languageCode: options.languageCode ?? 'en',
    };
    this.#world.accounts.set(account.id, account);
    const chat = this.#world.addChat('private', account.id, firstName);
    chat.members.set(account.id, 'member');
    if (options.met === true) chat.members.set(this.#world.bot.id, 'member');
    return new Person(this.#world, account, chat);
  }

  /** A group with the bot; the first person created it. */
  group(title: string, people: readonly Person[], options: { botIsAdmin?: boolean } = {}): Chat {
    return this.#fill(this.#world.addChat('group', -this.#world.nextId(), title), people, options);
  }

  supergroup(title: string, people: readonly Person[], options: { botIsAdmin?: boolean; forum?: boolean } = {}): Chat {
    const id = -1_000_000_000_000 - this.#world.nextId();
    return this.#fill(this.#world.addChat('supergroup', id, title, options.forum ?? false), people, options);
  }

  #fill(chat: Chat, people: readonly Person[], options: { botIsAdmin?: boolean }): Chat {
    for (const [index, person] of people.entries()) chat.members.set(person.id, index === 0 ? 'creator' : 'member');
    chat.members.set(this.#world.bot.id, options.botIsAdmin === true ? 'administrator' : 'member');
    return chat;
  }

  /** A topic of a forum; its message_thread_id. */
  topic(chat: Chat, name: string): number {
    const threadId = ++chat.lastId;
    chat.topics.set(threadId, { name, closed: false });
    return threadId;
  }

  /** The messages that are there now, oldest first. */
  messages(chat: Chat): Message[] {
    return chat.log.filter((message) => !message.deleted && message.service === undefined);
  }

  /** The newest message of the bot that `fits`, as soon as there is one. */
  answer(chat: Chat, fits: (message: Message) => boolean = () => true): Promise<Message> {
    const own = (message: Message): boolean => message.from === this.#world.bot && fits(message);
    return this.until(() => this.messages(chat).findLast(own), `a message of the bot in ${chat.title}`);
  }

  deleteMessage(message: Message): void {
    message.deleted = true;
    this.#world.watch.changed();
  }

  /** A group that was deleted, a person whose account is: the service no longer knows the chat. */
  deleteChat(chat: Chat): void {
    this.#world.chats.delete(chat.id);
    this.#world.watch.changed();
  }

  kickBot(chat: Chat, by: Person): void {
    this.#world.setBotStatus(chat, by.account, 'kicked');
  }

  /** The same, while the bot's updates are lost. */
  migrateUnheard(group: Chat, by: Person): Chat {
    const successor = this.migrate(group, by);
    this.#world.updates.lose();
    return successor;
  }

  /** Turns a group into a supergroup with another id; both get their service message. */
  migrate(group: Chat, by: Person): Chat {
    const successor = this.#world.addChat('supergroup', -1_000_000_000_000 - this.#world.nextId(), group.title);
    for (const [id, status] of group.members) successor.members.set(id, status);
    const empty = { text: '', entities: [], media: undefined, markup: {} };
    this.#world.post(group, by.account, empty, { service: { migrate_to_chat_id: successor.id } });
    group.migratedTo = successor;
    this.#world.post(successor, by.account, empty, { service: { migrate_from_chat_id: group.id } });
    return successor;
  }

  /** How the file server sends the largest size of what this message carries. */
  misbehave(message: Message, misbehaviour: Misbehaviour): void {
    const { media } = message.content;
    const files = media?.kind === 'photo' ? media.sizes : media === undefined ? [] : [media.file];
    for (const file of files) file.misbehaviour = misbehaviour;
  }

  /** The service forgets all files. */
  dropFiles(): void {
    this.#world.files.drop();
  }

  /** @param method e.g. `editMessageMedia`, or `*`. */
  failNext(method: string, times: number, fault: InjectedError | Cut): void {
    this.#faults.add(method, times, fault);
  }

  /** What `failNext` announced and did not come yet will not come. */
  failNoMore(): void {
    this.#faults.clear();
  }

  /** From now on the bot is told so often, and at once, of each thing that people do. */
  tellTimes(times: number): void {
    this.#world.updates.tellings = times;
  }

  /** Waits for any state, of this Telegram or of the bot. */
  until<T>(probe: () => T | undefined | false, what: string, withinMs?: number): Promise<T> {
    return this.#world.watch.until(probe, what, { withinMs, lookEveryMs: 20 });
  }
}
