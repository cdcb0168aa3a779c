import { describe, expect, it } from 'vitest';
import {
  addEngineMs,
  countJobs,
  countJobsByState,
  deleteJob,
  endedJobIds,
  insertJob,
  jobById,
  jobByIdempotencyKey,
  listJobs,
  moveJob,
  setJobAddress,
  waitingJobs,
} from '../../src/store/jobs.ts';
import type { Store } from '../../src/store/store.ts';
import { type NewPlace, opened } from './place.ts';
import { newJob, settle } from './rows.ts';

async function withJobs(newPlace: NewPlace, count: number): Promise<Store> {
  const store = await opened(await newPlace());
  await settle(store);
  await store.transaction(async (tx) => {
    for (let i = 0; i < count; i++) {
      await insertJob(
        tx,
        newJob(`job-${i}`, { personId: i % 2 === 0 ? 'anna' : 'bert', communityId: i % 3 === 0 ? 'farm' : 'town' }),
      );
    }
  });
  return store;
}

/** What every database must do for jobs. */
export function jobsContract(newPlace: NewPlace): void {
  describe('jobs', () => {
    it('gives back each field as it was written', async () => {
      const store = await withJobs(newPlace, 0);
      const job = newJob('one', { photoHash: 'f'.repeat(64) });
      const { created } = await insertJob(store.db, job);
      expect(created).toBe(true);
      expect(await jobById(store.db, 'one')).toEqual({
        ...job,
        seq: 1,
        engineMs: 0,
        attemptCount: 0,
        attemptToken: null,
        notBefore: 0,
        failureCode: null,
        failureReason: null,
        failureDetails: null,
        startedAt: null,
        endedAt: null,
      });
      expect(await jobById(store.db, 'two')).toBeUndefined();
    });

    it('makes one job of a request that comes twice, also at the same time', async () => {
      const store = await withJobs(newPlace, 0);
      const results = await Promise.all(
        ['a', 'b', 'c', 'd'].map((id) => insertJob(store.db, newJob(id, { idempotencyKey: 'the-request' }))),
      );
      expect(results.filter((result) => result.created)).toHaveLength(1);
      expect(new Set(results.map((result) => result.job.id)).size).toBe(1);
      expect((await jobByIdempotencyKey(store.db, 'the-request'))?.id).toBe(results[0]?.job.id);
      expect(await countJobs(store.db, {})).toBe(1);
    });

    it('refuses a job of nobody', async () => {
      const store = await withJobs(newPlace, 0);
      await expect(insertJob(store.db, newJob('one', { personId: 'nobody' }))).rejects.toThrow(/foreign key/i);
    });

    it('pages through waiting jobs in the order of submission', async () => {
      const store = await withJobs(newPlace, 25);
      await store.transaction((tx) => moveJob(tx, { id: 'job-3', from: 'queued', to: 'running' }));
      const seen: string[] = [];
      for (let afterSeq = 0; ;) {
        const page = await waitingJobs(store.db, { state: 'queued', afterSeq, limit: 10 });
        seen.push(...page.map((job) => job.id));
        const last = page.at(-1);
        if (last === undefined) break;
        afterSeq = last.seq;
      }
      expect(seen).toEqual(Array.from({ length: 25 }, (_, i) => `job-${i}`).filter((id) => id !== 'job-3'));
    });

    it('moves a job once, whoever tries at the same time', async () => {
      const store = await withJobs(newPlace, 1);
      const moves = await Promise.all(
        ['t1', 't2', 't3'].map((token) =>
          store.transaction((tx) =>
            moveJob(tx, {
              id: 'job-0',
              from: 'queued',
              to: 'running',
              changes: { attemptToken: token, attemptCount: 1 },
            }),
          ),
        ),
      );
      expect(moves.filter(Boolean)).toHaveLength(1);
      expect((await jobById(store.db, 'job-0'))?.state).toBe('running');
    });

    it('moves a job for its current attempt only', async () => {
      const store = await withJobs(newPlace, 1);
      const move = (attemptToken: string) =>
        store.transaction((tx) =>
          moveJob(tx, {
            id: 'job-0',
            from: ['running', 'checking'],
            to: 'done',
            attemptToken,
            changes: { endedAt: 9 },
          }),
        );
      await store.transaction((tx) =>
        moveJob(tx, { id: 'job-0', from: 'queued', to: 'running', changes: { attemptToken: 'new' } }),
      );
      expect(await move('old')).toBe(false);
      expect((await jobById(store.db, 'job-0'))?.endedAt).toBeNull();
      expect(await move('new')).toBe(true);
      expect(await jobById(store.db, 'job-0')).toMatchObject({ state: 'done', endedAt: 9 });
    });

    it('takes back everything of a transaction that fails', async () => {
      const store = await withJobs(newPlace, 1);
      await expect(
        store.transaction(async (tx) => {
          await moveJob(tx, { id: 'job-0', from: 'queued', to: 'running' });
          await insertJob(tx, newJob('another'));
          throw new Error('changed my mind');
        }),
      ).rejects.toThrow('changed my mind');
      expect(await countJobsByState(store.db)).toMatchObject({ queued: 1, running: 0 });
    });

    it('lists and counts by person, community and states, the newest first', async () => {
      const store = await withJobs(newPlace, 12);
      await store.transaction(async (tx) => {
        for (const id of ['job-2', 'job-6']) await moveJob(tx, { id, from: 'queued', to: 'running' });
        await moveJob(tx, { id: 'job-4', from: 'queued', to: 'failed' });
      });
      const ids = async (...args: Parameters<typeof listJobs> extends [unknown, ...infer Rest] ? Rest : never) =>
        (await listJobs(store.db, ...args)).map((job) => job.id);
      expect(await ids({ personId: 'anna' }, { limit: 3 })).toEqual(['job-10', 'job-8', 'job-6']);
      expect(await ids({ personId: 'anna', states: ['running', 'queued'] }, { limit: 9 })).toEqual([
        'job-10',
        'job-8',
        'job-6',
        'job-2',
        'job-0',
      ]);
      const sixth = await jobById(store.db, 'job-6');
      const before = { limit: 2, ...(sixth && { beforeSeq: sixth.seq }) };
      expect(await ids({ personId: 'anna', states: ['running', 'queued'] }, before)).toEqual(['job-2', 'job-0']);
      expect(await ids({ communityId: 'farm' }, { limit: 2 })).toEqual(['job-9', 'job-6']);
      expect(await countJobs(store.db, { personId: 'anna', states: ['queued'] })).toBe(3);
      expect(await countJobs(store.db, { communityId: 'town', states: ['queued', 'running', 'failed'] })).toBe(8);
      expect(await countJobsByState(store.db)).toMatchObject({ queued: 9, running: 2, failed: 1, done: 0 });
    });

    it('adds engine time and keeps a new address', async () => {
      const store = await withJobs(newPlace, 1);
      await store.transaction(async (tx) => {
        await addEngineMs(tx, 'job-0', 100.5);
        await addEngineMs(tx, 'job-0', 20);
      });
      expect(await setJobAddress(store.db, 'job-0', { chat: 'moved' })).toBe(true);
      expect(await setJobAddress(store.db, 'nothing', {})).toBe(false);
      expect(await jobById(store.db, 'job-0')).toMatchObject({ engineMs: 120.5, address: { chat: 'moved' } });
    });

    it('finds what ended and deletes it, leaving its variations without a parent', async () => {
      const store = await withJobs(newPlace, 3);
      await store.transaction(async (tx) => {
        await insertJob(tx, newJob('child', { parentId: 'job-1' }));
        await moveJob(tx, { id: 'job-0', from: 'queued', to: 'done', changes: { endedAt: 200 } });
        await moveJob(tx, { id: 'job-1', from: 'queued', to: 'failed', changes: { endedAt: 100 } });
      });
      expect(await endedJobIds(store.db, { endedBefore: 200, limit: 9 })).toEqual(['job-1']);
      expect(await endedJobIds(store.db, { endedBefore: 201, limit: 9 })).toEqual(['job-1', 'job-0']);
      await store.transaction(async (tx) => {
        expect(await deleteJob(tx, 'job-1')).toBe(true);
        expect(await deleteJob(tx, 'job-1')).toBe(false);
      });
      expect((await jobById(store.db, 'child'))?.parentId).toBeNull();
    });
  });
}
