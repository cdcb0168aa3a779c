/** What people write in their private chat with the bot, and a bot on several shards. */
import { expect, it } from 'vitest';
import { temporaryFolder } from '../../contracts/place.ts';
import { openHouse } from '../../contracts/chat-house.ts';
import { FakeDiscord, type Guild } from '../../fakes/discord/index.ts';
import { JumpClock } from '../../fakes/wire/clock.ts';
import { photoFile } from '../../photo/samples.ts';
import { startBot } from './bot.ts';
import { connected } from './connected.ts';
import { onTestFinished } from 'vitest';

const patient = { timeout: 20_000, interval: 20 };
const photo = () => ({ name: 'me.png', bytes: photoFile('astronaut.png') });

async function houseWithDiscord() {
  const discord = await FakeDiscord.open();
  onTestFinished(() => discord.close());
  const house = await openHouse(await temporaryFolder(), async (services) => [await connected(discord, services)]);
  const ada = discord.user('Ada', { in: discord.lobby });
  const answers = () => discord.messages(ada.dm).filter(({ author }) => author.bot);
  return { discord, house, ada, answers };
}

it('makes a picture of a photo with words, and of a photo and the words after it', async () => {
  const { discord, house, ada, answers } = await houseWithDiscord();
  await ada.say('a knight', [photo()], ada.dm);
  await expect.poll(() => answers().map(({ pictures }) => pictures.length), patient).toEqual([1]);
  await ada.say('', [photo()], ada.dm);
  await ada.say('a pirate', [], ada.dm);
  await expect.poll(() => answers().map(({ pictures }) => pictures.length), patient).toEqual([1, 0, 1]);
  expect(answers()[1]?.text).toContain('Nice photo');
  expect(house.engine.requests.map(({ prompt }) => prompt)).toEqual(['a knight', 'a pirate']);
  expect(discord.violations).toEqual([]);
});

it('answers words without a photo and files that are none, and nothing that is said elsewhere or by a bot', async () => {
  const { discord, ada, answers } = await houseWithDiscord();
  await ada.say('hello', [], discord.lobby);
  await ada.say('a knight', [], ada.dm);
  await expect
    .poll(() => answers().map(({ text }) => text), patient)
    .toEqual([expect.stringContaining('Send me a photo')]);
  await ada.say('a knight', [{ name: 'me.txt', bytes: Buffer.from('only words') }], ada.dm);
  await expect
    .poll(() => answers().map(({ text }) => text), patient)
    .toEqual([expect.anything(), expect.stringContaining('JPEG, PNG or WebP')]);
  expect(discord.messages(discord.lobby).filter(({ author }) => author.bot)).toEqual([]);
  expect(discord.violations).toEqual([]);
});

it('serves the guilds of all shards that Discord recommends, and private chats', async () => {
  const clock = new JumpClock();
  const shards = 2;
  const bot = await startBot({ fake: { clock, shards } });
  const { discord } = bot;
  expect(discord.gateway.seen.identify).toBe(shards);
  const shardOf = ({ id }: Guild): number => Number((BigInt(id) >> 22n) % BigInt(shards));
  const seen = new Set<number>();
  while (seen.size < shards) {
    clock.advance(1);
    const guild = discord.guild();
    if (seen.has(shardOf(guild))) continue;
    seen.add(shardOf(guild));
    const channel = discord.channel(guild);
    const person = discord.user('Ada', { in: channel });
    const { scene } = await bot.heardOf(await person.slash('mine', {}, channel));
    expect(scene).toMatchObject({ communityId: guild.id, kind: 'community' });
  }
  const bert = discord.user('Bert', { installed: true });
  await bert.say('hello', [], bert.dm);
  await expect.poll(() => bot.heard.at(-1)).toMatchObject({ act: { kind: 'message', text: 'hello' } });
  expect(discord.violations).toEqual([]);
});
