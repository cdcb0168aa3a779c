/** Journeys that only Telegram has: kinds of messages, and groups that become something else. */
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { changeCommunitySettings, communitySettingsOf } from '../../../src/people/settings.ts';
import { chatOf } from '../../../src/store/communities.ts';
import { deliveriesOfJob } from '../../../src/store/deliveries.ts';
import { listJobs } from '../../../src/store/jobs.ts';
import { blameless } from '../../contracts/chat-whole.ts';
import type { Message } from '../../fakes/telegram/index.ts';
import { photoFile } from '../../photo/samples.ts';
import { openTelegramStage, type TelegramStage } from './stage.ts';

const photo = photoFile('astronaut.png');
const isResult = ({ labels }: Message): boolean => labels.includes('Again');
/** The photo has come: the first word, with the same buttons, is said before that. */
const isStored = ({ labels, text }: Message): boolean => labels.includes('Cancel') && !text.includes('Got it');

const opened = async (): Promise<TelegramStage> => blameless(await openTelegramStage());

async function jobsOf(stage: TelegramStage) {
  return listJobs(stage.house().services.store.db, {}, { limit: 9 });
}

test('a group that becomes a supergroup keeps its settings and its jobs, and old buttons go on there', async () => {
  const stage = await opened();
  const { telegram, group, owner } = stage;
  const anna = telegram.user('Anna', { met: true });
  group.members.set(anna.id, 'member');
  anna.sendDocument(photo, 'a.png', '/cow a knight', { chat: group });
  const old = await telegram.answer(group, isResult);
  const [{ communityId, id }] = await jobsOf(stage);
  const { store } = stage.house().services;
  await store.transaction(async (tx) =>
    changeCommunitySettings(tx, communityId, (here) => ({ ...here, maxCount: 1, channels: [String(group.id)] })),
  );
  stage.engine().hold();
  anna.sendDocument(photo, 'a.png', '/cow a pirate', { chat: group });
  await telegram.answer(group, isStored);

  const successor = telegram.migrate(group, owner);
  anna.sendDocument(photo, 'a.png', '/cow a rocket --count 4', { chat: successor });
  const { text } = await telegram.answer(anna.chat, ({ text: said }) => said.includes('At most 1'));
  expect(text).toContain('picture');
  stage.engine().release();
  const result = await telegram.answer(successor, isResult);
  expect(result.text).toContain('a pirate');
  anna.press(result, 'Again');
  await telegram.until(() => telegram.messages(successor).filter(isResult).length === 2, 'the next picture');
  anna.press(old, 'Again');
  await telegram.until(() => telegram.messages(successor).filter(isResult).length === 3, 'a picture of an old one');

  const jobs = await jobsOf(stage);
  expect(jobs.map((job) => job.communityId)).toEqual(jobs.map(() => communityId));
  expect(jobs.map(({ parentId }) => parentId)).toContain(id);
  expect(await chatOf(store.db, communityId)).toEqual({ platform: 'telegram', platformChatId: String(successor.id) });
  const { channels } = await communitySettingsOf(store, communityId);
  expect(channels).toEqual([group, successor].map((chat) => String(chat.id)));
});

test('a move that nobody was told of is learned from the first message that cannot be edited', async () => {
  const stage = await opened();
  const { telegram, group, owner } = stage;
  stage.engine().hold();
  const anna = await stage.person('anna');
  await anna.ask('a knight');
  await telegram.answer(group, isStored);
  const successor = telegram.migrateUnheard(group, owner);
  stage.engine().release();
  await telegram.answer(successor, isResult);
  const [{ communityId }] = await jobsOf(stage);
  const moved = { platform: 'telegram', platformChatId: String(successor.id) };
  await expect.poll(() => chatOf(stage.house().services.store.db, communityId)).toEqual(moved);
});

test('a caption that is edited is a new request, and an edit that says the same is none', async () => {
  const { telegram, ...stage } = await opened();
  const anna = telegram.user('Anna');
  const message = anna.sendDocument(photo, 'a.png', 'a knight');
  await telegram.answer(anna.chat, isResult);
  anna.edit(message, 'a knight');
  anna.edit(message, 'a pirate');
  await telegram.until(() => telegram.messages(anna.chat).filter(isResult).length === 2, 'the second picture');
  expect(stage.engine().requests.map(({ prompt }) => prompt)).toEqual(['a knight', 'a pirate']);
});

test('a sticker is a photo, and one that moves is not', async () => {
  const { telegram, ...stage } = await opened();
  const anna = telegram.user('Anna');
  const webp = await sharp(photo).resize(512, 512).webp({ lossless: true }).toBuffer();
  const sticker = anna.sendSticker(webp, { animated: true });
  anna.reply(sticker, '/cow a pirate on a ship');
  await telegram.answer(anna.chat, ({ text }) => text.includes('Send me a photo'));
  anna.sendSticker(webp);
  await telegram.answer(anna.chat);
  anna.say('a knight');
  await telegram.answer(anna.chat, isResult);
  expect(stage.engine().requests).toHaveLength(1);
});

test('an image that is sent as a file is painted from the very bytes that were sent', async () => {
  const { telegram, ...stage } = await opened();
  const anna = telegram.user('Anna');
  anna.sendDocument(photo, 'a.png', 'a knight');
  await telegram.answer(anna.chat, isResult);
  const { store } = stage.house().services;
  const [{ photoHash }] = await listJobs(store.db, {}, { limit: 1 });
  expect(photoHash === null ? undefined : Buffer.from(await store.blobs.get(photoHash)).equals(photo)).toBe(true);
});

test('a result for somebody who blocked the bot waits in their list until they come back', async () => {
  const { telegram, ...stage } = await opened();
  stage.engine().hold();
  const anna = telegram.user('Anna');
  anna.sendDocument(photo, 'a.png', 'a knight');
  await telegram.answer(anna.chat, isStored);
  anna.blockBot();
  stage.engine().release();
  const { db } = stage.house().services.store;
  const [{ id }] = await listJobs(db, {}, { limit: 1 });
  await expect
    .poll(async () => deliveriesOfJob(db, id))
    .toMatchObject([{ state: 'undeliverable', reason: expect.stringContaining('blocked') }]);
  anna.unblockBot();
  anna.say('/mine');
  const list = await telegram.answer(anna.chat, ({ text }) => text.includes('could not be sent'));
  anna.press(list, '1');
  const shown = await telegram.answer(anna.chat, isResult);
  expect(shown.content.media?.kind).toBe('photo');
});

test('a photo waits for the words that it was sent for, and for no others', async () => {
  const { telegram } = await opened();
  const anna = telegram.user('Anna');
  const told = async (text: string) => telegram.answer(anna.chat, (message) => message.text.includes(text));
  anna.sendSticker(photo, { animated: true });
  await told('Send me a photo');
  const rocket = anna.sendDocument(photo, 'a.png', 'a rocket');
  telegram.misbehave(rocket, { delayMs: 200 });
  anna.sendDocument(photo, 'a.png');
  await told('Nice photo');
  await telegram.answer(anna.chat, (message) => isResult(message) && message.text.includes('a rocket'));
  anna.say('/cow a knight --place nowhere');
  await told('no place in the picture');
  anna.say('a knight');
  const knight = await telegram.answer(anna.chat, (message) => isResult(message) && message.text.includes('a knight'));
  anna.say('Thanks!');
  await telegram.answer(anna.chat, ({ id, text }) => id > knight.id && text.includes('Send me a photo'));
  anna.say('/cow a pirate');
  const pirate = await telegram.answer(anna.chat, (message) => isResult(message) && message.text.includes('a pirate'));

  anna.press(pirate, 'Remix');
  const question = await telegram.answer(anna.chat, ({ content }) => content.markup.forceReply !== undefined);
  anna.sendDocument(photoFile('chelsea.png'), 'cat.png', '', { replyTo: question });
  const remixed = await telegram.answer(anna.chat, (message) => isResult(message) && message.id > question.id);
  expect(remixed.text).toContain('a pirate');
});
