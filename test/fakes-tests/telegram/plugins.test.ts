import { hydrateFiles } from '@grammyjs/files';
import type { FileFlavor } from '@grammyjs/files';
import { run, sequentialize } from '@grammyjs/runner';
import { apiThrottler } from '@grammyjs/transformer-throttler';
import { Bot } from 'grammy';
import type { Context } from 'grammy';
import { expect, test } from 'vitest';
import { FakeTelegram } from '../../fakes/telegram/index.ts';

test('runner, sequentialize, throttler and files work with it', async () => {
  const telegram = await FakeTelegram.open();
  const bot = new Bot<FileFlavor<Context>>(telegram.token, { client: { apiRoot: telegram.apiUrl } });
  bot.api.config.use(hydrateFiles(bot.token, { apiRoot: telegram.apiUrl }));
  bot.api.config.use(apiThrottler());
  bot.use(sequentialize((context) => String(context.chat?.id)));
  bot.on('message:document', async (context) => {
    const response = await fetch((await context.getFile()).getUrl());
    await context.reply(`${(await response.arrayBuffer()).byteLength} bytes`);
  });
  const runner = run(bot);
  const ada = telegram.user('Ada');
  ada.sendDocument(new Uint8Array(123), 'a.bin');
  expect((await telegram.answer(ada.chat)).text).toBe('123 bytes');
  await runner.stop();
  await telegram.close();
  expect(telegram.violations).toEqual([]);
});
