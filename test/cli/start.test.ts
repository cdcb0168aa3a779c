import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import { opened, temporaryFolder } from '../contracts/place.ts';
import { smallDisk } from '../store/small-disk.ts';
import { cowbot } from './cowbot.ts';

/** Starts the bot as an operator does, and waits until it says that it is up. */
async function start(dataDir: string) {
  const cli = fileURLToPath(new URL('../../src/cli.ts', import.meta.url));
  const bot = spawn(process.execPath, [cli, 'start'], {
    env: { PATH: process.env['PATH'], COWBOT_DATA: dataDir, COWBOT_PORT: '0', COWBOT_DEVICE: 'cpu' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onTestFinished(() => void bot.kill('SIGKILL'));
  const ended = once(bot, 'exit');
  for await (const line of createInterface({ input: bot.stderr })) {
    const said = JSON.parse(line) as Record<string, unknown>;
    if (said['msg'] === 'The bot is up.') return { bot, ended, port: Number(said['port']) };
  }
  throw new Error('The bot ended before it was up.');
}

it('runs until it is told to stop, tells how it is, and refuses a second one', async () => {
  const dataDir = path.join(await temporaryFolder(), 'data');
  const { bot, ended, port } = await start(dataDir);
  expect((await fetch(`http://127.0.0.1:${port}/healthz`)).status).toBe(200);
  expect(await (await fetch(`http://127.0.0.1:${port}/readyz`)).json()).toMatchObject({ ready: true });
  expect(await cowbot(['start'], { COWBOT_DATA: dataDir, COWBOT_PORT: '0' })).toMatchObject({
    status: 2,
    stderr: expect.stringContaining('Another cowbot is already running on the data folder'),
  });
  bot.kill('SIGTERM');
  expect(await ended).toEqual([0, null]);
});

it('refuses a database of a newer version in a sentence', async () => {
  const dataDir = await temporaryFolder();
  const store = await opened({ dataDir });
  await store.db
    .withoutPlugins()
    .withTables<{ kysely_migration: { name: string; timestamp: string } }>()
    .insertInto('kysely_migration')
    .values({ name: '9999-later', timestamp: '2030-01-01T00:00:00.000Z' })
    .execute();
  await store.close();
  expect(await cowbot(['start'], { COWBOT_DATA: dataDir, COWBOT_PORT: '0' })).toMatchObject({
    status: 2,
    stdout: '',
    stderr: expect.stringContaining('newer version of cowbot'),
  });
});

it('refuses a read-only folder in a sentence that names it', async () => {
  const disk = await smallDisk(4);
  await disk.setReadOnly(true);
  const { status, stderr } = await cowbot(['start'], { COWBOT_DATA: path.join(disk.folder, 'data') });
  expect(status).toBe(1);
  expect(stderr).toContain('read-only');
  expect(stderr).toContain(disk.folder);
});

it('lists every mistake in the settings at once', async () => {
  const env = { COWBOT_PORT: 'eighty', COWBOT_PHOTO_HOURS: '-1', DATABASE_URL: 'mysql://here', LOG_LEVEL: 'loud' };
  const { status, stderr } = await cowbot(['start'], env);
  expect(status).toBe(2);
  for (const name of Object.keys(env)) expect(stderr).toContain(`- ${name}: `);
});
