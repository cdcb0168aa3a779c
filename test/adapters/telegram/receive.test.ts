import { expect, test } from 'vitest';
import type { PhotoHandle } from '../../../commands/contract/act.ts';
import { noRights } from '../../../commands/contract/chat.ts';
import { reply } from '../../../commands/contract/reply.ts';
import { colourOf, type Heard, openStand, painted, photosOf, readPhoto, type Stand, startStand } from './bot.ts';

const red = [16, 0, 0];
const blue = [0, 0, 16];

async function coloursOf(handles: readonly PhotoHandle[]): Promise<number[][]> {
  return Promise.all(handles.map(async (handle) => colourOf(await readPhoto(handle))));
}

function blameless({ telegram }: Stand): void {
  expect(telegram.violations).toEqual([]);
}

test('a photo with a caption, by somebody in their private chat', async () => {
  const stand = await startStand();
  const ada = stand.telegram.user('Ada', { languageCode: 'de' });
  await ada.sendPhoto(await painted('#ff0000', 640, 480), 'a knight');
  const { act, actor, scene } = await stand.next();
  expect(act).toMatchObject({ kind: 'message', text: 'a knight' });
  expect(actor).toEqual({
    platform: 'telegram',
    userId: String(ada.id),
    displayName: 'Ada',
    locale: 'de',
    isBot: false,
  });
  const chat = String(ada.id);
  expect(scene).toMatchObject({ communityId: chat, kind: 'private', channelId: chat, mayManage: true });
  const photos = photosOf(stand.heard[0]);
  expect(photos.map(({ isLossless }) => isLossless)).toEqual([false]);
  expect(await coloursOf(photos)).toEqual([red]);
  blameless(stand);
});

test('/cow in the caption, with options, and addressed', async () => {
  const stand = await startStand();
  const ada = stand.telegram.user('Ada');
  await ada.sendPhoto(await painted('#ff0000'), '/cow@cow_test_bot a knight --balance 4');
  const heard = await stand.next();
  expect(heard.act).toMatchObject({ kind: 'command', name: 'cow', args: { prompt: 'a knight', balance: 4 } });
  expect(await coloursOf(photosOf(heard))).toEqual([red]);
  blameless(stand);
});

test('a photo, then its words: in this order, and the photo can be opened again', async () => {
  const stand = await startStand();
  const ada = stand.telegram.user('Ada');
  await ada.sendPhoto(await painted('#ff0000'));
  ada.say('a knight');
  const [photo, words] = [await stand.next(), await stand.next()];
  expect(photo.act).toMatchObject({ kind: 'message', text: '' });
  expect(words.act).toMatchObject({ kind: 'message', text: 'a knight', photos: [] });
  const [{ reference }] = photosOf(photo);
  const again = words.chat.reopenPhoto(JSON.parse(JSON.stringify(reference)));
  expect(await coloursOf(again === undefined ? [] : [again])).toEqual([red]);
  expect(words.chat.reopenPhoto({ any: 'thing' })).toBeUndefined();
  blameless(stand);
});

test('an answer to a photo in a group whose messages the bot does not see', async () => {
  const stand = await startStand();
  const [ada, bea] = [stand.telegram.user('Ada'), stand.telegram.user('Bea')];
  const chat = stand.telegram.group('Cows', [ada, bea]);
  const photo = await bea.sendPhoto(await painted('#0000ff'), 'look', { chat });
  for (const text of ['/cow a knight', '/cow@cow_test_bot a knight']) {
    ada.reply(photo, text);
    const heard = await stand.next();
    expect(heard.act).toMatchObject({ kind: 'command', name: 'cow', args: { prompt: 'a knight' } });
    expect(heard.scene).toMatchObject({ kind: 'community', communityId: String(chat.id), mayManage: true });
    expect(await coloursOf(photosOf(heard))).toEqual([blue]);
  }
  bea.reply(photo, '/why');
  expect((await stand.next()).scene).toMatchObject({ mayManage: false, mayModerate: false });
  blameless(stand);
});

test('what somebody may do in other groups', async () => {
  const stand = await startStand();
  const { telegram } = stand;
  const [ada, bea] = [telegram.user('Ada'), telegram.user('Bea')];
  const [here, there] = [telegram.group('Cows', [ada, bea]), telegram.group('Sheep', [bea, ada])];
  const without = telegram.group('Goats', [bea]);
  bea.say('/why', { chat: here });
  const { chat, scene } = await stand.next();
  const all = { mayManage: true, mayModerate: true, roleIds: [] };
  expect(scene.roleIds).toEqual([]);
  for (const id of [there.id, without.id, bea.id]) expect(await chat.rightsIn(String(id))).toEqual(all);
  for (const id of [here.id, ada.id, -4711, 'farm']) expect(await chat.rightsIn(String(id))).toEqual(noRights);
  ada.say('/why', { chat: here });
  const hers = await stand.next();
  expect(await hers.chat.rightsIn(String(without.id))).toEqual(noRights);
  blameless(stand);
});

test('a command in answer to a message of the bot says what its buttons are about', async () => {
  const button = (action: string) => ({ label: action, pressId: `v1:${action}:j1`, style: 'secondary' }) as const;
  const result = reply({ kind: 'new', visibility: 'all', rows: [[button('again'), button('file')]] });
  const stand = await startStand({ handle: async (_act, _actor, _scene, chat) => chat.answer(result) });
  const ada = stand.telegram.user('Ada');
  const chat = stand.telegram.group('Cows', [ada]);
  const said = ada.say('/cow a knight', { chat });
  expect((await stand.next()).act).not.toHaveProperty('pointedAt');
  ada.reply(await stand.telegram.answer(chat), '/cow a pirate');
  const onResult = await stand.next();
  expect(onResult.act).toMatchObject({ kind: 'command', pointedAt: 'j1' });
  expect(onResult.act).not.toHaveProperty('personPointedAt');
  ada.reply(said, '/cow a pirate');
  const { act } = await stand.next();
  expect(act).toMatchObject({ personPointedAt: String(ada.id) });
  expect(act).not.toHaveProperty('pointedAt');
});

test('a command with a hyphen is the one that is written with an underscore here', async () => {
  const stand = await startStand();
  const ada = stand.telegram.user('Ada');
  for (const text of ['/forget-me', '/forget_me', '/forget-me@cow_test_bot']) {
    ada.say(text);
    expect((await stand.next()).act).toMatchObject({ kind: 'command', name: 'forget-me' });
  }
  blameless(stand);
});

test('in groups, what is not meant for the bot is left alone even where the bot sees all', async () => {
  const stand = await startStand({ fake: { privacyMode: false } });
  const ada = stand.telegram.user('Ada');
  const chat = stand.telegram.group('Cows', [ada]);
  ada.say('just chatting', { chat });
  ada.say('/cow@another_bot no', { chat });
  ada.say('/roll 6', { chat });
  await ada.sendPhoto(await painted('#ff0000'), 'my cat', { chat });
  await ada.sendPhoto(await painted('#ff0000'), 'hey @cow_test_bot a knight', { chat });
  const { act } = await stand.next();
  expect(act).toMatchObject({ kind: 'message', text: 'hey  a knight' });
  ada.say('/roll 6');
  expect((await stand.next()).act).toMatchObject({ kind: 'command', name: 'roll' });
  blameless(stand);
});

test('an album is one act with all its photos, before what is said after it', async () => {
  const stand = await startStand({ adapter: { albumWaitMs: 60_000 } });
  const ada = stand.telegram.user('Ada');
  await ada.sendAlbum([await painted('#ff0000'), await painted('#0000ff')], 'two knights');
  ada.say('and?');
  const [album, words] = [await stand.next(), await stand.next()];
  expect(album.act).toMatchObject({ kind: 'message', text: 'two knights' });
  expect(await coloursOf(photosOf(album))).toEqual([red, blue]);
  expect(words.act).toMatchObject({ kind: 'message', text: 'and?' });
  expect(stand.heard).toHaveLength(2);
  blameless(stand);
});

test('an album ends by itself, and two people keep theirs apart', async () => {
  const stand = await startStand();
  const [ada, bea] = [stand.telegram.user('Ada'), stand.telegram.user('Bea')];
  await ada.sendAlbum([await painted('#ff0000'), await painted('#ff0000'), await painted('#0000ff')], '/cow three');
  await bea.sendAlbum([await painted('#0000ff'), await painted('#0000ff')]);
  const heard = [await stand.next(), await stand.next()];
  const byWhom = (name: string): Heard | undefined => heard.find(({ actor }) => actor.displayName === name);
  const [hers, other] = [byWhom('Ada'), byWhom('Bea')];
  if (hers === undefined || other === undefined) throw new Error('Expected an act of each.');
  expect(hers.act).toMatchObject({ kind: 'command', name: 'cow', args: { prompt: 'three' } });
  expect(await coloursOf(photosOf(hers))).toEqual([red, red, blue]);
  expect(await coloursOf(photosOf(other))).toEqual([blue, blue]);
  blameless(stand);
});

test('pictures as files and stickers keep their bytes; moving stickers are no photos', async () => {
  const stand = await startStand();
  const ada = stand.telegram.user('Ada');
  const bytes = await painted('#ff0000');
  ada.sendDocument(bytes, 'holiday.png', 'a knight');
  const [file] = photosOf(await stand.next());
  expect(file.isLossless).toBe(true);
  expect(Buffer.from(await readPhoto(file))).toEqual(bytes);
  ada.sendSticker(bytes);
  const [sticker] = photosOf(await stand.next());
  expect(Buffer.from(await readPhoto(sticker))).toEqual(bytes);
  ada.sendSticker(bytes, { animated: true });
  expect(await stand.next()).toMatchObject({ act: { kind: 'message', text: '', photos: [] } });
  blameless(stand);
});

test('an edited caption is a new request, one that says the same is the old one', async () => {
  const stand = await startStand();
  const ada = stand.telegram.user('Ada');
  const photo = await ada.sendPhoto(await painted('#ff0000'), 'a nkight');
  ada.edit(photo, 'a knight');
  ada.edit(photo, 'a knight');
  ada.edit(ada.say('not a caption'), 'not one either');
  const acts = [await stand.next(), await stand.next(), await stand.next(), await stand.next()].map(({ act }) => act);
  expect(acts).toMatchObject([
    { text: 'a nkight' },
    { text: 'a knight' },
    { text: 'a knight' },
    { text: 'not a caption' },
  ]);
  expect(new Set(acts.slice(0, 3).map(({ requestId }) => requestId)).size).toBe(2);
  expect(acts[1].requestId).toBe(acts[2].requestId);
  ada.say('the last');
  expect((await stand.next()).act).toMatchObject({ text: 'the last' });
  blameless(stand);
});

test('in a forum, answers stay in their topic', async () => {
  const stand = await startStand({
    handle: async (_act, _actor, _scene, chat) => {
      await chat.acknowledge({
        kind: 'new',
        visibility: 'all',
        lines: [{ kind: 'plain', spans: ['Got it'] }],
        pictures: [],
        rows: [],
        files: [],
      });
    },
  });
  const ada = stand.telegram.user('Ada');
  const chat = stand.telegram.supergroup('Forum', [ada], { forum: true });
  const threadId = stand.telegram.topic(chat, 'Knights');
  ada.say('/cow a knight', { chat, threadId });
  expect((await stand.next()).scene).toMatchObject({ channelId: String(chat.id), threadId: String(threadId) });
  const answer = await stand.telegram.answer(chat);
  expect(answer.threadId).toBe(threadId);
  expect(answer.replyTo?.text).toBe('/cow a knight');
  blameless(stand);
});

test('people who come, go, and turn a group into a supergroup say nothing', async () => {
  const stand = await startStand();
  const ada = stand.telegram.user('Ada');
  const group = stand.telegram.group('Cows', [ada]);
  const successor = stand.telegram.migrate(group, ada);
  ada.say('/why', { chat: successor });
  expect((await stand.next()).scene).toMatchObject({ communityId: String(successor.id) });
  expect(stand.heard).toHaveLength(1);
  blameless(stand);
});

test('what one person says is answered in its order, and nobody else waits for it', async () => {
  const first = Promise.withResolvers<void>();
  const stand = await startStand({
    handle: (act) => ('text' in act && act.text === '1' ? first.promise : Promise.resolve()),
  });
  const [ada, bea] = [stand.telegram.user('Ada'), stand.telegram.user('Bea')];
  ada.say('1');
  ada.say('2');
  bea.say('3');
  await stand.next();
  expect((await stand.next()).act).toMatchObject({ text: '3' });
  first.resolve();
  expect((await stand.next()).act).toMatchObject({ text: '2' });
});

test('service messages say nothing, and replies in ordinary groups are in no topic', async () => {
  const stand = await openStand({
    adapter: { updates: { kind: 'webhook', url: 'http://127.0.0.1:9/hook', secret: 'hush-hush' } },
  });
  await stand.adapter.start(stand.listen);
  const bring = async (message: object): Promise<void> => {
    const body = JSON.stringify({ update_id: 7, message: { message_id: 5, date: 1, ...message } });
    const headers = { 'x-telegram-bot-api-secret-token': 'hush-hush' };
    await stand.adapter.webhook(new Request('http://bot/', { method: 'POST', headers, body }));
  };
  const from = { id: 77, is_bot: false, first_name: 'Ada', last_name: 'Lovelace' };
  await bring({ from, chat: { id: 77, type: 'private', first_name: 'Ada' }, pinned_message: {} });
  const chat = { id: -100_500, type: 'supergroup', title: 'Cows' };
  await bring({ from, chat, text: '/why', message_thread_id: 3 });
  await bring({ from, chat, text: '/why', message_thread_id: 3, is_topic_message: true, sender_chat: chat });
  const opened = { message_id: 3, date: 1, chat, forum_topic_created: {} };
  const bot = { id: stand.telegram.botAccount.id, is_bot: true, first_name: 'cow' };
  await bring({ from, chat, text: 'just chatting', reply_to_message: { ...opened, from: bot } });
  const [reply, topic] = [await stand.next(), await stand.next()];
  expect([reply.scene.threadId, topic.scene.threadId]).toEqual([undefined, '3']);
  // Whoever writes in the group's own name is one of its administrators.
  expect([reply.scene.mayManage, topic.scene.mayManage]).toEqual([false, true]);
  expect(reply.actor.displayName).toBe('Ada Lovelace');
  expect(reply.actor).not.toHaveProperty('isAnonymous');
  const anonymous = { id: 1_087_968_824, is_bot: true, first_name: 'Group' };
  await bring({ from: anonymous, chat, text: '/why', sender_chat: chat });
  expect((await stand.next()).actor).toMatchObject({ isBot: true, isAnonymous: true });
  await bring({ from: { ...anonymous, id: 4 }, chat, text: '/why' });
  expect((await stand.next()).actor).not.toHaveProperty('isAnonymous');
  await stand.adapter.close();
  expect(stand.heard).toHaveLength(4);
});
