import path from 'node:path';
import { expect, it } from 'vitest';
import { jobById } from '../../src/store/jobs.ts';
import { temporaryFolder } from '../contracts/place.ts';
import { chatForTest, startTestBot } from '../fakes/bot.ts';
import { cowbot, objects } from './cowbot.ts';

/** A bot whose engine is busy with the first of three jobs for as long as a test may take. */
async function busyBot() {
  const { origin } = await chatForTest();
  const dataDir = path.join(await temporaryFolder(), 'data');
  const where = { dataDir, chatOrigin: origin };
  const bot = await startTestBot({ ...where, pictureMs: 120_000, env: { COWBOT_DRAIN_SECONDS: '0' } });
  const running = await bot.ask({ key: 'running', room: 'barn', user: 'anna' });
  const second = await bot.ask({ key: 'second', room: 'barn', user: 'anna' });
  const third = await bot.ask({ key: 'third', room: 'field', user: 'bert' });
  await expect.poll(() => bot.jobs.snapshot().engines[0]?.jobId).toBe(running.id);
  const run = (...args: readonly string[]) => cowbot(args, { COWBOT_DATA: dataDir });
  return { bot, where, running, second, third, run };
}

it('lists and shows jobs while the bot runs', async () => {
  const { running, second, third, run } = await busyBot();
  expect(objects(await run('jobs', 'list', '--json')).map(({ id }) => id)).toEqual([third.id, second.id, running.id]);
  const waiting = await run('jobs', 'list', '--state', 'queued', '--person', 'anna', '--json');
  expect(objects(waiting)).toMatchObject([{ id: second.id, state: 'queued', communityId: 'barn', personId: 'anna' }]);
  expect(await run('jobs', 'list', '--state', 'queued', '--limit', '1')).toMatchObject({
    status: 0,
    stdout: expect.stringMatching(new RegExp(`^${third.id}  queued .* 1 for bert in field\n$`)),
  });
  expect(objects(await run('jobs', 'show', running.id, '--json'))).toMatchObject([
    {
      id: running.id,
      prompt: 'running',
      seed: 7,
      model: 'stub',
      attempts: [{ number: 1, engine: 'stub', endedAt: null }],
      pictures: [],
      deliveries: [],
      trail: [{ action: 'job.queued' }, { action: 'job.running' }],
    },
  ]);
  expect(await run('jobs', 'show', 'nothing')).toMatchObject({ status: 2, stderr: expect.stringContaining('no job') });
  expect(await run('jobs', 'list', '--state', 'lost')).toMatchObject({ status: 2, stdout: '' });
});

it('cancels what waits and what runs, and puts it back into the queue', async () => {
  const { bot, running, second, run } = await busyBot();
  for (const { id } of [second, running]) {
    expect(objects(await run('jobs', 'cancel', id, '--json'))).toMatchObject([{ id, answered: true }]);
    await expect.poll(async () => (await bot.jobs.get(id))?.state).toBe('cancelled');
  }
  expect(await run('jobs', 'cancel', second.id)).toMatchObject({
    status: 2,
    stderr: expect.stringMatching(/ended|cancel/),
  });
  expect(objects(await run('jobs', 'retry', second.id, '--json'))).toMatchObject([{ id: second.id, answered: true }]);
  expect((await bot.jobs.get(second.id))?.state).toMatch(/queued|running/);
  const { stderr, status } = await run('jobs', 'retry', second.id);
  expect({ status, stderr }).toEqual({ status: 2, stderr: expect.stringContaining('failed or was cancelled') });
});

it('shows the queue: shares, waits and engines', async () => {
  const { bot, running, run } = await busyBot();
  expect(objects(await run('queue', '--json'))).toMatchObject([
    {
      isRunning: true,
      waiting: 2,
      running: 1,
      engines: [{ name: 'stub', state: 'painting', jobId: running.id }],
      communities: [
        { id: 'barn', weight: 1, share: 0.5, waiting: 1, running: 1, waitedMs: expect.any(Number) },
        { id: 'field', weight: 1, share: 0.5, waiting: 1, running: 0, startsInMs: expect.any(Number) },
      ],
    },
  ]);
  const text = await run('queue');
  expect(text).toMatchObject({ status: 0, stderr: '' });
  expect(text.stdout).toContain('2 pictures wait, 1 are being painted');
  expect(text.stdout).toMatch(/barn +1 +50 % +1 +1/);
  await bot.close();
  expect(objects(await run('queue', '--json'))).toEqual([{ isRunning: false, waitingJobs: 3, undelivered: 0 }]);
});

it('gives a community a larger share, also after a restart', async () => {
  const { bot, where, run } = await busyBot();
  expect(await run('weight', 'barn', '3')).toMatchObject({ status: 0, stdout: 'barn: weight 3\n', stderr: '' });
  expect(objects(await run('weight', 'field', '0.5', '--person', 'bert', '--json'))).toEqual([
    { community: 'field', person: 'bert', weight: 0.5, answered: true },
  ]);
  expect(await run('weight', 'field', '0')).toMatchObject({
    status: 2,
    stderr: expect.stringContaining('0.01 to 100'),
  });
  expect(await run('weight', 'moon', '2')).toMatchObject({
    status: 2,
    stderr: expect.stringContaining('no community'),
  });
  const shares = [
    { id: 'barn', weight: 3, share: 0.75 },
    { id: 'field', weight: 1, share: 0.25 },
  ];
  expect(objects(await run('queue', '--json'))).toMatchObject([{ communities: shares }]);
  await bot.close();
  const next = await startTestBot({ ...where, pictureMs: 120_000, env: { COWBOT_DRAIN_SECONDS: '0' } });
  await expect.poll(() => next.jobs.snapshot().engines[0]?.jobId).toBeDefined();
  expect(objects(await run('queue', '--json'))).toMatchObject([{ communities: shares }]);
});

it('leaves a wish for the next bot when none runs', async () => {
  const { bot, where, third, run } = await busyBot();
  await bot.close();
  const asked = await run('jobs', 'cancel', third.id);
  expect(asked).toMatchObject({ status: 0, stderr: expect.stringContaining('the next one that runs') });
  const next = await startTestBot({ ...where, pictureMs: 120_000, env: { COWBOT_DRAIN_SECONDS: '0' } });
  await expect.poll(async () => (await jobById(next.store.db, third.id))?.state).toBe('cancelled');
});
