/** The whole bot on both platforms, killed while it forgets somebody on each. */
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { expect, onTestFinished, test } from 'vitest';

import { Bot } from './bot-process.ts';
import { byteNeedles, foundIn, textNeedles } from './contracts/data-folder.ts';
import { temporaryFolder } from './contracts/place.ts';
import { FakeDiscord, type Message as DiscordMessage } from './fakes/discord/index.ts';
import { FakeTelegram, type Message as TelegramMessage } from './fakes/telegram/index.ts';

const patient = { timeout: 60_000, interval: 50 };

test('nothing of them is left in the data folder and in the chats, although a kill came in between', async () => {
  const discord = await FakeDiscord.open();
  const telegram = await FakeTelegram.open();
  onTestFinished(async () => void (await Promise.all([discord.close(), telegram.close()])));
  const dataDir = await temporaryFolder();
  const bot = new Bot(dataDir, {
    DISCORD_TOKEN: discord.token,
    DISCORD_API_URL: discord.apiUrl,
    DISCORD_CDN_ORIGINS: discord.cdn.origin,
    TELEGRAM_TOKEN: telegram.token,
    TELEGRAM_API_URL: telegram.apiUrl,
  });
  onTestFinished(() => bot.kill());
  await bot.start();

  const astronaut = fileURLToPath(new URL('fixtures/photos/astronaut.png', import.meta.url));
  const [adaPhoto, beaPhoto] = await Promise.all(
    [91, 93].map((quality) => sharp(astronaut).jpeg({ quality }).toBuffer()),
  );
  if (adaPhoto === undefined || beaPhoto === undefined) throw new Error('There are no photos.');
  const ada = discord.user('Adalberta Quietwater');
  const terms = await ada.slash('cow', { prompt: 'a lighthouse of Brobdingnag', photo: adaPhoto });
  const first = await ada.press(await terms.message(), 'I agree');
  // Shown, or held for a moderator: both are kept.
  await expect.poll(async () => (await first.followup()).labels, patient).toContain('Delete');
  const bea = telegram.user('Beatrix Stillmeadow');
  await bea.sendPhoto(beaPhoto, 'a harbour of Lilliput');
  const has = (label: string) => (message: DiscordMessage | TelegramMessage) => message.labels.includes(label);
  bea.press(await telegram.answer(bea.chat, has('I agree')), 'I agree');
  await telegram.answer(bea.chat, has('Delete'));

  // Both have more under way when they ask to be forgotten.
  const second = await ada.slash('cow', { prompt: 'a second lighthouse of Brobdingnag', photo: adaPhoto, count: 4 });
  await bea.sendPhoto(beaPhoto, 'a second harbour of Lilliput');
  const own = () => telegram.messages(bea.chat).filter(({ from }) => from === telegram.botAccount);
  // Both are stored once their messages have buttons.
  await expect.poll(async () => (await second.message()).labels.length, patient).toBeGreaterThan(0);
  await expect.poll(() => own().filter(({ labels }) => labels.length > 0).length, patient).toBe(2);
  const needles = {
    ...textNeedles('Discord id', ada.id),
    ...textNeedles('Telegram id', `:"${bea.id}"`),
    ...textNeedles('Discord name', 'Adalberta'),
    ...textNeedles('Telegram name', 'Beatrix'),
    ...textNeedles('Discord prompt', 'Brobdingnag'),
    ...textNeedles('Telegram prompt', 'Lilliput'),
    ...byteNeedles('Discord photo', adaPhoto),
  };
  const before = (await foundIn(dataDir, needles)).join('\n');
  for (const name of [
    'Discord id',
    'Telegram id',
    'Discord name',
    'Telegram name',
    'Discord prompt',
    'Telegram prompt',
  ])
    expect(before).toContain(`: ${name}, UTF-8`);
  expect(before).toContain(': Discord photo');

  const question = await (await ada.slash('forget-me')).message();
  bea.say('/forget_me');
  const asked = await telegram.answer(bea.chat, has('Forget me'));
  const forgetting = await ada.press(question, 'Forget me');
  bea.press(asked, 'Forget me');
  await forgetting.whenAcknowledged();
  await telegram.until(() => asked.text.includes('forgetting') || asked.text.includes('Gone'), 'the word of the bot');
  await telegram.until(() => telegram.waitingUpdates === 0, 'all updates taken');
  await bot.kill();

  await bot.start();
  await expect.poll(() => foundIn(dataDir, needles), patient).toEqual([]);
  expect(discord.messages(discord.lobby).filter(({ author, ephemeral }) => author.bot && !ephemeral)).toEqual([]);
  expect(own().filter(({ bytes }) => bytes !== undefined)).toEqual([]);
  for (const text of ['Brobdingnag', 'Lilliput', 'Adalberta', 'Beatrix']) expect(bot.log).not.toContain(text);
}, 180_000);
