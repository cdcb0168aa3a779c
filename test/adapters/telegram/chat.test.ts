import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import type { PressAct } from '../../../commands/contract/act.ts';
import type { Chat } from '../../../commands/contract/chat.ts';
import { type Line, type Reply, reply } from '../../../commands/contract/reply.ts';
import type { CallbackPress } from '../../fakes/telegram/press.ts';
import type { Chat as Room, Message, Person } from '../../fakes/telegram/index.ts';
import { colourOf, delivered, openStand, painted, photosOf, readPhoto, type Stand, startStand } from './bot.ts';

const says = (text: string): readonly Line[] => [{ kind: 'plain', spans: [text] }];
const toAll = (text: string, more: Partial<Reply> = {}): Reply =>
  reply({ kind: 'new', visibility: 'all', lines: says(text), ...more });
const toAsker = (text: string, more: Partial<Reply> = {}): Reply => toAll(text, { visibility: 'asker', ...more });
const again = [[{ label: 'Again', pressId: 'v1:again:j1', style: 'secondary' as const }]];

interface Pressed extends Stand {
  readonly ada: Person;
  readonly room: Room;
  readonly message: Message;
  readonly press: CallbackPress;
  readonly chat: Chat;
}

/** Somebody pressed a button in a group; the way back to them is open until the test is over. */
async function pressed(answer: (chat: Chat) => Promise<void>, met = false): Promise<Pressed> {
  const stand = await startStand({
    handle: async (act, _actor, _scene, chat) => {
      if (act.kind === 'press') await answer(chat);
      else await chat.answer(toAll('Look', { rows: again }));
    },
  });
  const ada = stand.telegram.user('Ada', { met });
  const room = stand.telegram.group('Cows', [ada]);
  ada.say('/cow a knight', { chat: room });
  await stand.next();
  const message = await stand.telegram.answer(room);
  const press = ada.press(message, 'Again');
  const { chat } = await stand.next();
  return { ...stand, ada, room, message, press, chat };
}

const texts = (stand: Stand, room: Room): string[] => stand.telegram.messages(room).map(({ text }) => text);

test('a press comes with what its button carries, and is answered even where nothing is said', async () => {
  const stand = await pressed(async () => {});
  expect(stand.heard[1].act).toMatchObject({ kind: 'press', press: { action: 'again', id: 'j1' } });
  expect(stand.heard[1].act.requestId).not.toBe(stand.heard[0].act.requestId);
  expect(await stand.press.whenAnswered()).toMatchObject({ text: '', alert: false });
  expect(texts(stand, stand.room)).toEqual(['/cow a knight', 'Look']);
  expect(stand.telegram.violations).toEqual([]);
});

test('a toast is the answer to the press, and at most 200 characters', async () => {
  const stand = await pressed((chat) => chat.answer({ ...toAsker('😀'.repeat(150)), kind: 'toast' }));
  const { text, alert } = await stand.press.whenAnswered();
  expect([text.isWellFormed(), text.length <= 200, alert]).toEqual([true, true, false]);
  expect(stand.telegram.violations).toEqual([]);
});

test('a few words for one person in a group are a box that nobody else sees', async () => {
  const stand = await pressed((chat) => chat.answer(toAsker('This is not yours.')));
  expect(await stand.press.whenAnswered()).toMatchObject({ text: 'This is not yours.', alert: true });
  expect(texts(stand, stand.room)).toEqual(['/cow a knight', 'Look']);
});

test('a choice about a message of the group stands under it', async () => {
  const stand = await pressed((chat) => chat.answer(toAsker('Which?', { rows: again })), true);
  expect(await stand.press.whenAnswered()).toMatchObject({ text: '' });
  const answer = await stand.telegram.answer(stand.room, ({ text }) => text === 'Which?');
  expect([answer.replyTo, answer.labels]).toEqual([stand.message, ['Again']]);
});

test('whoever never wrote to the bot is asked to, where they asked, and nobody else reads more', async () => {
  const stand = await pressed(async () => {});
  const code = { kind: 'code', text: 'AB12' } as const;
  const secrets = [
    toAsker('Send it', { lines: [...says('Send it'), { kind: 'plain', spans: [code] }] }),
    toAsker('My code', { lines: [{ kind: 'plain', spans: [code] }] }),
    toAsker('Rows', { lines: [...says('One'), ...says('Two')], rows: again }),
    toAsker('x'.repeat(301)),
    toAsker('File', { files: [{ name: 'a.txt', mediaType: 'text/plain', bytes: async () => Buffer.from('a') }] }),
  ];
  for (const secret of secrets) await stand.chat.answer(secret);
  const [asked, shown, ...answers] = texts(stand, stand.room);
  expect([asked, shown]).toEqual(['/cow a knight', 'Look']);
  expect(answers).toHaveLength(secrets.length);
  for (const answer of answers) expect(answer).toMatch(/private chat.*https:\/\/t\.me\/cow_test_bot$/);
  await stand.chat.answer(toAsker('Say a prompt too.'));
  await stand.chat.answer(toAsker('Do you agree?', { rows: again, isForHere: true }));
  expect(texts(stand, stand.room).slice(-2)).toEqual(['Say a prompt too.', 'Do you agree?']);
  expect(stand.telegram.violations).toEqual([]);
});

test('pictures for somebody who never wrote to the bot stay out of the group', async () => {
  const stand = await pressed(async () => {});
  const png = await painted('#ff0000');
  const { number: _number, ...picture } = { ...delivered(0, png), altText: 'x', isSpoiler: false };
  await stand.chat.answer(toAsker('Your pictures', { pictures: [picture], rows: again }));
  const answer = await stand.telegram.answer(stand.room);
  expect([answer.text, answer.content.media]).toEqual([expect.stringContaining('private chat'), undefined]);
});

test('the pressed message and the placeholder become what is said', async () => {
  const stand = await pressed(async (chat) => {
    const address = await chat.acknowledge(toAll('Wait'));
    await chat.answer(toAll('Painting', { kind: 'edit-placeholder', rows: again }));
    await chat.answer(toAll('Taken', { kind: 'edit-pressed' }));
    await chat.answer(toAll('Taken', { kind: 'edit-pressed' }));
    await chat.answer(toAll(JSON.stringify(address['messageId'])));
  });
  await stand.press.whenAnswered();
  await stand.telegram.until(() => stand.message.text === 'Taken', 'the edit');
  expect(stand.message.labels).toEqual([]);
  const { text } = await stand.telegram.answer(stand.room, (message) => /^\d+$/.test(message.text));
  const placeholder = await stand.telegram.answer(stand.room, ({ id }) => String(id) === text);
  expect([placeholder.text, placeholder.labels]).toEqual(['Painting', ['Again']]);
  expect(placeholder.replyTo).toBe(stand.message);
});

test('more than a few words for one person are said in the private chat', async () => {
  const stand = await pressed((chat) => chat.answer(toAsker('x'.repeat(300))), true);
  expect((await stand.telegram.answer(stand.ada.chat)).text).toBe('x'.repeat(300));
});

test('files arrive byte for byte, also without a word', async () => {
  const bytes = await painted('#0000ff');
  const files = [{ name: 'cow.png', mediaType: 'image/png', bytes: async () => bytes }];
  const stand = await pressed((chat) => chat.answer(toAll('', { lines: [], files })));
  const file = await stand.telegram.answer(stand.room, ({ content }) => content.media?.kind === 'document');
  expect(Buffer.from(file.bytes ?? [])).toEqual(bytes);
  expect(stand.telegram.violations).toEqual([]);
});

test('a form is a question; its answer brings everything back, also to a bot that was restarted', async () => {
  const form = {
    form: 'remix',
    id: 'job-1',
    title: 'Remix',
    fields: [
      {
        name: 'prompt',
        kind: 'paragraph',
        label: 'What should I paint?',
        value: 'a <b>knight</b> @ada',
        isRequired: true,
      },
      { name: 'photo', kind: 'photo', label: 'Another photo', isRequired: false },
    ],
  } as const;
  const stand = await pressed((chat) => chat.answer(toAsker('', { lines: [], form })));
  await stand.press.whenAnswered();
  const question = await stand.telegram.answer(stand.room, ({ content }) => content.markup.forceReply !== undefined);
  expect(question.text).toContain('a <b>knight</b>');
  expect(question.content.markup.forceReply).toMatchObject({ selective: true });
  await stand.adapter.close();

  const other = await openStand({ apiUrl: async () => stand.telegram.apiUrl });
  await other.adapter.start(other.listen);
  stand.ada.reply(question, 'a queen');
  await stand.ada.sendPhoto(await painted('#0000ff'), 'a king', { chat: stand.room, replyTo: question });
  await stand.telegram.until(() => other.heard.length === 2, 'the answers');
  const [words, photo] = other.heard;
  expect(words.act).toMatchObject({
    kind: 'form',
    form: 'remix',
    id: 'job-1',
    fields: { prompt: 'a queen' },
    photos: [],
  });
  expect(photo.act).toMatchObject({ kind: 'form', fields: { prompt: 'a king' } });
  expect(await colourOf(await readPhoto(photosOf(photo)[0]))).toEqual([0, 0, 16]);
  expect(stand.telegram.violations).toEqual([]);
  // The answer may change the message whose button asked; where that is gone, it is said anew.
  await words.chat.answer(toAll('Changed', { kind: 'edit-pressed' }));
  expect(texts(stand, stand.room)).toContain('Changed');
  stand.telegram.deleteMessage(stand.message);
  await photo.chat.answer(toAll('Changed again', { kind: 'edit-pressed' }));
  expect(texts(stand, stand.room).at(-1)).toBe('Changed again');
});

test('hundreds of forged presses are presses of nothing known, each answered', async () => {
  const stand = await startStand();
  const ada = stand.telegram.user('Ada');
  const message = ada.say('hello');
  await stand.next();
  const forged = Array.from({ length: 300 }, (_, at) =>
    [
      () => randomBytes(at % 48).toString('base64'),
      () => `v0:delete:${at}`,
      () => `v1:delete:${at}:a:b`,
      () => `v1:Delete:${at}`,
      () => `v1:delete:${'x'.repeat(64)}`,
      () => `v1:delete:${at}'; drop table jobs`,
    ][at % 6](),
  );
  const presses = forged.map((data) => ada.forge(message, data));
  await Promise.all(presses.map((press) => press.whenAnswered()));
  const acts = stand.heard.slice(1).map(({ act }) => act);
  expect(acts).toHaveLength(300);
  const actions = acts.filter((act): act is PressAct => act.kind === 'press').map(({ press }) => press);
  expect(actions).toEqual(forged.map(() => ({ action: 'unknown', id: '-' })));
  expect(stand.telegram.violations).toEqual([]);
});

test('a message is removed; one that is gone is fine, one that is too old loses what it shows', async () => {
  const stand = await pressed(async () => {});
  const { telegram, chat, room } = stand;
  const address = { chat: String(room.id), messageId: stand.message.id };
  const fresh = await chat.acknowledge(toAll('short-lived'));
  await chat.deleteMessage(fresh);
  await chat.deleteMessage(fresh);
  expect(texts(stand, room)).toEqual(['/cow a knight', 'Look']);
  if ('advance' in telegram.clock && typeof telegram.clock.advance === 'function')
    telegram.clock.advance(49 * 3600_000);
  await chat.deleteMessage(address);
  expect([stand.message.text, stand.message.labels]).toEqual(['🗑', []]);
});

test('a refusal of the service is a remote error, a short wait is waited out', async () => {
  const stand = await pressed(async () => {});
  stand.telegram.failNext('sendMessage', 1, { code: 400, description: 'Bad Request: chat not found' });
  await expect(stand.chat.answer(toAll('x'))).rejects.toMatchObject({ name: 'RemoteError', status: 400 });
  stand.telegram.failNext('sendMessage', 1, 'lose-answer');
  await expect(stand.chat.answer(toAll('once'))).rejects.toMatchObject({ name: 'RemoteError' });
  stand.telegram.failNext('sendMessage', 1, { code: 429, retryAfterS: 1 });
  await stand.chat.answer(toAll('late'));
  expect(texts(stand, stand.room)).toEqual(['/cow a knight', 'Look', 'once', 'late']);
});

test('an act that fails is logged without its words, and the next ones come', async () => {
  let failures = 1;
  const stand = await startStand({
    handle: async () => {
      if (failures-- > 0) throw new Error('the store is closed');
    },
  });
  const ada = stand.telegram.user('Ada');
  ada.say('a secret wish');
  await stand.next();
  ada.say('another');
  await stand.next();
  expect(stand.log()).toContain('the store is closed');
  expect(stand.log()).not.toContain('secret');
});
