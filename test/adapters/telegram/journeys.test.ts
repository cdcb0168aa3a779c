import { expect, onTestFinished } from 'vitest';
import { TelegramAdapter } from '../../../adapters/telegram/index.ts';
import { handle } from '../../../commands/dispatch.ts';
import type { Services } from '../../../commands/services.ts';
import { allowPreviews, type HouseOptions, openHouse } from '../../contracts/chat-house.ts';
import { chatJourneys, type ChatPerson, type SeenMessage } from '../../contracts/chat-journeys.ts';
import { chatModeration, type ModeratedStage } from '../../contracts/chat-moderation.ts';
import { chatPrivacy } from '../../contracts/chat-privacy.ts';
import { temporaryFolder } from '../../contracts/place.ts';
import { type Chat, FakeTelegram, type Message, type Person } from '../../fakes/telegram/index.ts';
import type { CallbackPress } from '../../fakes/telegram/press.ts';
import { photoFile } from '../../photo/samples.ts';

const openStage = async (options: HouseOptions = {}): Promise<ModeratedStage> => {
  const dataDir = await temporaryFolder();
  const telegram = await FakeTelegram.open();
  onTestFinished(() => telegram.close());
  const open = () => openHouse(dataDir, async (services) => [await connected(telegram, services)], options);
  let house = await open();
  const group = telegram.group('Cows', [telegram.user('the owner')]);
  const room = telegram.group('Moderators', [telegram.user('the owner')]);
  const people = new Map<string, ChatPerson>();
  onTestFinished(() => blameless(telegram));
  const person = async (name: string, rank: 'member' | 'administrator'): Promise<ChatPerson> => {
    const known = people.get(name);
    if (known !== undefined) return known;
    const account = telegram.user(name, { met: true });
    group.members.set(account.id, rank);
    if (rank !== 'member') room.members.set(account.id, 'administrator');
    const made = chatPerson(telegram, group, room, account);
    people.set(name, made);
    return made;
  };
  return {
    platform: 'telegram',
    person: (name) => person(name, 'member'),
    moderator: (name) => person(name, 'administrator'),
    manager: (name) => person(name, 'administrator'),
    moderatorsRoom: String(room.id),
    cards: async () =>
      telegram
        .messages(room)
        .filter(({ from, content }) => from === telegram.botAccount && content.markup.forceReply === undefined)
        .filter(({ replyTo }) => replyTo === undefined)
        .map(seen),
    messages: async () =>
      telegram
        .messages(group)
        .filter((message) => message.from === telegram.botAccount && !isForOne(message))
        .map(seen),
    engine: () => house.engine,
    restart: async () => {
      await house.close();
      house = await open();
    },
    allowPreviews: () => allowPreviews(house),
    dropPhotos: async () => telegram.dropFiles(),
  };
};

chatJourneys(openStage);
chatModeration(openStage);
chatPrivacy(openStage);

/** Whoever was restarted cannot know whether a message says so already. */
const isRepetition = /message is not modified/;

function blameless({ violations }: FakeTelegram): void {
  expect(violations.filter(({ reason }) => !isRepetition.test(reason))).toEqual([]);
}

async function connected(telegram: FakeTelegram, services: Services): Promise<TelegramAdapter> {
  const { wordsOf, clock, log } = services;
  const adapter = new TelegramAdapter({
    token: telegram.token,
    apiUrl: telegram.apiUrl,
    updates: { kind: 'polling' },
    wordsOf,
    messageMoved: async () => {},
    albumWaitMs: 60,
    drainMs: 2000,
    clock,
    log,
  });
  await adapter.start((act, actor, scene, chat) => handle(act, actor, scene, chat, services));
  return adapter;
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

/** Has written to the bot before, so that what is for one person alone can be said in their private chat. */
function chatPerson(telegram: FakeTelegram, group: Chat, room: Chat, person: Person): ChatPerson {
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
    ask: async (prompt, { photo = photoFile('astronaut.png'), count } = {}) => {
      const options = count === undefined ? '' : ` --count ${count}`;
      person.sendDocument(photo, 'photo.png', `/cow ${prompt}${options}`, { chat: group });
    },
    command: async (name, words = '') => void person.say(`/${name.replaceAll('-', '_')} ${words}`, { chat: group }),
    press: async (message, label) => pressed(person.press(found(message), label)),
    forge: async (message, pressId) => pressed(person.forge(found(message), pressId)),
    fill: async (fields, photo) => {
      const [text = ''] = Object.values(fields);
      const last = presses.at(-1)?.message?.chat ?? group;
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
