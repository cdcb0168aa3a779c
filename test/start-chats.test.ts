/** The whole bot as an operator starts it, with calf, both platforms' real clients, and a kill in the middle. */
import { readFile } from 'node:fs/promises';
import { expect, onTestFinished, test } from 'vitest';

import { readPhoto } from '../src/photo/intake.ts';
import { temporaryFolder } from './contracts/place.ts';
import { Program } from './contracts/program.ts';
import { FakeDiscord } from './fakes/discord/index.ts';
import { FakeTelegram } from './fakes/telegram/index.ts';

const photo = await readFile(new URL('fixtures/photos/astronaut.png', import.meta.url));
const resultLabels = [
  'Again',
  'Subtle',
  'Strong',
  'Keep more',
  'Change more',
  'Move',
  'Remix',
  'Details',
  'File',
  'Delete',
];

test('a picture on each platform; buttons of before a kill work after it, and no token is logged', async () => {
  const discord = await FakeDiscord.open();
  const telegram = await FakeTelegram.open();
  onTestFinished(async () => void (await Promise.all([discord.close(), telegram.close()])));
  const bot = new Program(await temporaryFolder(), {
    DISCORD_TOKEN: discord.token,
    DISCORD_API_URL: discord.apiUrl,
    DISCORD_CDN_ORIGINS: discord.cdn.origin,
    TELEGRAM_TOKEN: telegram.token,
    TELEGRAM_API_URL: telegram.apiUrl,
  });
  onTestFinished(() => bot.kill());
  await bot.start();

  const ada = discord.user('Ada');
  const asked = await ada.slash('cow', { prompt: 'a knight in a snowy forest', photo });
  await expect
    .poll(async () => (await asked.message()).labels, { timeout: 60_000 })
    .toEqual(expect.arrayContaining(resultLabels));
  const [picture] = (await asked.message()).pictures;
  expect(await readPhoto(picture.bytes)).toMatchObject({ width: 256, height: 256 });

  const bea = telegram.user('Bea');
  await bea.sendPhoto(photo, 'a castle on a hill');
  const answer = await telegram.answer(bea.chat, ({ labels }) => resultLabels.every((label) => labels.includes(label)));
  expect(await readPhoto(answer.bytes ?? new Uint8Array(0))).toMatchObject({ width: 256, height: 256 });

  await bot.kill();
  discord.cdn.drop();
  telegram.dropFiles();
  await bot.start();
  const again = await ada.press(await asked.message(), 'Again');
  await expect
    .poll(async () => (await again.message()).labels, { timeout: 60_000 })
    .toEqual(expect.arrayContaining(resultLabels));
  bea.press(answer, 'Again');
  const isNext = ({ id, labels }: typeof answer): boolean => id !== answer.id && labels.includes('Again');
  expect((await telegram.answer(bea.chat, isNext)).bytes).not.toEqual(answer.bytes);
  expect(discord.violations).toEqual([]);
  // Killed between the edit and its row, the bot edits once more what says so already; that changes nothing.
  expect(telegram.violations.filter(({ reason }) => !reason.includes('message is not modified'))).toEqual([]);
  expect(bot.log).not.toContain(discord.token);
  expect(bot.log).not.toContain(telegram.token);
  expect(bot.log).not.toContain('a castle on a hill');
});
