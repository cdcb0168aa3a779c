import { expect, it } from 'vitest';
import { Fault } from '../../src/errors.ts';
import { move, moves } from '../../src/jobs/states.ts';
import { auditPage } from '../../src/store/audit.ts';
import { insertJob, jobById } from '../../src/store/jobs.ts';
import { JOB_STATES, type JobState } from '../../src/store/tables.ts';
import { opened, temporaryFolder } from '../contracts/place.ts';
import { newJob, settle } from '../contracts/rows.ts';

const because = { actor: 'person:anna', reason: 'why', at: 5, detail: { attempt: 2 } };

async function place() {
  const store = await opened({ dataDir: await temporaryFolder() });
  await settle(store);
  return store;
}

it('makes every move of the table with its audit row, and no other', async () => {
  const store = await place();
  for (const from of JOB_STATES) {
    for (const to of JOB_STATES) {
      const id = `${from}-${to}`;
      await store.transaction(async (tx) => insertJob(tx, newJob(id, { state: from })));
      const moved = await store
        .transaction(async (tx) => move(tx, id, from, to, because))
        .catch((error: unknown) => (error instanceof Fault ? error.message : error));
      const isAllowed = moves[from].includes(to);
      expect(moved).toBe(isAllowed ? true : `Expected a move that the table has, got ${from} to ${to}.`);
      expect((await jobById(store.db, id))?.state).toBe(isAllowed ? to : from);
      const trail = await auditPage(store.db, { subject: `job:${id}` }, { limit: 9 });
      const row = { actor: 'person:anna', action: `job.${to}`, reason: 'why', at: 5, detail: { attempt: 2 } };
      expect(trail).toMatchObject(isAllowed ? [row] : []);
    }
  }
});

it('leads from every state to an end, and from no end back without somebody asking', () => {
  const ends: readonly JobState[] = ['done', 'held', 'failed', 'cancelled', 'refused', 'removed'];
  const live = JOB_STATES.filter((state) => !ends.includes(state));
  expect(live).toEqual(['queued', 'running', 'checking']);
  for (const state of live) expect(moves[state].some((to) => ends.includes(to))).toBe(true);
  const back = ends.filter((state) => moves[state].some((to) => live.includes(to)));
  expect(back).toEqual(['failed', 'cancelled']);
  expect(moves.removed).toEqual([]);
});

it('leaves a job alone that has moved on since, and writes nothing about it', async () => {
  const store = await place();
  await store.transaction(async (tx) => insertJob(tx, newJob('job', { state: 'cancelled' })));
  const claims = await Promise.all(
    [1, 2, 3].map(async () =>
      store.transaction(async (tx) => move(tx, 'job', ['queued', 'running'], 'running', because)),
    ),
  );
  expect(claims).toEqual([false, false, false]);
  expect((await jobById(store.db, 'job'))?.state).toBe('cancelled');
  expect(await auditPage(store.db, {}, { limit: 9 })).toEqual([]);
});
