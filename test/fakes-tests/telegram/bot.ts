import { Bot } from 'grammy';
import { FakeTelegram } from '../../fakes/telegram/index.ts';
import type { FakeTelegramOptions } from '../../fakes/telegram/index.ts';

/** A fake and a real bot that talks to it; both closed by `await using`. */
export interface Pair extends AsyncDisposable {
  telegram: FakeTelegram;
  bot: Bot;
  /** Starts long polling; resolves when the bot is listening. */
  poll(): Promise<void>;
}

export async function connected(options: FakeTelegramOptions = {}): Promise<Pair> {
  const telegram = await FakeTelegram.open(options);
  const bot = new Bot(telegram.token, { client: { apiRoot: telegram.apiUrl } });
  let running: Promise<void> | undefined;
  return {
    telegram,
    bot,
    poll: () =>
      new Promise((resolve, reject) => {
        running = bot.start({ onStart: () => resolve() });
        running.catch(reject);
      }),
    async [Symbol.asyncDispose]() {
      await bot.stop();
      await running;
      await telegram.close();
    },
  };
}
