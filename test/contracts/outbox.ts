import { describe, expect, it } from 'vitest';
import { attemptsOfJob, endAttempt, openAttempts, startAttempt } from '../../src/store/attempts.ts';
import {
  countDeliveries,
  deliveriesOfJob,
  deliveryById,
  dueDeliveries,
  insertDelivery,
  markSent,
  markUndeliverable,
  nextDeliveryAt,
  postponeDelivery,
} from '../../src/store/deliveries.ts';
import { deleteJob, insertJob } from '../../src/store/jobs.ts';
import { insertPicture, movePicture, type Picture, picturesOfJob } from '../../src/store/pictures.ts';
import type { Store } from '../../src/store/store.ts';
import { type NewPlace, opened } from './place.ts';
import { newJob, settle } from './rows.ts';

async function withJob(newPlace: NewPlace): Promise<Store> {
  const store = await opened(await newPlace());
  await settle(store);
  await insertJob(store.db, newJob('job'));
  return store;
}

const delivery = (id: string, fields: { subject?: string; lane?: string; createdAt?: number } = {}) => ({
  id,
  jobId: 'job',
  subject: id,
  adapter: 'test',
  lane: 'test:7',
  address: { chat: '7' },
  createdAt: 100,
  ...fields,
});

const picture: Picture = {
  jobId: 'job',
  number: 0,
  state: 'kept',
  seed: 4_294_967_295,
  widthPx: 512,
  heightPx: 768,
  pngHash: 'a'.repeat(64),
  previewHash: 'b'.repeat(64),
  latentsHash: null,
  engineMs: 812.75,
  createdAt: 5,
};

/** What every database must do for attempts, pictures and deliveries. */
export function outboxContract(newPlace: NewPlace): void {
  describe('attempts', () => {
    it('start once by number and end once', async () => {
      const store = await withJob(newPlace);
      const first = { token: 't1', jobId: 'job', number: 1, engine: 'cpu', startedAt: 10 };
      await store.transaction((tx) => startAttempt(tx, first));
      await expect(store.transaction((tx) => startAttempt(tx, { ...first, token: 't2' }))).rejects.toThrow(/unique/i);
      expect(await openAttempts(store.db)).toMatchObject([{ token: 't1', outcome: null, endedAt: null }]);
      const end = { token: 't1', outcome: 'lost', reason: 'the engine died', engineMs: 3.5, endedAt: 20 } as const;
      expect(await store.transaction((tx) => endAttempt(tx, end))).toBe(true);
      expect(await store.transaction((tx) => endAttempt(tx, { ...end, outcome: 'done' }))).toBe(false);
      expect(await openAttempts(store.db)).toEqual([]);
      expect(await attemptsOfJob(store.db, 'job')).toEqual([{ ...first, ...end }]);
    });
  });

  describe('pictures', () => {
    it('are kept once by number and given back as written', async () => {
      const store = await withJob(newPlace);
      expect(await store.transaction((tx) => insertPicture(tx, picture))).toBe(true);
      expect(await store.transaction((tx) => insertPicture(tx, { ...picture, seed: 1 }))).toBe(false);
      expect(await picturesOfJob(store.db, 'job')).toEqual([picture]);
    });

    it('move from where they are and forget their blobs when removed', async () => {
      const store = await withJob(newPlace);
      await store.transaction((tx) => insertPicture(tx, picture));
      const move = { jobId: 'job', number: 0 } as const;
      expect(await store.transaction((tx) => movePicture(tx, { ...move, from: 'held', to: 'kept' }))).toBe(false);
      expect(await store.transaction((tx) => movePicture(tx, { ...move, from: 'kept', to: 'removed' }))).toBe(true);
      expect(await picturesOfJob(store.db, 'job')).toMatchObject([
        { state: 'removed', pngHash: null, previewHash: null, latentsHash: null, seed: picture.seed },
      ]);
    });
  });

  describe('deliveries', () => {
    it('are made once for each subject of a job', async () => {
      const store = await withJob(newPlace);
      expect(await store.transaction((tx) => insertDelivery(tx, delivery('d1', { subject: 'result' })))).toBe(true);
      expect(await store.transaction((tx) => insertDelivery(tx, delivery('d2', { subject: 'result' })))).toBe(false);
      expect(await deliveriesOfJob(store.db, 'job')).toEqual([
        {
          ...delivery('d1', { subject: 'result' }),
          state: 'pending',
          attemptCount: 0,
          nextAttemptAt: 100,
          reason: null,
          reasonCode: null,
          sentAt: null,
          receipt: null,
        },
      ]);
    });

    it('come when they are due, the longest due first, and not from a busy lane', async () => {
      const store = await withJob(newPlace);
      expect(await nextDeliveryAt(store.db, 0)).toBeUndefined();
      await store.transaction(async (tx) => {
        await insertDelivery(tx, delivery('late', { createdAt: 300 }));
        await insertDelivery(tx, delivery('second', { createdAt: 200 }));
        await insertDelivery(tx, delivery('first', { createdAt: 100, lane: 'test:8' }));
      });
      const due = async (now: number, busyLanes: readonly string[] = [], busyAdapters: readonly string[] = []) =>
        (await dueDeliveries(store.db, { now, busyLanes, busyAdapters, limit: 9 })).map(({ id }) => id);
      expect(await nextDeliveryAt(store.db, 0)).toBe(100);
      expect(await nextDeliveryAt(store.db, 100)).toBe(200);
      expect(await due(99)).toEqual([]);
      expect(await due(200)).toEqual(['first', 'second']);
      expect(await due(300, ['test:8'])).toEqual(['second', 'late']);
      expect(await due(300, [], ['test'])).toEqual([]);
      expect(await due(300, [], ['another'])).toHaveLength(3);
      await store.transaction((tx) => postponeDelivery(tx, 'first', { nextAttemptAt: 250, reason: 'asked to wait' }));
      expect(await due(300)).toEqual(['second', 'first', 'late']);
      expect(await deliveryById(store.db, 'first')).toMatchObject({ attemptCount: 1, reason: 'asked to wait' });
    });

    it('end once, as sent or as undeliverable', async () => {
      const store = await withJob(newPlace);
      await store.transaction(async (tx) => {
        await insertDelivery(tx, delivery('a'));
        await insertDelivery(tx, delivery('b'));
      });
      const ends = await Promise.all([
        store.transaction((tx) => markSent(tx, 'a', 150, { message: 'm1' })),
        store.transaction((tx) => markSent(tx, 'a', 151, { message: 'm2' })),
      ]);
      expect(ends.filter(Boolean)).toHaveLength(1);
      expect(await store.transaction((tx) => markUndeliverable(tx, 'b', 'the channel is gone'))).toBe(true);
      expect(await store.transaction((tx) => markSent(tx, 'b', 160, {}))).toBe(false);
      expect(await deliveryById(store.db, 'a')).toMatchObject({ state: 'sent', attemptCount: 1 });
      expect(await deliveryById(store.db, 'b')).toMatchObject({
        state: 'undeliverable',
        reason: 'the channel is gone',
      });
      expect(await countDeliveries(store.db, 'pending')).toBe(0);
      expect(await nextDeliveryAt(store.db, 0)).toBeUndefined();
    });
  });

  it('a deleted job takes its attempts, pictures and deliveries with it', async () => {
    const store = await withJob(newPlace);
    await store.transaction(async (tx) => {
      await startAttempt(tx, { token: 't', jobId: 'job', number: 1, engine: 'cpu', startedAt: 1 });
      await insertPicture(tx, picture);
      await insertDelivery(tx, delivery('d'));
      await deleteJob(tx, 'job');
    });
    expect(await attemptsOfJob(store.db, 'job')).toEqual([]);
    expect(await picturesOfJob(store.db, 'job')).toEqual([]);
    expect(await deliveriesOfJob(store.db, 'job')).toEqual([]);
  });
}
