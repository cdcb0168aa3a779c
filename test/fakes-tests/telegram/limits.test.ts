import { autoRetry } from '@grammyjs/auto-retry';
import { InputFile } from 'grammy';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { StillClock } from '../../fakes/wire/clock.ts';
import { connected } from './bot.ts';

test('flood limits count messages and edits, per chat and per group', async () => {
  const clock = new StillClock();
  await using pair = await connected({ clock, flood: { perChatPerSecond: 1, perGroupPerMinute: 3 } });
  const { telegram, bot } = pair;
  const group = telegram.group('Cows', [telegram.user('Ada')]);
  const ada = telegram.user('Bea', { met: true });
  const sent = await bot.api.sendMessage(group.id, 'x');
  await expect(bot.api.editMessageText(group.id, sent.message_id, 'y')).rejects.toMatchObject({
    error_code: 429,
    parameters: { retry_after: 1 },
  });
  await bot.api.sendMessage(ada.id, 'x');
  clock.advance(1100);
  await bot.api.editMessageText(group.id, sent.message_id, 'y');
  clock.advance(1100);
  await bot.api.editMessageText(group.id, sent.message_id, 'z');
  clock.advance(1100);
  await expect(bot.api.sendMessage(group.id, 'x')).rejects.toMatchObject({ parameters: { retry_after: 57 } });
  expect(telegram.violations).toEqual([]);
});

test('the real retry plugin waits out a 429 and a server error', async () => {
  await using pair = await connected();
  const { telegram, bot } = pair;
  bot.api.config.use(autoRetry());
  const ada = telegram.user('Ada', { met: true });
  telegram.failNext('sendMessage', 1, { code: 429, retryAfterS: 1 });
  await bot.api.sendMessage(ada.id, 'x');
  expect(telegram.requestsOf('sendMessage').map((request) => request.status)).toEqual([429, 200]);
  expect(telegram.messages(ada.chat)).toHaveLength(1);
});

test('an answer that is lost was given all the same', async () => {
  await using pair = await connected();
  const ada = pair.telegram.user('Ada', { met: true });
  pair.telegram.failNext('sendMessage', 1, 'lose-answer');
  await expect(pair.bot.api.sendMessage(ada.id, 'x')).rejects.toThrow('Network request');
  pair.telegram.failNext('sendMessage', 1, 'hang-up');
  await expect(pair.bot.api.sendMessage(ada.id, 'y')).rejects.toThrow('Network request');
  expect(pair.telegram.messages(ada.chat).map((message) => message.text)).toEqual(['x']);
});

test('a second poll ends the first with a conflict', async () => {
  await using pair = await connected();
  const first = pair.bot.api.getUpdates({ timeout: 30 });
  const conflict = first.catch((error: unknown) => error);
  await pair.telegram.until(() => pair.telegram.requestsOf('getUpdates').length === 1, 'the first poll');
  const second = pair.bot.api.getUpdates({ timeout: 30 });
  expect(await conflict).toMatchObject({ error_code: 409 });
  pair.telegram.user('Ada').say('x');
  expect(await second).toHaveLength(1);
});

test('only the kinds of updates that were asked for come', async () => {
  await using pair = await connected();
  const ada = pair.telegram.user('Ada');
  await pair.bot.api.getUpdates({ allowed_updates: ['my_chat_member'] });
  ada.say('x');
  ada.blockBot();
  expect((await pair.bot.api.getUpdates()).map((update) => Object.keys(update)[1])).toEqual(['my_chat_member']);
});

test('documents keep their bytes, photos become JPEG without metadata, files can be slow or gone', async () => {
  const clock = new StillClock();
  await using pair = await connected({ clock });
  const { telegram, bot } = pair;
  const ada = telegram.user('Ada', { met: true });
  const bytes = await sharp({ create: { width: 2000, height: 1000, channels: 3, background: '#102030' } })
    .withExif({ IFD0: { Artist: 'Ada' } })
    .jpeg()
    .toBuffer();
  const message = await ada.sendPhoto(bytes);
  const meta = await sharp(message.bytes).metadata();
  expect(meta).toMatchObject({ format: 'jpeg', width: 1280, height: 640 });
  expect(meta.exif).toBeUndefined();
  const document = await bot.api.sendDocument(ada.id, new InputFile(bytes, 'a b.jpg'));
  expect(document.document).toMatchObject({ file_name: 'a b.jpg', mime_type: 'image/jpeg', file_size: bytes.length });
  const { file_path: path } = await bot.api.getFile(document.document.file_id);
  const link = `${telegram.apiUrl}/file/bot${telegram.token}/${path}`;
  expect(Buffer.from(await (await fetch(link)).arrayBuffer())).toEqual(bytes);
  const [, shown] = telegram.messages(ada.chat);
  if (shown === undefined) throw new Error('Expected a document.');
  telegram.misbehave(shown, { claimedBytes: 10 });
  expect((await (await fetch(link)).arrayBuffer()).byteLength).toBe(10);
  clock.advance(3600_000 + 1000);
  expect((await fetch(link)).status).toBe(404);
  telegram.dropFiles();
  await expect(bot.api.getFile(document.document.file_id)).rejects.toMatchObject({ error_code: 400 });
});

test('command menus are kept by scope and language', async () => {
  await using pair = await connected();
  const commands = [{ command: 'cow', description: 'Male um dein Foto herum' }];
  await pair.bot.api.setMyCommands(commands, { language_code: 'de', scope: { type: 'all_private_chats' } });
  expect(pair.telegram.menu('all_private_chats de')).toEqual(commands);
  expect(pair.telegram.menu()).toEqual([]);
});
