import { createServer } from 'node:http';
import { InlineKeyboard, InputFile, InputMediaBuilder, webhookCallback } from 'grammy';
import type { Bot } from 'grammy';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { connected } from './bot.ts';

async function painted(colour: string, width = 64, height = 48): Promise<Buffer> {
  return sharp({ create: { width, height, channels: 3, background: colour } })
    .png()
    .toBuffer();
}

/** A small bot: a placeholder photo first, then the person's own photo as the result, with buttons. */
function serveCow(bot: Bot, apiUrl: string, token: string, placeholder: Buffer): void {
  bot.on('message:photo', async (context) => {
    const posted = await context.replyWithPhoto(new InputFile(placeholder, 'wait.png'), {
      caption: '<b>Waiting</b>',
      parse_mode: 'HTML',
      reply_markup: new InlineKeyboard().text('Cancel', 'v1:cancel:7'),
      reply_parameters: { message_id: context.message.message_id, allow_sending_without_reply: true },
    });
    const { file_path: path } = await context.getFile();
    const response = await fetch(`${apiUrl}/file/bot${token}/${path}`);
    const bytes = Buffer.from(await response.arrayBuffer());
    await context.api.editMessageMedia(
      posted.chat.id,
      posted.message_id,
      InputMediaBuilder.photo(new InputFile(bytes, 'cow.jpg'), { caption: context.message.caption ?? '' }),
      { reply_markup: new InlineKeyboard().text('Again', 'v1:again:7').text('File', 'v1:file:7') },
    );
  });
  bot.callbackQuery('v1:file:7', async (context) => {
    await context.answerCallbackQuery('Here it is');
    await context.replyWithDocument(new InputFile(placeholder, 'lossless cow.png'));
  });
}

test('a photo gets a placeholder, the placeholder becomes the result, its button answers', async () => {
  await using pair = await connected();
  const { telegram, bot } = pair;
  const placeholder = await painted('#888888');
  serveCow(bot, telegram.apiUrl, telegram.token, placeholder);
  await pair.poll();
  const ada = telegram.user('Ada', { languageCode: 'de' });
  await ada.sendPhoto(await painted('#ff0000', 640, 480), 'a knight');
  const result = await telegram.answer(ada.chat, (message) => message.labels.includes('Again'));
  expect(result.history.map((entry) => [entry.text, entry.entities])).toEqual([
    ['Waiting', [{ type: 'bold', offset: 0, length: 7 }]],
  ]);
  expect(result.text).toBe('a knight');
  const seen = await sharp(result.bytes).stats();
  expect((await sharp(result.bytes).metadata()).format).toBe('jpeg');
  expect(seen.channels.map((channel) => Math.round(channel.mean / 16))).toEqual([16, 0, 0]);

  const press = ada.press(result, 'File');
  expect(await press.whenAnswered()).toMatchObject({ text: 'Here it is', alert: false });
  const file = await telegram.answer(ada.chat, (message) => message.content.media?.kind === 'document');
  expect(Buffer.from(file.bytes ?? [])).toEqual(placeholder);
  expect(telegram.violations).toEqual([]);
});

test('updates that were not confirmed come again, confirmed ones do not', async () => {
  await using pair = await connected();
  const { telegram, bot } = pair;
  const ada = telegram.user('Ada');
  ada.say('one');
  ada.say('two');
  const first = await bot.api.getUpdates();
  expect(first.map((update) => update.message?.text)).toEqual(['one', 'two']);
  expect(await bot.api.getUpdates()).toEqual(first);
  const rest = await bot.api.getUpdates({ offset: (first[0]?.update_id ?? 0) + 1 });
  expect(rest.map((update) => update.message?.text)).toEqual(['two']);
  expect(telegram.waitingUpdates).toBe(1);
});

test('a webhook is called with its secret, and again after a failure', async () => {
  await using pair = await connected();
  const { telegram, bot } = pair;
  const heard: string[] = [];
  bot.on('message:text', (context) => void heard.push(context.message.text));
  await bot.init();
  const handle = webhookCallback(bot, 'http', { secretToken: 'hush-hush' });
  let failures = 1;
  const server = createServer((request, response) => {
    if (failures-- > 0) response.writeHead(500).end();
    else void handle(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  await bot.api.setWebhook(`http://127.0.0.1:${port}/hook`, { secret_token: 'hush-hush' });
  telegram.user('Ada').say('hello');
  await telegram.until(() => heard.length > 0 && telegram.waitingUpdates === 0, 'the webhook');
  expect(heard).toEqual(['hello']);
  await expect(bot.api.getUpdates()).rejects.toMatchObject({ error_code: 409 });
  await bot.api.deleteWebhook();
  server.close();
});

test('in a group with privacy mode the bot sees commands for it, mentions and replies to it', async () => {
  await using pair = await connected();
  const { telegram, bot } = pair;
  const ada = telegram.user('Ada');
  const chat = telegram.group('Cows', [ada]);
  const photo = await ada.sendPhoto(await painted('#00ff00'), 'look', { chat });
  ada.say('just chatting', { chat });
  ada.say('/cow@another_bot no', { chat });
  ada.reply(photo, '/cow@cow_test_bot a knight');
  const sent = await bot.api.sendMessage(chat.id, 'hello');
  ada.reply(telegram.messages(chat).find((message) => message.id === sent.message_id) ?? photo, 'thanks');
  const updates = await bot.api.getUpdates();
  expect(updates.map((update) => update.message?.text)).toEqual(['/cow@cow_test_bot a knight', 'thanks']);
  expect(updates[0]?.message?.reply_to_message?.photo).toHaveLength(1);
});

test('an album arrives as separate messages of one group', async () => {
  await using pair = await connected();
  const ada = pair.telegram.user('Ada');
  await ada.sendAlbum([await painted('#ff0000'), await painted('#0000ff')], 'us two');
  const updates = await pair.bot.api.getUpdates();
  expect(updates.map((update) => update.message?.caption)).toEqual(['us two', undefined]);
  expect(new Set(updates.map((update) => update.message?.media_group_id)).size).toBe(1);
});
