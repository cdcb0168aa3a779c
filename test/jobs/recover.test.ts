import { expect, it } from 'vitest';
import { attemptsOfJob } from '../../src/store/attempts.ts';
import { verifyAudit } from '../../src/store/audit.ts';
import { deliveriesOfJob, markSent } from '../../src/store/deliveries.ts';
import { jobById } from '../../src/store/jobs.ts';
import { picturesOfJob } from '../../src/store/pictures.ts';
import type { JobState } from '../../src/store/tables.ts';
import { addUsage } from '../../src/store/usage.ts';
import { type Bot, killed, startBot } from './bot.ts';
import { stubCard } from '../fakes/stub-card.ts';
import { StubEngine } from '../fakes/stub-engine.ts';

/** Brings a job into a state, in a bot that is then killed. */
const ways: Readonly<Record<Exclude<JobState, 'removed'>, (bot: Bot, id: string) => Promise<void>>> = {
  queued: async () => {},
  running: async (bot) => bot.paints('one'),
  async checking(bot, id) {
    await bot.paints('one');
    bot.engine.finish();
    await bot.becomes(id, 'checking');
  },
  async done(bot, id) {
    await bot.paints('one');
    bot.engine.finish();
    await bot.becomes(id, 'done');
  },
  async held(bot, id) {
    await bot.paints('one');
    bot.engine.finish();
    await bot.becomes(id, 'held');
  },
  async failed(bot, id) {
    await bot.paints('one');
    bot.engine.fail(new TypeError('broken'));
    await bot.becomes(id, 'failed');
  },
  async cancelled(bot, id) {
    await bot.jobs.cancel(id, 'person:anna');
    await bot.becomes(id, 'cancelled');
  },
  async refused(bot, id) {
    await bot.paints('one');
    bot.engine.finish();
    await bot.becomes(id, 'refused');
  },
};

const verdictFor = async (state: string, signal: AbortSignal) => {
  if (state === 'checking') {
    return new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
  }
  if (state === 'held') return { kind: 'hold', code: 'look', sentence: 'Look at it.' } as const;
  return state === 'refused' ? ({ kind: 'refuse', code: 'x', sentence: 'y' } as const) : ({ kind: 'allow' } as const);
};

it.each(Object.entries(ways))('goes on after a kill with a job that was %s', async (state, bring) => {
  const first = await startBot({ checkResult: async (_painted, _job, signal) => verdictFor(state, signal) });
  const { id } = await first.ask('one');
  await bring(first, id);
  const second = await startBot(await killed(first));
  const isLive = ['queued', 'running', 'checking'].includes(state);
  const wasLost = state === 'running' || state === 'checking';
  if (isLive) {
    await second.paints('one');
    second.engine.finish();
    await second.becomes(id, 'done');
  }
  expect(await second.stateOf(id)).toBe(isLive ? 'done' : state);
  expect(second.engine.requests).toHaveLength(isLive ? 1 : 0);
  const pictures = isLive || state === 'done' || state === 'held' ? 1 : 0;
  expect(await picturesOfJob(second.store.db, id)).toHaveLength(pictures);
  expect(await deliveriesOfJob(second.store.db, id)).toHaveLength(1);
  const outcomes = (await attemptsOfJob(second.store.db, id)).map(({ outcome }) => outcome);
  const lost = outcomes.filter((outcome) => outcome === 'lost').length;
  // What has just been queued may have been claimed already.
  expect(lost).toBeLessThanOrEqual(wasLost || state === 'queued' ? 1 : 0);
  expect(lost).toBeGreaterThanOrEqual(wasLost ? 1 : 0);
  expect(outcomes).not.toContain(null);
  expect((await verifyAudit(second.store.db)).brokenAt).toBeUndefined();
});

it('paints only what is missing of a job with several pictures', async () => {
  const first = await startBot();
  const { id } = await first.ask('three', { count: 3 });
  await first.paints('three');
  first.engine.finish();
  await expect.poll(async () => (await picturesOfJob(first.store.db, id)).length).toBe(1);
  await expect.poll(() => first.engine.requests.length).toBe(2);
  const engine = new StubEngine();
  engine.isQuick = true;
  const second = await startBot({ ...(await killed(first)), engines: [engine] });
  await second.becomes(id, 'done');
  expect(engine.requests.map(({ seed }) => seed)).toEqual([8, 9]);
  expect((await picturesOfJob(second.store.db, id)).map(({ seed }) => seed)).toEqual([7, 8, 9]);
});

it('gives a running picture its time at a stop, and puts the rest back', async () => {
  const first = await startBot();
  const running = await first.ask('running');
  const waiting = await first.ask('waiting');
  await first.paints('running');
  const closed = first.jobs.close(AbortSignal.timeout(60_000));
  first.engine.finish();
  await closed;
  expect(await first.stateOf(running.id)).toBe('done');
  expect(await jobById(first.store.db, waiting.id)).toMatchObject({ state: 'queued', attemptCount: 0 });
});

it('puts back what takes too long at a stop, charges nothing for it, and does not hold it against it', async () => {
  let bot = await startBot();
  const { id } = await bot.ask('long');
  for (let times = 1; times <= 5; times++) {
    await bot.paints('long');
    bot.clock.now += 1_000;
    await bot.jobs.close(AbortSignal.abort());
    expect(await jobById(bot.store.db, id)).toMatchObject({ state: 'queued', attemptToken: null, engineMs: 0 });
    bot = await startBot(await killed(bot));
  }
  expect((await attemptsOfJob(bot.store.db, id)).slice(0, 5).map(({ reason }) => reason)).toEqual(
    Array.from({ length: 5 }, () => 'stopped'),
  );
});

it('does not try again by itself what the program died over again and again', async () => {
  let bot = await startBot();
  const { id } = await bot.ask('deadly');
  for (let times = 1; times <= 3; times++) {
    await bot.paints('deadly');
    bot = await startBot(await killed(bot));
  }
  expect(await jobById(bot.store.db, id)).toMatchObject({ state: 'failed', failureCode: 'job.losses' });
  expect(await deliveriesOfJob(bot.store.db, id)).toHaveLength(1);
  const next = await bot.ask('next');
  await bot.paints('next');
  bot.engine.finish();
  await bot.becomes(next.id, 'done');
});

it('remembers who used what', async () => {
  const first = await startBot();
  const at = first.clock.now;
  await first.ask('running', { personId: 'bert' });
  await first.paints('running');
  await first.store.transaction(async (tx) => {
    const used = { jobId: 'old', communityId: 'farm', personId: 'anna', at };
    // Two pictures of one job, painted side by side.
    await addUsage(tx, { ...used, engineMs: 90_000 });
    await addUsage(tx, { ...used, engineMs: 80_000 });
  });
  const [annas, berts] = [await first.ask('anna'), await first.ask('bert', { personId: 'bert' })];
  const second = await startBot(await killed(first));
  await second.paints('running');
  expect(second.jobs.place(berts.id)?.position).toBe(1);
  expect(second.jobs.place(annas.id)?.position).toBe(2);
});

it('delivers nothing a second time: what was sent stays sent', async () => {
  const first = await startBot();
  const { id } = await first.ask('one');
  await first.paints('one');
  first.engine.finish();
  await first.becomes(id, 'done');
  const [delivery] = await deliveriesOfJob(first.store.db, id);
  await first.store.transaction(async (tx) => markSent(tx, delivery.id, 1, {}));
  const second = await startBot(await killed(first));
  expect(await deliveriesOfJob(second.store.db, id)).toMatchObject([{ state: 'sent' }]);
});

it('says what the picture was really painted with when the model has changed meanwhile', async () => {
  const first = await startBot();
  await first.ask('running', { personId: 'bert' });
  await first.paints('running');
  const { id } = await first.ask('one');
  const engine = new StubEngine();
  engine.isQuick = true;
  const card = { ...stubCard, name: 'other', fingerprint: 'other-2' };
  const second = await startBot({ ...(await killed(first)), card, engines: [engine] });
  await second.becomes(id, 'done');
  expect(await jobById(second.store.db, id)).toMatchObject({ model: 'other', modelHash: 'other-2' });
});
