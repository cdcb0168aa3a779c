/** The whole bot with a stand-in engine and the real clients: what its own web server says of it and takes. */
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';

import { readConfig } from '../src/config.ts';
import { createLog } from '../src/log.ts';
import { platformsOf } from '../src/platforms.ts';
import { temporaryFolder } from './contracts/place.ts';
import { startTestBot } from './fakes/bot.ts';
import { FakeDiscord } from './fakes/discord/index.ts';
import { FakeTelegram } from './fakes/telegram/index.ts';

const photo = await readFile(new URL('fixtures/photos/astronaut.png', import.meta.url));

async function platforms() {
  const discord = await FakeDiscord.open();
  const telegram = await FakeTelegram.open();
  onTestFinished(async () => void (await Promise.all([discord.close(), telegram.close()])));
  const dataDir = await temporaryFolder();
  const start = async (more: Readonly<Record<string, string>> = {}, pictureMs = 5, listenPatienceMs = 60_000) => {
    const env = {
      DISCORD_TOKEN: discord.token,
      DISCORD_API_URL: discord.apiUrl,
      DISCORD_CDN_ORIGINS: discord.cdn.origin,
      TELEGRAM_TOKEN: telegram.token,
      TELEGRAM_API_URL: telegram.apiUrl,
      ...more,
    };
    const log = createLog('silent');
    const { connect, board } = platformsOf({ config: readConfig(env), clock: Date.now, random: Math.random, log });
    return startTestBot({ dataDir, chatOrigin: '', env, connect, board, log, pictureMs, listenPatienceMs });
  };
  return { discord, telegram, start };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('Expected a port.');
  await new Promise((resolve) => server.close(resolve));
  return address.port;
}

/** Of Prometheus's text format: values by name and labels, as they stand there. */
async function scraped(port: number): Promise<ReadonlyMap<string, number>> {
  const response = await fetch(`http://127.0.0.1:${port}/metrics`);
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
  const lines = (await response.text()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ')))]),
  );
}

/** The checks' process loads its model for the first picture of each bot. */
const patienceMs = 60_000;

const isResult = ({ labels }: { readonly labels: readonly string[] }): boolean => labels.includes('Again');

it('counts what people do, what becomes of it and how long it takes', async () => {
  const { discord, telegram, start } = await platforms();
  const { port } = await start();
  const before = await scraped(port);
  expect(before.get('cowbot_platform_connected{platform="discord"}')).toBe(1);
  expect(before.get('cowbot_platform_connected{platform="telegram"}')).toBe(1);
  expect(before.get('cowbot_engines_up')).toBe(1);
  expect(before.get('cowbot_engine_seconds_total')).toBe(0);
  expect(before.get('cowbot_jobs_total{state="done"}')).toBeUndefined();

  const asked = await discord.user('Ada').slash('cow', { prompt: 'a knight of Ada', photo });
  await discord.until(() => isResult(asked.original ?? { labels: [] }), 'the picture', patienceMs);
  const bea = telegram.user('Bea');
  await bea.sendPhoto(photo, 'a castle of Bea');
  await telegram.until(() => telegram.messages(bea.chat).some(isResult), 'the picture', patienceMs);
  bea.say('/cow');
  await telegram.answer(bea.chat, ({ text }) => text.includes('What shall I paint'));

  const expected = {
    'cowbot_acts_total{platform="discord",kind="command"}': 1,
    'cowbot_acts_total{platform="telegram",kind="message"}': 1,
    'cowbot_acts_total{platform="telegram",kind="command"}': 1,
    'cowbot_acknowledgement_seconds_count{platform="discord"}': 1,
    'cowbot_acknowledgement_seconds_count{platform="telegram"}': 2,
    'cowbot_refusals_total{code="cow.no-prompt"}': 1,
    'cowbot_jobs_total{state="done"}': 2,
    'cowbot_attempts_total{outcome="done"}': 2,
    'cowbot_deliveries_total{outcome="sent"}': 2,
    cowbot_delivery_seconds_count: 2,
    cowbot_deliveries_pending: 0,
    cowbot_queue_pictures: 0,
    cowbot_queue_wait_seconds: 0,
    cowbot_queue_communities: 0,
  };
  await expect
    .poll(async () => Object.fromEntries(await scraped(port)), { timeout: patienceMs })
    .toMatchObject(expected);
  const after = await scraped(port);
  expect(after.get('cowbot_engine_seconds_total')).toBeGreaterThan(0);
  expect(after.has('nodejs_eventloop_lag_max_seconds')).toBe(true);
  expect(after.get('process_resident_memory_bytes')).toBeGreaterThan(0);
  const text = [...after.keys()].join('\n');
  for (const word of ['Ada', 'Bea', 'knight', 'castle', asked.user.id]) expect(text).not.toContain(word);
});

it('shows what is painted and what waits', async () => {
  const { telegram, start } = await platforms();
  const { port } = await start({ COWBOT_DRAIN_SECONDS: '0' }, 60_000);
  for (const name of ['Ada', 'Bea', 'Cem']) await telegram.user(name).sendPhoto(photo, 'a castle');
  await expect
    .poll(async () => Object.fromEntries(await scraped(port)), { timeout: patienceMs })
    .toMatchObject({
      cowbot_engines_painting: 1,
      cowbot_queue_pictures: 2,
      cowbot_queue_communities: 2,
    });
  expect((await scraped(port)).get('cowbot_queue_wait_seconds')).toBeGreaterThan(0);
});

it("takes Telegram's updates at its own address, with the secret only, and polls again without one", async () => {
  const { telegram, start } = await platforms();
  const port = await freePort();
  const url = `http://127.0.0.1:${port}/hooks/telegram`;
  const bot = await start({ COWBOT_PORT: String(port), TELEGRAM_WEBHOOK_URL: url });
  const [told] = telegram.requestsOf('setWebhook');
  expect(told?.body).toMatchObject({ url, secret_token: expect.stringMatching(/^[\w-]{43}$/) });
  const ada = telegram.user('Ada');
  await ada.sendPhoto(photo, 'a castle');
  await telegram.until(() => telegram.messages(ada.chat).some(isResult), 'the picture', patienceMs);
  expect(telegram.requestsOf('getUpdates')).toEqual([]);
  expect(telegram.waitingUpdates).toBe(0);

  const update = {
    update_id: 1,
    message: { message_id: 1, date: 1, chat: { id: ada.id, type: 'private' }, text: 'hi' },
  };
  for (const secret of ['', 'guessed']) {
    const headers = { 'x-telegram-bot-api-secret-token': secret };
    expect((await fetch(url, { method: 'POST', headers, body: JSON.stringify(update) })).status).toBe(401);
  }
  await bot.close();

  await start();
  expect(telegram.requestsOf('deleteWebhook')).toHaveLength(1);
  const bea = telegram.user('Bea');
  await bea.sendPhoto(photo, 'a castle');
  await telegram.until(() => telegram.messages(bea.chat).some(isResult), 'the picture', patienceMs);
  expect(telegram.violations).toEqual([]);
});

it('is not ready when a platform is lost for good, and says which', async () => {
  const { discord, telegram, start } = await platforms();
  const bot = await start();
  expect(await bot.readiness()).toMatchObject({ status: 200 });
  telegram.failNext('getUpdates', 1, { code: 409, description: 'Conflict: terminated by other getUpdates request' });
  telegram.user('Ada').say('/help');
  await expect
    .poll(() => bot.readiness())
    .toMatchObject({ status: 503, body: { trouble: [expect.stringContaining('updates of this Telegram bot')] } });
  discord.dropGateway('refuse');
  await expect
    .poll(() => bot.readiness())
    .toMatchObject({ body: { trouble: [expect.stringContaining('Discord'), expect.stringContaining('Telegram')] } });
  const values = await scraped(bot.port);
  expect(values.get('cowbot_platform_connected{platform="discord"}')).toBe(0);
  expect(values.get('cowbot_platform_connected{platform="telegram"}')).toBe(0);
});

it('waits at the start for a platform that does not answer, and keeps nobody on the other waiting', async () => {
  const { discord, telegram, start } = await platforms();
  telegram.failNext('getMe', Infinity, 'hang-up');
  const bot = await start({}, 5, 0);
  await discord.until(() => discord.commands.length > 0, 'the commands');
  const asked = await discord.user('Ada').slash('cow', { prompt: 'a knight', photo });
  await discord.until(() => isResult(asked.original ?? { labels: [] }), 'the picture', patienceMs);
  const connected = async ({ port }: { readonly port: number }, platform: string) =>
    (await scraped(port)).get(`cowbot_platform_connected{platform="${platform}"}`);
  expect(await connected(bot, 'telegram')).toBe(0);
  await bot.close();

  discord.failNext('GET /gateway/bot', 3, { status: 503 });
  const again = await start({}, 5, 0);
  await expect.poll(() => connected(again, 'discord'), { timeout: patienceMs }).toBe(1);
});

it('acknowledges everybody at once, and fetches no more photos at once than fit into memory', async () => {
  const { telegram, start } = await platforms();
  await start();
  for (let person = 0; person < 40; person += 1) {
    const message = telegram.user(`Person ${person}`).sendDocument(photo, 'photo.png', 'a castle');
    telegram.misbehave(message, { delayMs: 60_000 });
  }
  await telegram.until(() => telegram.requestsOf('sendMessage').length === 40, 'everybody');
  await telegram.until(() => telegram.requestsOf('file').length > 0, 'the first download');
  await expect.poll(() => telegram.requestsOf('file').length).toBe(32);
});
