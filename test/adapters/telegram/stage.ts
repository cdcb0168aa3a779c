/** The whole bot on a fake Telegram, with a real client. */
import { onTestFinished } from 'vitest';
import { createLog } from '../../../src/log.ts';
import type { Job } from '../../../src/store/jobs.ts';
import { allowPreviews, type HouseOptions, openHouse } from '../../contracts/chat-house.ts';
import type { SeenMessage } from '../../contracts/chat-journeys.ts';
import type { CallTrouble, WholePerson, WholeStage } from '../../contracts/chat-whole.ts';
import { temporaryFolder } from '../../contracts/place.ts';
import { type Chat, FakeTelegram, type Message, type Person } from '../../fakes/telegram/index.ts';
import type { CallbackPress } from '../../fakes/telegram/press.ts';
import { JumpClock } from '../../fakes/wire/clock.ts';
import { photoFile } from '../../photo/samples.ts';
import { connected } from './connected.ts';

const methods = { placeholder: 'sendMessage', result: 'editMessageMedia', removal: 'deleteMessage' };

const troubles = {
  'busy for a second': { code: 429, retryAfterS: 1 },
  failing: { code: 502 },
  'hangs up': 'hang-up',
  'loses its answer': 'lose-answer',
} as const satisfies Record<CallTrouble, unknown>;

/** Longer than a callback query can be answered. */
const tooLateMs = 60_000;

export interface TelegramStage extends WholeStage {
  readonly telegram: FakeTelegram;
  readonly group: Chat;
  readonly owner: Person;
}

export async function openTelegramStage(options: HouseOptions = {}): Promise<TelegramStage> {
  const dataDir = await temporaryFolder();
  const clock = new JumpClock();
  const telegram = await FakeTelegram.open({ clock });
  onTestFinished(() => telegram.close());
  const lines: string[] = [];
  const log = createLog('trace', (line) => void lines.push(line));
  const house = { log, clock: () => clock.now(), ...options };
  const open = () =>
    openHouse(dataDir, async (services) => [await connected(telegram, services, { downloadTimeoutMs: 1000 })], house);
  let current = await open();
  const owner = telegram.user('manager', { met: true });
  const group = telegram.group('Cows', [owner]);
  const room = telegram.group('Moderators', [owner]);
  const other = telegram.group('Elsewhere', [telegram.user('somebody')]);
  const restart = async (): Promise<void> => {
    await current.close();
    current = await open();
  };
  const shared = (chat: Chat) => {
    const people = new Map<string, WholePerson>();
    const around = { telegram, clock, chat, room, close: () => current.close(), restart };
    return {
      person: async (name: string, rank: 'member' | 'administrator' = 'member'): Promise<WholePerson> => {
        const known = people.get(name);
        if (known !== undefined) return known;
        // Has written to the bot before, so that what is for one person alone can be said in their private chat.
        const account = telegram.user(name, { met: true });
        chat.members.set(account.id, rank);
        if (rank !== 'member') room.members.set(account.id, 'administrator');
        const made = wholePerson(around, account);
        people.set(name, made);
        return made;
      },
      messages: async () =>
        telegram
          .messages(chat)
          .filter((message) => message.from === telegram.botAccount && !isForOne(message))
          .map(seen),
    };
  };
  const here = shared(group);
  const placed = (happen: () => void) => async () => happen();
  return {
    platform: 'telegram',
    longestPrompt: 4000,
    telegram,
    group,
    owner,
    dataDir,
    ...here,
    elsewhere: shared(other),
    person: (name) => here.person(name),
    moderator: (name) => here.person(name, 'administrator'),
    manager: (name) => here.person(name, 'administrator'),
    moderatorsRoom: String(room.id),
    // It is a small group; messages of supergroups have addresses.
    linksBegin: undefined,
    cards: async () =>
      telegram
        .messages(room)
        .filter(({ from, content }) => from === telegram.botAccount && content.markup.forceReply === undefined)
        .filter(({ replyTo }) => replyTo === undefined)
        .map(seen),
    allowPreviews: () => allowPreviews(current),
    engine: () => current.engine,
    house: () => current,
    restart,
    dropPhotos: async () => telegram.dropFiles(),
    logged: () => lines.join(''),
    secrets: () => [telegram.token, telegram.token.split(':')[1], '/file/bot', 'documents/file_'],
    pings: () => pingsIn(telegram, [group, other]),
    blame: () => telegram.violations.map(({ route, reason }) => `${route}: ${reason}`).filter(isBlame),
    makeTrouble: (call, trouble, times) => telegram.failNext(methods[call], times, troubles[trouble]),
    endTrouble: () => telegram.failNoMore(),
    mishaps: {
      'message deleted': async (job) => telegram.deleteMessage(placeholderOf(telegram, group, job)),
      'channel gone': placed(() => telegram.deleteChat(group)),
      'bot kicked': placed(() => telegram.kickBot(group, owner)),
      'no right to show pictures': placed(() => {
        group.botMaySendPhotos = false;
      }),
    },
    tellTimes: (times) => telegram.tellTimes(times),
    latePressCounts: true,
    drops: [
      ['a failing server', () => telegram.failNext('getUpdates', 1, { code: 502 })],
      ['a cut connection', () => telegram.failNext('getUpdates', 1, 'hang-up')],
      ['an answer that gets lost', () => telegram.failNext('getUpdates', 1, 'lose-answer')],
      [
        'another bot that asks for updates',
        () =>
          telegram.failNext('getUpdates', 1, { code: 409, description: 'Conflict: terminated by other getUpdates' }),
      ],
    ],
  };
}

/** Whoever was restarted cannot know whether a message says so already; nor whether a press is still waited for. */
const isBlame = (text: string): boolean => !/message is not modified|query is too old/.test(text);

const harmless = ['blockquote', 'italic', 'bold', 'code'];

/** A group has no way to ask somebody a question but to mention them. */
function pingsIn(telegram: FakeTelegram, chats: readonly Chat[]): string[] {
  return chats
    .flatMap((chat) => telegram.messages(chat))
    .filter(({ from, content }) => from === telegram.botAccount && content.markup.forceReply === undefined)
    .flatMap(({ content }) => content.entities)
    .flatMap(({ type }) => (harmless.includes(type) ? [] : [type]));
}

function placeholderOf(telegram: FakeTelegram, chat: Chat, { address }: Job): Message {
  const found = telegram.messages(chat).find(({ id }) => id === address['messageId']);
  if (found === undefined) throw new Error('The placeholder is not there.');
  return found;
}

/**
 * A group has no messages for one person: forms and choices about a message stand under it, where others see them and
 * cannot use them.
 */
function isForOne({ content, history }: Message): boolean {
  const { inline, forceReply } = (history[0] ?? content).markup;
  const buttons = inline?.inline_keyboard.flat() ?? [];
  const isPlaceholder = buttons.some(({ callback_data: data }) => data?.startsWith('v1:cancel:') === true);
  return forceReply !== undefined || (buttons.length > 0 && !isPlaceholder);
}

interface Around {
  readonly telegram: FakeTelegram;
  readonly clock: JumpClock;
  readonly chat: Chat;
  /** Of the moderators. */
  readonly room: Chat;
  /** Of the bot. */
  readonly close: () => Promise<void>;
  readonly restart: () => Promise<void>;
}

function wholePerson({ telegram, clock, chat: group, room, close, restart }: Around, person: Person): WholePerson {
  const presses: CallbackPress[] = [];
  const found = ({ id }: SeenMessage): Message => {
    const message = [group, room, person.chat]
      .flatMap((chat) => telegram.messages(chat))
      .find((one) => idOf(one) === id);
    if (message === undefined) throw new Error('The message is no longer there.');
    return message;
  };
  const pressed = async (press: CallbackPress): Promise<void> => {
    presses.push(press);
    await press.whenAnswered();
  };
  const isForThisOne = ({ replyTo }: Message): boolean =>
    replyTo?.from === person.account || presses.some((press) => press.message === replyTo);
  return {
    ask: async (prompt, { photo = photoFile('astronaut.png'), count, sending = {} } = {}) => {
      const options = count === undefined ? '' : ` --count ${count}`;
      const message = person.sendDocument(photo, 'photo.png', `/cow ${prompt}${options}`, { chat: group });
      telegram.misbehave(message, sending === 'expired' ? { status: 404 } : sending);
    },
    command: async (name, words = '') => void person.say(`/${name.replaceAll('-', '_')} ${words}`, { chat: group }),
    commandAlone: async (name) => void person.say(`/${name}`),
    press: async (message, label) => pressed(person.press(found(message), label)),
    forge: async (message, pressId) => pressed(person.forge(found(message), pressId)),
    forgeAll: async (message, pressIds) =>
      Promise.all(pressIds.map(async (id) => (await person.forge(found(message), id).whenAnswered()).text)),
    forgeForms: undefined,
    pressLate: async (message, label) => {
      await close();
      const { id } = person.press(found(message), label);
      clock.advance(tooLateMs);
      await restart();
      await telegram.until(
        () => telegram.requestsOf('answerCallbackQuery').some(({ body }) => JSON.stringify(body).includes(`"${id}"`)),
        'an answer that comes too late',
      );
    },
    fill: async (fields, photo) => {
      const [text = ''] = Object.values(fields);
      const last = presses.at(-1)?.message.chat ?? group;
      const question = await telegram.answer(last, ({ content }) => content.markup.forceReply !== undefined);
      if (photo === undefined) person.reply(question, text);
      else person.sendDocument(photo, 'photo.jpg', text, { chat: last, replyTo: question });
    },
    heard: async () => {
      const alone = telegram.messages(person.chat).filter(({ from }) => from === telegram.botAccount);
      const choices = [group, room]
        .flatMap((chat) => telegram.messages(chat))
        .filter((message) => isForOne(message) && isForThisOne(message))
        .filter(({ content }) => content.markup.forceReply === undefined);
      const messages = [...alone, ...choices].map((message) => ({ atMs: message.dateMs, shown: seen(message) }));
      return [...messages, ...presses.flatMap(toastOf)].sort((a, b) => a.atMs - b.atMs).map(({ shown }) => shown);
    },
  };
}

function toastOf({ id, atMs, answer }: CallbackPress): { atMs: number; shown: SeenMessage }[] {
  if (answer === undefined || answer.text === '') return [];
  const shown = { id: `toast ${id}`, text: answer.text, buttons: [], pictures: [], files: [] };
  return [{ atMs: atMs + answer.afterMs, shown }];
}

const idOf = ({ chat, id }: Message): string => `${chat.id}/${id}`;

function seen(message: Message): SeenMessage {
  const { text, labels: buttons, bytes } = message;
  const shown = bytes === undefined || isBlank(message) ? [] : [bytes];
  const isFile = message.content.media?.kind === 'document';
  return { id: idOf(message), text, buttons, pictures: isFile ? [] : shown, files: isFile ? shown : [] };
}

/** A photo cannot become a text again: what is taken out of sight leaves an empty plate of this size. */
function isBlank({ content: { media } }: Message): boolean {
  const size = media?.kind === 'photo' ? media.sizes.at(-1) : undefined;
  return size?.width === 320 && size.height === 80;
}
