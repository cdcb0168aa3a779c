/** The whole program with calf on both platforms, killed again and again: every request gets its one result. */
import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';

import { readPhoto } from '../src/photo/intake.ts';
import { startOnBoth, switchChecksOff } from './bot-process.ts';
import type { FakeDiscord, Interaction } from './fakes/discord/index.ts';
import type { FakeTelegram } from './fakes/telegram/index.ts';
import type { Cut } from './fakes/wire/faults.ts';

const photo = await readFile(new URL('fixtures/photos/astronaut.png', import.meta.url));
const patient = { timeout: 60_000 };
const edits = { discord: 'PATCH /webhooks/:application/:token/messages/:message', telegram: 'editMessageMedia' };

/** `acknowledged`: before there is a picture. The others: the picture is on its way, and nobody has it, or somebody has. */
const deaths = ['acknowledged', 'stall', 'stall-answer', 'acknowledged'] as const;

test('one result each, whenever the bot is killed; old buttons work, and without the photo on the platform', async () => {
  const { discord, telegram, bot } = await startOnBoth();
  const [ada, bea] = [discord.user('Ada'), telegram.user('Bea')];
  /** Stored, for the photo has come: the first word is said before that. */
  const stands = (message: { readonly text: string; readonly labels: readonly string[] } | undefined): boolean =>
    message?.labels.includes('Again') === true ||
    (message?.labels.includes('Cancel') === true && !message.text.includes('Got it'));
  const hasResult = ({ labels }: { readonly labels: readonly string[] }): boolean => labels.includes('Again');
  await switchChecksOff(discord, telegram, bea);
  const terms = await ada.slash('cow', { prompt: 'first of all', photo });
  const consent = await ada.press(await terms.message(), 'I agree');
  await expect.poll(async () => hasResult(await consent.followup()), patient).toBe(true);
  bea.sendDocument(photo, 'a.png', 'first of all');
  const question = await telegram.answer(bea.chat, ({ labels }) => labels.includes('I agree'));
  bea.press(question, 'I agree');
  const first = await telegram.answer(bea.chat, hasResult);
  const before = discord.messages(discord.lobby).length;
  const ofBot = () =>
    telegram.messages(bea.chat).filter(({ from, id }) => from === telegram.botAccount && id > first.id);

  const asked: Interaction[] = [];
  for (const [round, death] of deaths.entries()) {
    const onTheWay = filesTo(discord, telegram);
    if (death !== 'acknowledged') stall(death);
    asked.push(await ada.slash('cow', { prompt: `round ${round}`, photo }));
    bea.sendDocument(photo, 'a.png', `round ${round}`);
    if (death === 'acknowledged') {
      // Acknowledged is what stands in the queue; one of the two may be painted before the other stands there.
      await telegram.until(() => stands(ofBot().at(round)), 'its place on Telegram');
      await discord.until(() => stands(discord.messages(discord.lobby).at(before + round)), 'its place on Discord');
    } else {
      const isOnTheWay = () => filesTo(discord, telegram).every((count, i) => count > (onTheWay[i] ?? 0));
      await telegram.until(isOnTheWay, 'both results', patient.timeout);
    }
    await bot.kill();
    discord.failNoMore();
    telegram.failNoMore();
    await bot.start();
    await expect
      .poll(async () => (await Promise.all(asked.map((one) => one.message()))).every(hasResult), patient)
      .toBe(true);
    await telegram.until(() => ofBot().every(hasResult), 'the result', patient.timeout);
    expect(discord.messages(discord.lobby)).toHaveLength(before + round + 1);
    expect(ofBot()).toHaveLength(round + 1);
  }

  function stall(how: Cut): void {
    discord.failNext(edits.discord, Infinity, how);
    telegram.failNext(edits.telegram, Infinity, how);
  }

  for (const interaction of asked) await checkPicture((await interaction.message()).pictures[0]?.bytes);
  for (const message of ofBot()) await checkPicture(message.bytes);

  discord.cdn.drop();
  telegram.dropFiles();
  const again = await ada.press(await consent.followup(), 'Again');
  bea.press(first, 'Again');
  await expect.poll(async () => hasResult(await again.message()), patient).toBe(true);
  await telegram.until(
    () => ofBot().length === deaths.length + 1 && ofBot().every(hasResult),
    'another',
    patient.timeout,
  );

  expect(discord.violations).toEqual([]);
  // Killed between the edit and its row, the bot edits once more what says so already; that changes nothing.
  expect(telegram.violations.filter(({ reason }) => !reason.includes('message is not modified'))).toEqual([]);
  for (const secret of [discord.token, telegram.token, 'round 1']) expect(bot.log).not.toContain(secret);
});

/** Edits with pictures that were begun, on each platform. */
function filesTo(discord: FakeDiscord, telegram: FakeTelegram): number[] {
  const withFiles = [discord.requestsOf(edits.discord), telegram.requestsOf(edits.telegram)];
  return withFiles.map((requests) => requests.filter(({ files }) => files.length > 0).length);
}

async function checkPicture(bytes: Uint8Array | undefined): Promise<void> {
  expect(await readPhoto(bytes ?? new Uint8Array(0))).toMatchObject({ width: 256, height: 256 });
}
