import { GrammyError, InputFile, InputMediaBuilder } from 'grammy';
import type { Api } from 'grammy';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import type { FakeTelegram } from '../../fakes/telegram/index.ts';
import { StillClock } from '../../fakes/wire/clock.ts';
import { connected } from './bot.ts';

async function refusal(call: Promise<unknown>): Promise<string> {
  try {
    await call;
  } catch (error) {
    if (error instanceof GrammyError) return `${error.error_code} ${error.description}`;
    throw error;
  }
  throw new Error('Expected a refusal, and it was accepted.');
}

const picture = (width: number, height: number): Promise<Buffer> =>
  sharp({ create: { width, height, channels: 3, background: '#808080' } })
    .png()
    .toBuffer();
const button = (data: object): { reply_markup: { inline_keyboard: never } } => ({
  reply_markup: JSON.parse(JSON.stringify({ inline_keyboard: [[{ text: 'x', ...data }]] })),
});
const photo = async (width = 40, height = 30): Promise<InputFile> =>
  new InputFile(await picture(width, height), 'a.png');

test.for<[string, (api: Api, chat: number) => Promise<unknown>, string]>([
  ['an empty text', (api, chat) => api.sendMessage(chat, ' '), 'message text is empty'],
  ['4,097 characters', (api, chat) => api.sendMessage(chat, '😀'.repeat(4097)), 'message is too long'],
  [
    'a caption of 1,025',
    async (api, chat) => api.sendPhoto(chat, await photo(), { caption: 'x'.repeat(1025) }),
    'message caption is too long',
  ],
  [
    '65 bytes of callback data',
    (api, chat) => api.sendMessage(chat, 'x', button({ callback_data: 'ü'.repeat(33) })),
    'BUTTON_DATA_INVALID',
  ],
  [
    'a button that does nothing',
    (api, chat) => api.sendMessage(chat, 'x', button({})),
    "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard",
  ],
  [
    'an unknown tag',
    (api, chat) => api.sendMessage(chat, 'ä<h1>x</h1>', { parse_mode: 'HTML' }),
    'can\'t parse entities: Unsupported start tag "h1" at byte offset 2',
  ],
  [
    'an open tag',
    (api, chat) => api.sendMessage(chat, '<b>x', { parse_mode: 'HTML' }),
    'can\'t parse entities: Can\'t find end tag corresponding to start tag "b"',
  ],
  [
    'crossed tags',
    (api, chat) => api.sendMessage(chat, '<b><i>x</b></i>', { parse_mode: 'HTML' }),
    'can\'t parse entities: Unmatched end tag at byte offset 7, expected "</i>", found "</b>"',
  ],
  [
    'a bare angle bracket',
    (api, chat) => api.sendMessage(chat, '1 < 2', { parse_mode: 'HTML' }),
    "can't parse entities: Unclosed start tag at byte offset 2",
  ],
  [
    'a photo that is none',
    (api, chat) => api.sendPhoto(chat, new InputFile(Buffer.from('cow'), 'a.png')),
    'IMAGE_PROCESS_FAILED',
  ],
  [
    'an empty file',
    (api, chat) => api.sendDocument(chat, new InputFile(Buffer.alloc(0), 'a.png')),
    'file must be non-empty',
  ],
  [
    'a photo over 10 MB',
    (api, chat) => api.sendPhoto(chat, new InputFile(Buffer.alloc(10 * 2 ** 20 + 1), 'a.png')),
    'file is too big',
  ],
  [
    'sides of more than 10,000',
    async (api, chat) => api.sendPhoto(chat, await photo(9000, 1001)),
    'PHOTO_INVALID_DIMENSIONS',
  ],
  ['a ratio over 20', async (api, chat) => api.sendPhoto(chat, await photo(420, 20)), 'PHOTO_INVALID_DIMENSIONS'],
  [
    'an album of one',
    async (api, chat) => api.sendMediaGroup(chat, [InputMediaBuilder.photo(await photo())]),
    'an album holds 2 to 10 items',
  ],
  [
    'an album of documents and photos',
    async (api, chat) =>
      api.sendMediaGroup(chat, JSON.parse('[{"type":"photo","media":"x"},{"type":"document","media":"y"}]')),
    "can't mix documents with other media",
  ],
  [
    'an action that does not exist',
    (api, chat) => api.sendChatAction(chat, JSON.parse('"painting"')),
    'wrong parameter action in request',
  ],
  [
    'a topic that is not there',
    (api, chat) => api.sendMessage(chat, 'x', { message_thread_id: 99 }),
    'message thread not found',
  ],
  [
    'a reply to nothing',
    (api, chat) => api.sendMessage(chat, 'x', { reply_parameters: { message_id: 99 } }),
    'message to be replied not found',
  ],
  ['an unknown chat', (api) => api.sendMessage(77, 'x'), 'chat not found'],
  ['an edit of nothing', (api, chat) => api.editMessageText(chat, 99, 'x'), 'message to edit not found'],
  ["an edit of a person's message", (api, chat) => api.editMessageText(chat, 1, 'x'), "message can't be edited"],
  ['a deletion of nothing', (api, chat) => api.deleteMessage(chat, 99), 'message to delete not found'],
  [
    'an unknown reaction',
    (api, chat) => api.setMessageReaction(chat, 1, JSON.parse('[{"type":"emoji","emoji":"🐮"}]')),
    'REACTION_INVALID',
  ],
  ['a file that is not there', (api) => api.getFile('x'), 'wrong file_id or the file is temporarily unavailable'],
  [
    'a command with capitals',
    (api) => api.setMyCommands([{ command: 'Cow', description: 'x' }]),
    'BOT_COMMAND_INVALID',
  ],
  [
    'a command with a hyphen',
    (api) => api.setMyCommands([{ command: 'forget-me', description: 'x' }]),
    'BOT_COMMAND_INVALID',
  ],
  [
    '101 commands',
    (api) => api.setMyCommands(Array.from({ length: 101 }, (_, index) => ({ command: `c${index}`, description: 'x' }))),
    'BOT_COMMANDS_TOO_MUCH',
  ],
  [
    'a description of 257',
    (api) => api.setMyCommands([{ command: 'cow', description: 'x'.repeat(257) }]),
    'BOT_COMMAND_DESCRIPTION_INVALID',
  ],
  [
    'a webhook without https',
    (api) => api.setWebhook('http://cow.example/hook'),
    'bad webhook: An HTTPS URL must be provided for webhook',
  ],
  [
    'a secret with spaces',
    (api) => api.setWebhook('https://cow.example/hook', { secret_token: 'a b' }),
    'secret token contains unallowed characters',
  ],
])('%s is refused', async ([, call, description]) => {
  await using pair = await connected();
  const ada = pair.telegram.user('Ada');
  ada.say('hello');
  expect(await refusal(call(pair.bot.api, ada.id))).toBe(`400 Bad Request: ${description}`);
  expect(pair.telegram.messages(ada.chat)).toHaveLength(1);
});

test('a document over 50 MB is refused, a photo to download over 20 MB too', async () => {
  await using pair = await connected();
  const ada = pair.telegram.user('Ada', { met: true });
  const big = new InputFile(Buffer.alloc(50 * 2 ** 20 + 1), 'a.bin');
  expect(await refusal(pair.bot.api.sendDocument(ada.id, big))).toBe('413 Request Entity Too Large');
  ada.sendDocument(new Uint8Array(20 * 2 ** 20 + 1), 'a.bin');
  const [update] = await pair.bot.api.getUpdates();
  expect(await refusal(pair.bot.api.getFile(update?.message?.document?.file_id ?? ''))).toBe(
    '400 Bad Request: file is too big',
  );
});

test('edits say what they cannot do, and take the keyboard away unless it is sent again', async () => {
  await using pair = await connected();
  const { telegram, bot } = pair;
  const ada = telegram.user('Ada', { met: true });
  const sent = await bot.api.sendMessage(ada.id, '<b>wait</b>', {
    parse_mode: 'HTML',
    ...button({ callback_data: 'a' }),
  });
  const edit = (text: string, more: object = {}): Promise<unknown> =>
    bot.api.editMessageText(ada.id, sent.message_id, text, { parse_mode: 'HTML', ...more });
  expect(await refusal(edit('<b>wait</b>', button({ callback_data: 'a' })))).toContain(
    '400 Bad Request: message is not modified',
  );
  await edit('<b>wait</b>');
  expect(telegram.messages(ada.chat)[0]?.labels).toEqual([]);
  expect(await refusal(edit('x'.repeat(4097)))).toBe('400 Bad Request: MESSAGE_TOO_LONG');
  expect(await refusal(bot.api.editMessageCaption(ada.id, sent.message_id, { caption: 'x' }))).toBe(
    '400 Bad Request: there is no caption in the message to edit',
  );
  const shown = await bot.api.sendPhoto(ada.id, await photo(), { caption: 'a' });
  expect(await refusal(bot.api.editMessageText(ada.id, shown.message_id, 'x'))).toBe(
    '400 Bad Request: there is no text in the message to edit',
  );
  const media = InputMediaBuilder.photo(shown.photo.at(-1)?.file_id ?? '', { caption: 'a' });
  expect(await refusal(bot.api.editMessageMedia(ada.id, shown.message_id, media))).toContain('message is not modified');
  await bot.api.editMessageCaption(ada.id, shown.message_id, { caption: 'b' });
  expect(telegram.messages(ada.chat).map((message) => message.text)).toEqual(['wait', 'b']);
});

test('a callback query is answered once, soon, in 200 characters', async () => {
  const clock = new StillClock();
  await using pair = await connected({ clock });
  const { telegram, bot } = pair;
  const ada = telegram.user('Ada', { met: true });
  await bot.api.sendMessage(ada.id, 'x', button({ callback_data: 'a' }));
  const [message] = telegram.messages(ada.chat);
  if (message === undefined) throw new Error('Expected a message.');
  const old = '400 Bad Request: query is too old and response timeout expired or query ID is invalid';
  const first = ada.press(message, 'x');
  expect(await refusal(bot.api.answerCallbackQuery(first.id, { text: 'x'.repeat(201) }))).toBe(
    '400 Bad Request: MESSAGE_TOO_LONG',
  );
  await bot.api.answerCallbackQuery(first.id, { text: 'y', show_alert: true });
  expect(first.answer).toMatchObject({ text: 'y', alert: true });
  expect(await refusal(bot.api.answerCallbackQuery(first.id))).toBe(old);
  const second = ada.forge(message, 'anything at all');
  clock.advance(16_000);
  expect(await refusal(bot.api.answerCallbackQuery(second.id))).toBe(old);
});

test('blocked, kicked, never met, without rights, migrated', async () => {
  await using pair = await connected();
  const { telegram, bot } = pair;
  const ada = telegram.user('Ada');
  const send = (id: number): Promise<string> => refusal(bot.api.sendMessage(id, 'x'));
  expect(await send(ada.id)).toBe("403 Forbidden: bot can't initiate conversation with a user");
  ada.say('/start');
  ada.blockBot();
  expect(await send(ada.id)).toBe('403 Forbidden: bot was blocked by the user');
  const group = telegram.group('Cows', [ada]);
  const forum = telegram.supergroup('Forum', [ada], { forum: true });
  group.botMaySendPhotos = false;
  expect(await refusal(bot.api.sendPhoto(group.id, await photo()))).toBe(
    '400 Bad Request: not enough rights to send photos to the chat',
  );
  const topic = telegram.topic(forum, 'Knights');
  expect((await bot.api.sendMessage(forum.id, 'x', { message_thread_id: topic })).is_topic_message).toBe(true);
  telegram.kickBot(forum, ada);
  expect(await send(forum.id)).toBe('403 Forbidden: bot was kicked from the supergroup chat');
  const successor = telegram.migrate(group, ada);
  await expect(bot.api.sendMessage(group.id, 'x')).rejects.toMatchObject({
    parameters: { migrate_to_chat_id: successor.id },
  });
  await bot.api.sendMessage(successor.id, 'x');
  const updates = await bot.api.getUpdates();
  expect(
    updates.map(
      (update) =>
        update.message?.migrate_to_chat_id ??
        update.message?.migrate_from_chat_id ??
        update.my_chat_member?.new_chat_member.status ??
        update.message?.text,
    ),
  ).toEqual(['/start', 'kicked', 'kicked', successor.id, group.id]);
  expect(telegram.violations).toEqual([]);
});

test('old messages and those of others stay', async () => {
  const clock = new StillClock();
  await using pair = await connected({ clock });
  const ada = pair.telegram.user('Ada');
  const group = pair.telegram.group('Cows', [ada]);
  const hers = ada.say('hello', { chat: group });
  expect(await refusal(pair.bot.api.deleteMessage(group.id, hers.id))).toBe(
    "400 Bad Request: message can't be deleted for everyone",
  );
  const own = await pair.bot.api.sendMessage(group.id, 'x');
  clock.advance(48 * 3600_000 + 1000);
  expect(await refusal(pair.bot.api.deleteMessage(group.id, own.message_id))).toBe(
    "400 Bad Request: message can't be deleted for everyone",
  );
});

test('parameters without effect are violations, such as buttons under an album', async () => {
  await using pair = await connected();
  const ada = pair.telegram.user('Ada', { met: true });
  const album = [InputMediaBuilder.photo(await photo()), InputMediaBuilder.photo(await photo())];
  await pair.bot.api.sendMediaGroup(ada.id, album, JSON.parse(JSON.stringify(button({ callback_data: 'a' }))));
  await pair.bot.api.sendMessage(ada.id, 'x', JSON.parse('{"spoiler":true}'));
  expect(pair.telegram.violations.map((one) => one.route)).toEqual(['sendMediaGroup', 'sendMessage']);
});

const requests = (telegram: FakeTelegram): string[] => telegram.requests.map((request) => request.path);

test('a wrong token is unauthorized, and tokens are not in the record', async () => {
  await using pair = await connected();
  const other = await fetch(`${pair.telegram.apiUrl}/bot1:wrong/getMe`);
  expect(await other.json()).toEqual({ ok: false, error_code: 401, description: 'Unauthorized' });
  await pair.bot.api.getMe();
  expect(requests(pair.telegram).join()).not.toContain(pair.telegram.token);
});
