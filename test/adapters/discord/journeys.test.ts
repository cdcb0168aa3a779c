import { PermissionFlagsBits } from 'discord.js';
import { onTestFinished } from 'vitest';
import { openDiscord } from '../../../adapters/discord/index.ts';
import { argumentsFromText } from '../../../commands/arguments.ts';
import { handle } from '../../../commands/dispatch.ts';
import type { Services } from '../../../commands/services.ts';
import { commandByName } from '../../../commands/table.ts';
import { type HouseOptions, openHouse } from '../../contracts/chat-house.ts';
import { chatJourneys, type ChatPerson, type SeenMessage } from '../../contracts/chat-journeys.ts';
import { chatModeration, type ModeratedStage } from '../../contracts/chat-moderation.ts';
import { chatPrivacy } from '../../contracts/chat-privacy.ts';
import { temporaryFolder } from '../../contracts/place.ts';
import { type Channel, FakeDiscord, type Interaction, type Message, type Person } from '../../fakes/discord/index.ts';
import { photoFile } from '../../photo/samples.ts';

const openStage = async (options: HouseOptions = {}): Promise<ModeratedStage> => {
  const dataDir = await temporaryFolder();
  const discord = await FakeDiscord.open();
  onTestFinished(() => discord.close());
  const open = () => openHouse(dataDir, async (services) => [await connected(discord, services)], options);
  let house = await open();
  const people = new Map<string, ChatPerson>();
  const names = new Map<string, string>();
  const { guild } = discord.lobby;
  if (guild === undefined) throw new Error('People meet in a guild.');
  const room = discord.channel(guild, 'moderators');
  const person = async (name: string, permissions = 0n): Promise<ChatPerson> => {
    const known = people.get(name);
    if (known !== undefined) return known;
    const account = discord.user(name);
    names.set(account.id, name);
    if (permissions !== 0n) discord.role(guild, `of ${name}`, permissions, account);
    const made = chatPerson(discord, account, names, room);
    people.set(name, made);
    return made;
  };
  onTestFinished(() => {
    const [violation] = discord.violations;
    if (violation !== undefined) throw new Error(`${violation.route}: ${violation.reason}`);
  });
  return {
    platform: 'discord',
    person: (name) => person(name),
    moderator: (name) => person(name, PermissionFlagsBits.ManageMessages),
    manager: (name) => person(name, PermissionFlagsBits.ManageGuild),
    moderatorsRoom: room.id,
    cards: async () =>
      discord
        .messages(room)
        .filter(({ ephemeral }) => !ephemeral)
        .map((message) => seen(message, names)),
    messages: async () =>
      discord
        .messages(discord.lobby)
        .filter(({ author, ephemeral }) => author.bot && !ephemeral)
        .map((message) => seen(message, names)),
    engine: () => house.engine,
    restart: async () => {
      await house.close();
      house = await open();
    },
    dropPhotos: async () => discord.cdn.drop(),
  };
};

chatJourneys(openStage);
chatModeration(openStage);
chatPrivacy(openStage);

/** Of people, by their ids. */
type Names = ReadonlyMap<string, string>;

async function connected(discord: FakeDiscord, services: Services) {
  const { wordsOf, clock, log } = services;
  const adapter = openDiscord({
    token: discord.token,
    apiUrl: discord.apiUrl,
    cdnOrigins: [discord.cdn.origin],
    downloadTimeoutMs: 10_000,
    wordsOf,
    expectedWaitMs: () => 0,
    drainMs: 2_000,
    clock,
    log,
  });
  await adapter.register(undefined);
  await adapter.start((act, actor, scene, chat) => handle(act, actor, scene, chat, services));
  return adapter;
}

function chatPerson(discord: FakeDiscord, person: Person, names: Names, room: Channel): ChatPerson {
  let last: Interaction | undefined;
  const taken = async (interaction: Interaction): Promise<void> => {
    last = interaction;
    await interaction.whenAcknowledged();
  };
  const found = ({ id }: SeenMessage): Message => {
    const message = [discord.lobby, room, person.dm]
      .flatMap((channel) => discord.messages(channel))
      .find((one) => one.id === id);
    if (message === undefined) throw new Error('The message is no longer there.');
    return message;
  };
  return {
    ask: async (prompt, { photo = photoFile('astronaut.png'), count } = {}) =>
      taken(await person.slash('cow', { prompt, photo, ...(count === undefined ? {} : { count }) })),
    command: async (name, words = '') => {
      const entry = commandByName(name);
      await taken(await person.slash(name, entry === undefined ? {} : argumentsFromText(entry, words)));
    },
    press: async (message, label) => taken(await person.press(found(message), label)),
    forge: async (message, pressId) => taken(await person.forge(found(message), pressId)),
    fill: async (fields, photo) => {
      if (last === undefined) throw new Error('No form was opened.');
      const files = photo === undefined ? {} : { photo: [photo] };
      await taken(await person.submitModal(last, { ...fields, ...files }));
    },
    heard: async () =>
      [discord.lobby, room, person.dm]
        .flatMap((channel) =>
          discord.messages(channel, person).filter(({ ephemeral }) => ephemeral || channel === person.dm),
        )
        .map((message) => seen(message, names)),
  };
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
      .replaceAll(/\\([^\w\s])/g, '$1'),
    buttons: message.labels,
    pictures: urls.map((url) => Uint8Array.from(shown(url))),
    files: files.map((url) => Uint8Array.from(shown(url))),
  };
}
