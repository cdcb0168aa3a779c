import { expect, it, onTestFinished } from 'vitest';
import { Fault } from '../../src/errors.ts';
import { attemptsOfJob } from '../../src/store/attempts.ts';
import { deliveriesOfJob } from '../../src/store/deliveries.ts';
import { picturesOfJob } from '../../src/store/pictures.ts';
import type { Store } from '../../src/store/store.ts';
import { engineMsOfPerson } from '../../src/store/usage.ts';
import { startBot } from './bot.ts';
import { StubEngine } from '../fakes/stub-engine.ts';

/** A store that keeps the first transaction waiting that comes once `isTime`. */
function holdingBack(isTime: () => boolean) {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  let isHeld = false;
  onTestFinished(() => resolve(undefined));
  const withStore = (store: Store): Store => ({
    ...store,
    async transaction(work) {
      if (!isHeld && isTime()) {
        isHeld = true;
        await promise;
      }
      return store.transaction(work);
    },
  });
  return { withStore, isHolding: () => isHeld, letGo: () => resolve(undefined) };
}

const twoEngines = () => [new StubEngine(), new StubEngine()];
const later = { maxTries: 3, firstBackoffMs: 60_000, maxBackoffMs: 60_000, maxLosses: 3 };

it('stops every picture of a cancelled job, on all engines, and charges each', async () => {
  const engines = twoEngines();
  const bot = await startBot({ engines });
  const { id } = await bot.ask('pair', { count: 3 });
  for (const engine of engines) await bot.paints('pair', engine);
  bot.clock.now += 30;
  expect(await bot.jobs.cancel(id, 'person:anna')).toBe(true);
  await bot.becomes(id, 'cancelled');
  await expect.poll(() => engineMsOfPerson(bot.store.db, 'anna', 0)).toBe(60);
  expect((await attemptsOfJob(bot.store.db, id)).map(({ outcome }) => outcome)).toEqual(['cancelled', 'cancelled']);
  expect(await deliveriesOfJob(bot.store.db, id)).toHaveLength(1);
  await expect.poll(() => bot.ends).toEqual([{ id, state: 'cancelled' }]);
  expect(bot.jobs.snapshot().waitingPictures).toBe(0);
});

it('cancels between two pictures, keeps the one that is done, and paints the rest when it is asked again', async () => {
  const bot = await startBot();
  const { id } = await bot.ask('three', { count: 3 });
  await bot.paints('three');
  await bot.ask('between', { personId: 'bert' });
  bot.engine.finish();
  await bot.paints('between');
  await expect.poll(async () => (await picturesOfJob(bot.store.db, id)).length).toBe(1);
  expect(await bot.jobs.cancel(id, 'person:anna')).toBe(true);
  await bot.becomes(id, 'cancelled');
  await bot.retries(id);
  bot.engine.isQuick = true;
  bot.engine.finish();
  await bot.becomes(id, 'done');
  expect((await picturesOfJob(bot.store.db, id)).map(({ seed }) => seed)).toEqual([7, 8, 9]);
  expect(bot.engine.prompts.filter((prompt) => prompt === 'three')).toHaveLength(3);
});

it('does not let the end of an attempt that was stopped end what was asked for again meanwhile', async () => {
  const engines = twoEngines();
  const [first, second] = engines;
  const end = holdingBack(() => second.requests.length === 1 && second.painting === undefined);
  const bot = await startBot({ engines, withStore: end.withStore });
  const { id } = await bot.ask('pair', { count: 2 });
  for (const engine of engines) await bot.paints('pair', engine);
  first.fail(new TypeError('broken'));
  await bot.becomes(id, 'failed');
  await expect.poll(end.isHolding).toBe(true);
  await expect(bot.jobs.retry(id, 'person:anna')).rejects.toMatchObject({ code: 'jobs.ending' });
  end.letGo();
  const outcomes = async () => (await attemptsOfJob(bot.store.db, id)).map(({ outcome }) => outcome);
  await expect.poll(async () => new Set(await outcomes())).toEqual(new Set(['failed', 'cancelled']));
  await bot.retries(id);
  for (const engine of engines) await bot.paints('pair', engine);
  for (const engine of engines) engine.finish();
  await bot.becomes(id, 'done');
});

it('has ended at once where a job is cancelled that waits for its next try, and can be asked for again', async () => {
  const bot = await startBot({ retry: later });
  const { id } = await bot.ask('one');
  await bot.paints('one');
  bot.engine.fail(new Fault('gone', { mayPass: true }));
  await expect.poll(() => bot.jobs.status(id).kind).toBe('retrying');
  expect(await bot.jobs.cancel(id, 'person:anna')).toBe(true);
  expect(bot.jobs.status(id)).toEqual({ kind: 'ended' });
  await bot.jobs.retry(id, 'person:anna');
  await bot.paints('one');
  bot.engine.finish();
  await bot.becomes(id, 'done');
});

it('cancels what waits for an engine that comes up slowly', async () => {
  const engine = new StubEngine();
  const slot = {
    ...engine.slot(),
    probe: async (signal: AbortSignal) =>
      new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
  };
  const bot = await startBot({ slots: [slot] });
  const { id } = await bot.ask('one', { count: 2 });
  await expect.poll(() => bot.jobs.snapshot().communities.map(({ running }) => running)).toEqual([1]);
  expect(await bot.jobs.cancel(id, 'person:anna')).toBe(true);
  await bot.becomes(id, 'cancelled');
  expect(await attemptsOfJob(bot.store.db, id)).toEqual([]);
  expect(bot.jobs.snapshot()).toMatchObject({ waitingPictures: 0, engineDownSince: undefined });
});
