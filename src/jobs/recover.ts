/**
 * After a start: what the last process left open waits again, and the shares are as they were. On SQLite every query is
 * over at once, so the event loop gets its turns here.
 */
import { setImmediate as turn } from 'node:timers/promises';

import type { LedgerUnit, LedgerWeight } from '../queue/rebuild.ts';
import { ledgerReachMs, rebuildSteps } from '../queue/rebuild.ts';
import type { FairShareState, ShareSettings } from '../queue/shares.ts';
import { attemptsOfJob, endAttempt, openAttempts } from '../store/attempts.ts';
import { jobById, type WaitingJob, waitingJobs } from '../store/jobs.ts';
import { picturesOfJob } from '../store/pictures.ts';
import type { Store } from '../store/store.ts';
import type { JobState } from '../store/tables.ts';
import { type UsageCursor, usageSince } from '../store/usage.ts';
import { type JobToPaint, missingPictures } from './dispatcher/live-job.ts';
import { finish } from './outcome.ts';
import { bySystem, move } from './states.ts';

const page = 1_000;

/** A waiting job. A retry that should have waited longer may come early: the restart is as good as a pause. */
export interface Waiting extends JobToPaint {
  /** Unix ms. */
  readonly submittedAt: number;
}

/**
 * Ends the attempts of a process that is gone; their jobs go back into the line, unless the program died over one of them
 * again and again.
 * @returns how many jobs wait again.
 */
export async function recoverLost(store: Store, maxLosses: number, at: number): Promise<number> {
  for (const { token } of await openAttempts(store.db)) {
    await store.transaction(async (tx) =>
      endAttempt(tx, { token, outcome: 'lost', reason: 'restart', engineMs: 0, endedAt: at }),
    );
  }
  let count = 0;
  for (const state of ['running', 'checking'] as const) {
    for await (const { id } of jobsIn(store, state)) {
      if (await putBackLost(store, id, state, maxLosses, at)) count += 1;
    }
  }
  return count;
}

async function putBackLost(
  store: Store,
  id: string,
  state: 'running' | 'checking',
  maxLosses: number,
  at: number,
): Promise<boolean> {
  return store.transaction(async (tx) => {
    const attempts = await attemptsOfJob(tx, id);
    const losses = attempts.length - 1 - attempts.findLastIndex(({ reason }) => reason !== 'restart');
    if (losses < maxLosses) {
      return move(tx, id, state, 'queued', bySystem('restart', at), { attemptToken: null, notBefore: 0 });
    }
    const job = await jobById(tx, id);
    if (job === undefined) return false;
    const reason = `The program ended ${losses} times while it painted this; it is not tried again by itself.`;
    await finish(tx, job, state, 'failed', bySystem('losses', at), { code: 'job.losses', reason, details: { losses } });
    return false;
  });
}

/** Every waiting job, in the order of submission. */
export async function readWaiting(store: Store): Promise<Waiting[]> {
  const waiting: Waiting[] = [];
  for await (const job of jobsIn(store, 'queued')) {
    const painted = job.count === 1 ? [] : await picturesOfJob(store.db, job.id);
    const missing = missingPictures(job.count, painted);
    const { id, communityId, personId, submittedAt } = job;
    waiting.push({ id, communityId, personId, unitCostMs: job.estimatedCost / job.count, missing, submittedAt });
  }
  return waiting;
}

/** The queue from what the database remembers: what was used lately, and what waits. */
export async function rebuildShares(
  store: Store,
  settings: ShareSettings,
  weights: readonly LedgerWeight[],
  waiting: readonly Waiting[],
  at: number,
): Promise<FairShareState> {
  const ledger: LedgerUnit[] = [];
  let after: UsageCursor | undefined;
  for (;;) {
    const rows = await usageSince(store.db, {
      since: at - ledgerReachMs(settings),
      limit: page,
      ...(after === undefined ? {} : { after }),
    });
    for (const { seq, communityId: community, personId: person, engineMs, at: endedAtMs } of rows) {
      const startedAtMs = endedAtMs - engineMs;
      // A job may be painted and wait at once; in the ledger each use is a job of its own.
      const job = { id: `use ${seq}`, person, community, unitCostMs: engineMs };
      ledger.push({ job, queuedAtMs: startedAtMs, startedAtMs, endedAtMs, engineMs });
    }
    after = rows.at(-1);
    if (rows.length < page) break;
    await turn();
  }
  for (const { id, personId: person, communityId: community, unitCostMs, missing, submittedAt } of waiting) {
    const unit: LedgerUnit = {
      job: { id, person, community, unitCostMs },
      queuedAtMs: submittedAt,
      startedAtMs: undefined,
      endedAtMs: undefined,
      engineMs: undefined,
    };
    ledger.push(...missing.map(() => unit));
  }
  const steps = rebuildSteps(settings, weights, ledger);
  for (;;) {
    const { done, value } = steps.next();
    if (done === true) return value;
    await turn();
  }
}

async function* jobsIn(store: Store, state: JobState): AsyncGenerator<WaitingJob> {
  for (let afterSeq = 0; ;) {
    const jobs = await waitingJobs(store.db, { state, afterSeq, limit: page });
    yield* jobs;
    await turn();
    const last = jobs.at(-1);
    if (last === undefined || jobs.length < page) return;
    afterSeq = last.seq;
  }
}
