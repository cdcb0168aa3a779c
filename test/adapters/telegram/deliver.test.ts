import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import sharp from 'sharp';
import type { Address } from '../../../src/jobs/adapter.ts';
import { encodePng } from '../../../src/photo/encode.ts';
import { readMarks } from '../../../src/photo/marks.ts';
import { withPresentation } from '../../../commands/presentation.ts';
import { reply } from '../../../commands/contract/reply.ts';
import type { FakeTelegram, Message, Person } from '../../fakes/telegram/index.ts';
import { colourOf, content, delivered, painted, type Stand, type StandOptions, startStand } from './bot.ts';

const patient = { signal: new AbortController().signal };

interface Placed extends Stand {
  readonly ada: Person;
  readonly address: Address;
  readonly message: () => Message;
}

/** A placeholder that the adapter posted itself, as an answer to `/cow`. */
async function placed(
  options: StandOptions = {},
  where?: (telegram: FakeTelegram, ada: Person) => Message,
): Promise<Placed> {
  const stand = await startStand(options);
  const ada = stand.telegram.user('Ada');
  const asked = where?.(stand.telegram, ada) ?? ada.say('/cow a knight');
  const { chat } = await stand.next();
  const at = await chat.acknowledge(
    reply({
      kind: 'new',
      visibility: 'all',
      lines: [{ kind: 'plain', spans: ['Got it'] }],
      rows: [[{ label: 'Cancel', pressId: 'v1:cancel:j1', style: 'danger' }]],
    }),
  );
  const address = withPresentation(at, {
    jobId: 'j1',
    language: 'en',
    askerId: String(ada.id),
    askerName: 'Ada <b>',
    isSpoiler: true,
  });
  const message = (): Message => {
    const found = stand.telegram.messages(asked.chat).find(({ id }) => id === address['messageId']);
    if (found === undefined) throw new Error('Expected the placeholder.');
    return found;
  };
  return { ...stand, ada, address, message };
}

test('placeholder, progress, result: one message all the way', async () => {
  const { adapter, telegram, address, message, ada } = await placed();
  expect([message().text, message().labels]).toEqual(['Got it', ['Cancel']]);
  await adapter.showProgress(address, { state: 'queued', position: 2, waitMs: 9000 }, patient);
  expect(message().text).toContain('place 2');
  expect(message().labels).toEqual(['Cancel', 'Why waiting?']);
  const running = { state: 'running', phase: 'cycles', done: 5, total: 10, remainingMs: 4000 } as const;
  for (let time = 0; time < 3; time++) await adapter.showProgress(address, running, patient);
  expect(message().text).toContain('50 %');
  expect(ada.chat.actions.map(({ action }) => action)).toEqual(['upload_photo']);
  const edits = telegram.requestsOf('editMessageText').length;
  expect(edits).toBe(2);

  const pictures = [delivered(0, await painted('#ff0000', 512, 384), 512, 384)];
  const result = await adapter.deliver(address, content({ pictures }), patient);
  expect(result).toEqual({ kind: 'sent', receipt: { chat: String(ada.id), messageId: message().id } });
  expect(message().text).toBe('Ada <b> asked for:\na knight');
  expect(message().labels).toEqual(expect.arrayContaining(['Again', 'Remix', 'Details', 'File', 'Delete']));
  expect(message().content.media).toMatchObject({ kind: 'photo', spoiler: true });
  expect(await sharp(message().bytes).metadata()).toMatchObject({ width: 512, height: 384, format: 'jpeg' });
  expect(await colourOf(message().bytes)).toEqual([16, 0, 0]);
  expect(telegram.messages(ada.chat)).toHaveLength(2);
  expect(telegram.violations).toEqual([]);
});

test('several pictures are one sheet, each in its place', async () => {
  const { adapter, telegram, address, message } = await placed();
  const colours = ['#ff0000', '#00ff00', '#0000ff', '#ffffff'];
  const pictures = await Promise.all(
    colours.map(async (colour, at) => delivered(at, await painted(colour, 200, 100), 200, 100)),
  );
  await adapter.deliver(address, content({ pictures }), patient);
  const corner = async (left: number, top: number): Promise<number[]> =>
    colourOf(await sharp(message().bytes).extract({ left, top, width: 20, height: 20 }).png().toBuffer());
  expect(await Promise.all([corner(80, 40), corner(290, 40), corner(80, 150), corner(290, 150)])).toEqual([
    [16, 0, 0],
    [0, 16, 0],
    [0, 0, 16],
    [16, 16, 16],
  ]);
  expect(telegram.violations).toEqual([]);
});

test('a picture that is removed is not to be seen any more', async () => {
  const { adapter, address, message } = await placed();
  await adapter.deliver(address, content({ pictures: [delivered(0, await painted('#ff0000'))] }), patient);
  await adapter.deliver(address, content({ state: 'removed' }), patient);
  expect(message().text).toBe('This picture was removed.');
  expect(message().labels).toEqual([]);
  expect(await colourOf(message().bytes)).toEqual([8, 8, 8]);
});

test('a picture larger than photos may be arrives smaller', async () => {
  const { adapter, address, message } = await placed();
  const noise = {
    create: { width: 3000, height: 2000, channels: 3, noise: { type: 'gaussian', mean: 128, sigma: 60 } },
  } as const;
  const png = await sharp({ ...noise, create: { ...noise.create, background: '#000' } })
    .png({ compressionLevel: 0 })
    .toBuffer();
  const long = await painted('#ff0000', 9990, 600);
  for (const pictures of [[delivered(0, png, 3000, 2000)], [delivered(0, long, 9990, 600)]]) {
    expect(await adapter.deliver(address, content({ pictures }), patient)).toMatchObject({ kind: 'sent' });
    expect(message().content.media?.kind).toBe('photo');
  }
});

test.for<[string, string]>([
  ['markdown', '*bold* _it_ `code` [x](https://example.org) ||spoiler||'],
  ['HTML', '<b>x</b> <script> &amp; </blockquote>'],
  ['a mention', 'hello @somebody and @all'],
  ['right to left', '\u202Egnp.exe\u202C \u05D0\u05D1\u05D2 \u2066x'],
  ['zero width', '\u200B\u200D\uFEFF'],
  ['emoji', '🐮🐄👨‍👩‍👧‍👦🏴‍☠️'],
  ['half an emoji', '\uD83D'],
  ['4,000 characters', 'a knight '.repeat(445)],
  ['4,000 emoji', '😀'.repeat(4000)],
  ['lines', '\n\n\n'],
])('a prompt of %s is shown and changes nothing else', async ([, prompt]) => {
  const { adapter, telegram, address, message } = await placed();
  const failed = await adapter.deliver(address, content({ state: 'failed', prompt, sentence: 'No.' }), patient);
  expect(failed.kind).toBe('sent');
  const pictures = [delivered(0, await painted('#ff0000'))];
  expect((await adapter.deliver(address, content({ prompt, pictures }), patient)).kind).toBe('sent');
  const shown = message();
  expect(shown.text.startsWith('Ada <b> asked for:')).toBe(true);
  expect(
    [...new Set(shown.content.entities.map(({ type }) => type))].filter(
      (type) => type !== 'blockquote' && type !== 'italic',
    ),
  ).toEqual([]);
  expect(shown.text).not.toMatch(/@\w|[\u202A-\u202E\u2066]/);
  expect(shown.labels).toEqual(expect.arrayContaining(['Again', 'Delete']));
  expect(telegram.violations).toEqual([]);
});

const trouble: [string, (stand: Placed) => unknown, object][] = [
  [
    'the person blocked the bot',
    ({ ada }) => ada.blockBot(),
    { kind: 'never', reason: expect.stringMatching(/blocked/) },
  ],
  [
    'the message was deleted',
    ({ ada, message }) => ada.delete(message()),
    { kind: 'never', reason: expect.stringMatching(/deleted/) },
  ],
  ['the service is down', ({ telegram }) => telegram.failNext('editMessageMedia', 1, { code: 502 }), { kind: 'later' }],
  ['the connection breaks', ({ telegram }) => telegram.failNext('editMessageMedia', 1, 'hang-up'), { kind: 'later' }],
  ['the answer is lost', ({ telegram }) => telegram.failNext('editMessageMedia', 1, 'lose-answer'), { kind: 'later' }],
  [
    'there were too many messages',
    ({ telegram }) => telegram.failNext('editMessageMedia', 1, { code: 429, retryAfterS: 33 }),
    { kind: 'later', retryAfterMs: 33_000 },
  ],
  [
    'the chat is gone',
    ({ telegram }) =>
      telegram.failNext('editMessageMedia', 1, { code: 400, description: 'Bad Request: chat not found' }),
    { kind: 'never', reason: expect.stringMatching(/\.$/) },
  ],
  [
    'the bot may not send photos',
    ({ telegram }) =>
      telegram.failNext('editMessageMedia', 1, {
        code: 400,
        description: 'Bad Request: not enough rights to send photos to the chat',
      }),
    { kind: 'never', reason: expect.stringMatching(/\.$/) },
  ],
];

test.for(trouble)('when %s, the delivery says so', async ([, cause, outcome]) => {
  const stand = await placed();
  cause(stand);
  const done = content({ pictures: [delivered(0, await painted('#ff0000'))] });
  expect(await stand.adapter.deliver(stand.address, done, patient)).toMatchObject(outcome);
  expect(stand.log()).not.toContain(stand.telegram.token.split(':')[1]);
});

test('a bot that was removed from a group says so', async () => {
  const stand = await placed({}, (telegram, ada) => ada.say('/cow a knight', { chat: telegram.group('Cows', [ada]) }));
  stand.telegram.kickBot(stand.message().chat, stand.ada);
  expect(await stand.adapter.deliver(stand.address, content(), patient)).toEqual({
    kind: 'never',
    code: 'bot-removed',
    reason: 'The bot was removed from this chat.',
  });
});

test('what the service says and nobody knows is a remote error, without a word of what was sent', async () => {
  const stand = await placed();
  stand.telegram.failNext('editMessageMedia', 1, { code: 400, description: 'Bad Request: COW_TOO_BLUE' });
  const done = content({ prompt: 'a secret', pictures: [delivered(0, await painted('#ff0000'))] });
  const failure = await stand.adapter.deliver(stand.address, done, patient).catch((error: unknown) => error);
  expect(failure).toMatchObject({ name: 'RemoteError', status: 400 });
  expect(failure).not.toHaveProperty('cause');
  expect(String(failure)).not.toContain('a secret');
});

test('progress leaves a chat alone for as long as it was told', async () => {
  const stand = await placed();
  const { adapter, telegram, address } = stand;
  const queued = (position: number) =>
    adapter.showProgress(address, { state: 'queued', position, waitMs: 9000 }, patient);
  telegram.failNext('editMessageText', 1, { code: 429, retryAfterS: 30 });
  await expect(queued(3)).rejects.toMatchObject({ name: 'RemoteError', retryAfterMs: 30_000 });
  await queued(2);
  expect(telegram.requestsOf('editMessageText')).toHaveLength(1);
  if ('advance' in telegram.clock && typeof telegram.clock.advance === 'function') telegram.clock.advance(31_000);
  await queued(1);
  expect(stand.message().text).toContain('place 1');
});

test('in a group that became a supergroup the result is posted there, and its new place is told', async () => {
  const moves: [Address, Address][] = [];
  const stand = await placed(
    { adapter: { messageMoved: async (from, to) => void moves.push([from, to]) } },
    (telegram, ada) => ada.say('/cow a knight', { chat: telegram.group('Cows', [ada]) }),
  );
  const { adapter, telegram, address, ada } = stand;
  const group = stand.message().chat;
  const successor = telegram.migrate(group, ada);
  const done = content({ pictures: [delivered(0, await painted('#ff0000'))] });
  const result = await adapter.deliver(address, done, patient);
  const [posted] = telegram.messages(successor);
  expect(result).toEqual({ kind: 'sent', receipt: { chat: String(successor.id), messageId: posted.id } });
  expect(await colourOf(posted.bytes)).toEqual([16, 0, 0]);
  expect(moves).toEqual([[address, { ...address, chat: String(successor.id), messageId: posted.id }]]);
  const [[, moved]] = moves;
  await adapter.deliver(moved, content({ state: 'removed' }), patient);
  expect(telegram.messages(successor)).toHaveLength(1);
  expect(telegram.messages(successor)[0].text).toBe('This picture was removed.');
});

test('an address that no adapter of Telegram wrote is a fault', async () => {
  const { adapter } = await startStand();
  for (const address of [{ chat: 'c1' }, { chat: '1', messageId: 'x' }, { chat: '1;--', messageId: 1 }]) {
    await expect(adapter.deliver(address, content(), patient)).rejects.toMatchObject({ name: 'Fault' });
  }
});

test('what is sent says that it was generated: one picture, several on a sheet, one that had to be made smaller', async () => {
  const { adapter, telegram, address } = await placed();
  const noise = { width: 2200, height: 2200, rgb: randomBytes(2200 * 2200 * 3) };
  const small = { width: 64, height: 48, rgb: randomBytes(64 * 48 * 3) };
  const kept = await encodePng(small, { source: 'compositeWithTrainedAlgorithmicMedia', parameters: 'a knight' });
  const whole = await encodePng(small, { source: 'trainedAlgorithmicMedia' });
  const large = await encodePng(noise, { source: 'trainedAlgorithmicMedia' });
  for (const [pngs, source] of [
    [[kept], 'compositeWithTrainedAlgorithmicMedia'],
    [[whole, kept], 'compositeWithTrainedAlgorithmicMedia'],
    [[whole, whole, whole], 'trainedAlgorithmicMedia'],
    [[large], 'trainedAlgorithmicMedia'],
  ] as const) {
    await adapter.deliver(address, content({ pictures: pngs.map((png, number) => delivered(number, png)) }), patient);
    const [upload] = telegram.requestsOf('editMessageMedia').at(-1)?.files ?? [];
    expect(await readMarks(upload?.bytes ?? new Uint8Array(0))).toMatchObject({ source });
  }
});
