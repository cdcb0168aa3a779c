/** The whole bot on a fake Discord, with a real client. */
import { PermissionFlagsBits } from 'discord.js';
import { onTestFinished } from 'vitest';
import { argumentsFromText } from '../../../commands/arguments.ts';
import { commandByName } from '../../../commands/table.ts';
import { createLog } from '../../../src/log.ts';
import type { Job } from '../../../src/store/jobs.ts';
import { allowPreviews, type HouseOptions, openHouse } from '../../contracts/chat-house.ts';
import type { SeenMessage } from '../../contracts/chat-journeys.ts';
import type { CallTrouble, Sending, WholePerson, WholeStage } from '../../contracts/chat-whole.ts';
import { temporaryFolder } from '../../contracts/place.ts';
import {
  type Channel,
  FakeDiscord,
  type Interaction,
  type Message,
  Permission,
  type Person,
} from '../../fakes/discord/index.ts';
import type { Misbehaviour } from '../../fakes/wire/bytes.ts';
import { JumpClock } from '../../fakes/wire/clock.ts';
import { photoFile } from '../../photo/samples.ts';
import { connected } from './connected.ts';

const routes = {
  placeholder: 'POST /interactions/:id/:token/callback',
  result: 'PATCH /webhooks/:application/:token/messages/:message',
  removal: 'DELETE /webhooks/:application/:token/messages/:message',
};

const troubles = {
  'busy for a second': { status: 429, retryAfterMs: 1000 },
  failing: { status: 502 },
  'hangs up': 'hang-up',
  'loses its answer': 'lose-answer',
} as const satisfies Record<CallTrouble, unknown>;

/** Longer than interactions' tokens serve: from then on the bot has its own token only. */
const passesEndMs = 16 * 60_000;
/** Longer than Discord waits for a first answer. */
const tooLateMs = 4000;

export async function openDiscordStage(options: HouseOptions = {}): Promise<WholeStage> {
  const dataDir = await temporaryFolder();
  const clock = new JumpClock();
  const discord = await FakeDiscord.open({ clock });
  onTestFinished(() => discord.close());
  const lines: string[] = [];
  const log = createLog('trace', (line) => void lines.push(line));
  const house = { log, clock: () => clock.now(), ...options };
  const open = () =>
    openHouse(dataDir, async (services) => [await connected(discord, services, { downloadTimeoutMs: 1000 })], house);
  let current = await open();
  const names = new Map<string, string>();
  const tokens: string[] = [];
  const { lobby } = discord;
  const { guild } = lobby;
  if (guild === undefined) throw new Error('People meet in a guild.');
  const room = discord.channel(guild, 'moderators');
  const shared = (channel: Channel) => {
    const people = new Map<string, WholePerson>();
    return {
      person: async (name: string, permissions = 0n): Promise<WholePerson> => {
        const known = people.get(name);
        if (known !== undefined) return known;
        const account = discord.user(name, { in: channel });
        names.set(account.id, name);
        if (permissions !== 0n) discord.role(guild, `of ${name}`, permissions, account);
        const made = wholePerson({ discord, clock, names, tokens, channel, room }, account);
        people.set(name, made);
        return made;
      },
      messages: async () =>
        discord
          .messages(channel)
          .filter(({ author, ephemeral }) => author.bot && !ephemeral)
          .map((message) => seen(message, names)),
    };
  };
  const chat = shared(lobby);
  const other = discord.channel(discord.guild('Elsewhere'));
  const withoutPasses = (happen: () => void) => async () => {
    clock.advance(passesEndMs);
    happen();
  };
  return {
    platform: 'discord',
    longestPrompt: 1000,
    dataDir,
    ...chat,
    elsewhere: shared(other),
    person: (name) => chat.person(name),
    moderator: (name) => chat.person(name, PermissionFlagsBits.ManageMessages),
    manager: (name) => chat.person(name, PermissionFlagsBits.ManageGuild),
    moderatorsRoom: room.id,
    // In angle brackets there is no preview of the page below.
    linksBegin: `<https://discord.com/channels/${guild.id}/${lobby.id}/`,
    cards: async () =>
      discord
        .messages(room)
        .filter(({ ephemeral }) => !ephemeral)
        .map((message) => seen(message, names)),
    allowPreviews: () => allowPreviews(current),
    engine: () => current.engine,
    house: () => current,
    restart: async () => {
      await current.close();
      current = await open();
    },
    dropPhotos: async () => discord.cdn.drop(),
    logged: () => lines.join(''),
    secrets: () => [discord.token, discord.cdn.origin, ...tokens],
    pings: () =>
      [lobby, other].flatMap(({ messages }) => messages).flatMap(({ author, pings }) => (author.bot ? pings : [])),
    blame: () => discord.violations.map(({ route, reason }) => `${route}: ${reason}`).filter(isBlame),
    makeTrouble: (call, trouble, times) => discord.failNext(routes[call], times, troubles[trouble]),
    endTrouble: () => discord.failNoMore(),
    mishaps: {
      'message deleted': async (job) => {
        clock.advance(passesEndMs);
        discord.deleteMessage(placeholderOf(discord, job));
      },
      'channel gone': withoutPasses(() => discord.deleteChannel(lobby)),
      'bot kicked': withoutPasses(() => discord.kickBot(guild)),
      'no right to show pictures': withoutPasses(() => discord.deny(lobby, Permission.attachFiles)),
    },
    tellTimes: (times) => discord.tellTimes(times),
    latePressCounts: false,
    drops: [
      ['a cut connection', () => discord.dropGateway('cut')],
      ['a request to reconnect', () => discord.dropGateway('reconnect')],
    ],
  };
}

/** Whose answer got lost asks twice, and whoever hears of a press too late finds nothing to answer. */
const isBlame = (text: string): boolean => !/ (40060|10062|10015) /.test(text);

function placeholderOf(discord: FakeDiscord, { address }: Job): Message {
  const found = discord.messages(discord.lobby).find(({ id }) => id === address['message']);
  if (found === undefined) throw new Error('The placeholder is not there.');
  return found;
}

/** Of people, by their ids. */
type Names = ReadonlyMap<string, string>;

interface Around {
  readonly discord: FakeDiscord;
  readonly clock: JumpClock;
  readonly names: Names;
  /** Of every interaction. */
  readonly tokens: string[];
  readonly channel: Channel;
  /** Of the moderators. */
  readonly room: Channel;
}

function wholePerson({ discord, clock, names, tokens, channel, room }: Around, person: Person): WholePerson {
  let last: Interaction | undefined;
  const taken = async (interaction: Interaction): Promise<void> => {
    last = interaction;
    tokens.push(interaction.token);
    await interaction.whenAcknowledged();
  };
  const found = ({ id }: SeenMessage): Message => {
    const message = [channel, room, person.dm].flatMap((one) => discord.messages(one)).find((one) => one.id === id);
    if (message === undefined) throw new Error('The message is no longer there.');
    return message;
  };
  const answered = async (interactions: readonly Promise<Interaction>[]): Promise<readonly string[]> =>
    Promise.all(
      interactions.map(async (one) => {
        const interaction = await one;
        tokens.push(interaction.token);
        return seen(await interaction.answer(), names).text;
      }),
    );
  return {
    ask: async (prompt, { photo = photoFile('astronaut.png'), count, sending } = {}) => {
      const upload = { bytes: photo, misbehaviour: misbehaviourOf(sending) };
      await taken(await person.slash('cow', { prompt, photo: upload, ...(count === undefined ? {} : { count }) }));
    },
    command: async (name, words = '') => {
      const entry = commandByName(name);
      await taken(await person.slash(name, entry === undefined ? {} : argumentsFromText(entry, words)));
    },
    commandAlone: async (name) => taken(await person.slash(name, {}, person.dm)),
    press: async (message, label) => taken(await person.press(found(message), label)),
    forge: async (message, pressId) => taken(await person.forge(found(message), pressId)),
    forgeAll: async (message, pressIds) => answered(pressIds.map(async (id) => person.forge(found(message), id))),
    forgeForms: async (message, formIds) =>
      answered(formIds.map(async (id) => person.forgeModal(found(message), id, { prompt: 'a forged prompt' }))),
    pressLate: async (message, label) => {
      discord.dropGateway();
      const { token } = await person.press(found(message), label);
      tokens.push(token);
      clock.advance(tooLateMs);
      await discord.until(
        () => discord.requests.some(({ path, status }) => path.includes(token) && status === 404),
        'an answer that comes too late',
      );
    },
    fill: async (fields, photo) => {
      if (last === undefined) throw new Error('No form was opened.');
      const files = photo === undefined ? {} : { photo: [photo] };
      await taken(await person.submitModal(last, { ...fields, ...files }));
    },
    heard: async () =>
      [channel, room, person.dm]
        .flatMap((one) => discord.messages(one, person).filter(({ ephemeral }) => ephemeral || one === person.dm))
        .toSorted((a, b) => a.createdMs - b.createdMs)
        .map((message) => seen(message, names)),
  };
}

/** The address of an expired photo is answered as if there were no file. */
function misbehaviourOf(sending: Sending = {}): Misbehaviour {
  return sending === 'expired' ? { status: 404 } : sending;
}

/** As a client shows it: mentions as names, nothing of the markdown that keeps words words. */
function seen(message: Message, names: Names): SeenMessage {
  const shown = (url: string) =>
    message.attachments.find(({ filename }) => url === `attachment://${filename}`)?.bytes ?? [];
  const urls = message.components.flatMap((part) => (part.type === 12 ? part.items.map(({ media }) => media.url) : []));
  const files = message.components.flatMap((part) => (part.type === 13 ? [part.file.url] : []));
  return {
    id: message.id,
    text: message.text
      .replaceAll(/<@(\d+)>/g, (_, id: string) => names.get(id) ?? id)
      .replaceAll(/^(> |-# |### )/gm, '')
      .replaceAll(/\\([^a-z0-9\s])/gi, '$1'),
    buttons: message.labels,
    pictures: urls.map((url) => Uint8Array.from(shown(url))),
    files: files.map((url) => Uint8Array.from(shown(url))),
  };
}
