import { expect, it, onTestFinished } from 'vitest';
import type { Adapter, JobProgress } from '../../src/jobs/adapter.ts';
import { createProgressNotes } from '../../src/jobs/delivery-progress.ts';
import { queuedProgress, startWaitingNotes, type WaitingNotes } from '../../src/jobs/waiting-notes.ts';
import { createLog } from '../../src/log.ts';
import { type Bot, type BotOptions, startBot } from './bot.ts';

/** A bot whose placeholders are read at the adapter; nobody looks by themselves. */
async function watchedBot(options: BotOptions = {}) {
  const shown: [string, JobProgress][] = [];
  let notes: WaitingNotes | undefined;
  let changes = 0;
  const bot: Bot = await startBot({
    ...options,
    onQueueChange: () => {
      changes += 1;
      notes?.changed();
    },
  });
  const adapter: Adapter = {
    platform: 'test',
    connection: { kind: 'up' },
    deliver: async () => ({ kind: 'sent', receipt: {} }),
    showProgress: async ({ chat }, note) => void shown.push([chat, note]),
    remove: async () => ({ kind: 'sent', receipt: {} }),
    close: async () => {},
  };
  const progress = createProgressNotes({
    adapters: new Map([['test', adapter]]),
    minIntervalMs: 0,
    timeoutMs: 1_000,
  });
  const started = startWaitingNotes({
    store: bot.store,
    jobs: bot.jobs,
    progress,
    log: createLog('silent'),
    everyMs: 3_600_000,
  });
  notes = started;
  onTestFinished(async () => {
    await started.close();
    await progress.close();
  });
  const places = async (count: number): Promise<Record<string, number>> => {
    await expect.poll(() => shown.length).toBe(count);
    return Object.fromEntries(
      shown.splice(0).flatMap(([message, note]) => (note.state === 'queued' ? [[message, note.position]] : [])),
    );
  };
  return { ...bot, shown, places, look: () => started.look(), changes: () => changes };
}

/** Each in a chat of its own, so that no note waits for another. */
const inOwnChat = (message: string) => ({ address: { chat: message, message } });

it('tells those who wait when a picture ends, when somebody leaves, and when somebody comes first', async () => {
  const bot = await watchedBot();
  const jobs = new Map<string, string>();
  for (const name of ['painted', 'first', 'second', 'third']) {
    jobs.set(name, (await bot.ask(name, inOwnChat(name))).id);
    if (name === 'painted') await bot.paints('painted');
  }
  await bot.look();
  expect(await bot.places(3)).toEqual({ first: 1, second: 2, third: 3 });
  await bot.jobs.cancel(jobs.get('first') ?? '', 'system');
  await bot.look();
  expect(await bot.places(2)).toEqual({ second: 1, third: 2 });
  bot.engine.finish();
  await bot.paints('second');
  await bot.look();
  expect(await bot.places(1)).toEqual({ third: 1 });
  // Somebody else's turn comes before the second of whoever is painted for.
  await bot.ask('fourth', inOwnChat('fourth'));
  await bot.ask('of bert', { personId: 'bert', ...inOwnChat('of bert') });
  await bot.look();
  expect(await bot.places(3)).toEqual({ 'of bert': 1, third: 2, fourth: 3 });
});

it('says nothing where nothing has changed, and nothing about what is being painted', async () => {
  const bot = await watchedBot();
  await bot.ask('two', { count: 2, ...inOwnChat('two') });
  await bot.paints('two');
  await bot.ask('next', inOwnChat('next'));
  await bot.look();
  expect(Object.keys(await bot.places(1))).toEqual(['next']);
  for (let i = 0; i < 3; i++) await bot.look();
  bot.jobs.setWeight({ community: 'farm', person: undefined, weight: 2 });
  await bot.look();
  expect(bot.shown).toEqual([]);
});

it('goes round those far behind, a few with each look', async () => {
  const bot = await watchedBot({ limits: { maxWaitingPerPerson: 1000, minFreeBytes: 0, engineDownMs: 60_000 } });
  await bot.ask('painted');
  await bot.paints('painted');
  const behind = 120;
  for (let i = 0; i < behind; i++) await bot.ask(`j${i}`, inOwnChat(`j${i}`));
  await bot.look();
  expect(Object.keys(await bot.places(70))).toHaveLength(70);
  await bot.look();
  await bot.look();
  await bot.look();
  expect(Math.max(...Object.values(await bot.places(50)))).toBe(behind);
  expect(bot.changes()).toBeGreaterThan(behind);
});

it('shows times in steps, the longer the coarser', () => {
  const shown = (doneInMs: number) => queuedProgress({ position: 1, startsInMs: 0, doneInMs }).waitMs;
  expect([0, 1, 5_000, 5_001, 29_999].map(shown)).toEqual([5_000, 5_000, 5_000, 10_000, 30_000]);
  expect([31_000, 119_000, 121_000].map(shown)).toEqual([45_000, 120_000, 180_000]);
  expect([601_000, 3_600_001].map(shown)).toEqual([900_000, 5_400_000]);
});
