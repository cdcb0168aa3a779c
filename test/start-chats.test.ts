/** The whole bot as an operator starts it, with calf, both platforms' real clients, and a kill in the middle. */
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { expect, test } from 'vitest';

import { readPhoto } from '../src/photo/intake.ts';
import { readMarks } from '../src/photo/marks.ts';
import { startOnBoth, switchChecksOff } from './bot-process.ts';

/** What its photographer's camera wrote about it must not get into any result. */
const photographer = 'Quillon Featherstone';
const photo = await sharp(fileURLToPath(new URL('fixtures/photos/astronaut.png', import.meta.url)))
  .withExif({ IFD0: { Artist: photographer }, IFD3: { GPSLatitudeRef: 'N', GPSLatitude: '51/1 30/1 0/1' } })
  .png()
  .toBuffer();
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

/** A result as it was sent: marked as made around a photo, and nothing of the photo's own words in it. */
async function expectMarked(sent: Uint8Array): Promise<void> {
  expect(await readMarks(sent)).toMatchObject({ source: 'compositeWithTrainedAlgorithmicMedia' });
  const { exif } = await sharp(sent).metadata();
  expect(exif).toBeUndefined();
  expect(Buffer.from(sent).includes(photographer)).toBe(false);
}

test('a picture on each platform; buttons of before a kill work after it, and no token is logged', async () => {
  const { discord, telegram, bot } = await startOnBoth();

  const bea = telegram.user('Bea');
  await switchChecksOff(discord, telegram, bea);
  const ada = discord.user('Ada');
  const terms = await ada.slash('cow', { prompt: 'a knight in a snowy forest', photo });
  const asked = await ada.press(await terms.message(), 'I agree');
  await expect
    .poll(async () => (await asked.followup()).labels, { timeout: 60_000 })
    .toEqual(expect.arrayContaining(resultLabels));
  const [picture] = (await asked.followup()).pictures;
  expect(await readPhoto(picture.bytes)).toMatchObject({ width: 256, height: 256 });

  await bea.sendPhoto(photo, 'a castle on a hill');
  bea.press(await telegram.answer(bea.chat, ({ labels }) => labels.includes('I agree')), 'I agree');
  const answer = await telegram.answer(bea.chat, ({ labels }) => resultLabels.every((label) => labels.includes(label)));
  expect(await readPhoto(answer.bytes ?? new Uint8Array(0))).toMatchObject({ width: 256, height: 256 });

  await expectMarked(picture.bytes);
  const file = await ada.press(await asked.followup(), 'File');
  await expectMarked(
    (await file.answer(({ attachments }) => attachments.length > 0)).attachments[0]?.bytes ?? picture.bytes,
  );
  bea.press(answer, 'File');
  const document = await telegram.answer(bea.chat, ({ content }) => content.media?.kind === 'document');
  await expectMarked(document.bytes ?? new Uint8Array(0));
  const [upload] = telegram.requestsOf('editMessageMedia').at(-1)?.files ?? [];
  await expectMarked(upload?.bytes ?? new Uint8Array(0));

  await bot.kill();
  discord.cdn.drop();
  telegram.dropFiles();
  await bot.start();
  const again = await ada.press(await asked.followup(), 'Again');
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
