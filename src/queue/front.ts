import { playForward } from './run-forward.ts';
import type { FairShareState, WaitingJob } from './shares.ts';

/** Where a job near the front stands; as in a `Forecast`. */
export type FrontPlace = Readonly<{ jobId: string; position: number; startsInMs: number; doneInMs: number }>;

/** Picks that are played at most: about 2 ms. */
const maxPicks = 1000;

/**
 * The jobs that start next, in their order, found in one run of the policy. Changes nothing.
 *
 * @param maxJobs fewer come where fewer wait, or where a few jobs have very many pictures.
 */
export function front(state: FairShareState, engines: number, nowMs: number, maxJobs: number): readonly FrontPlace[] {
  const found = new Map<WaitingJob, FrontPlace>();
  let picks = 0;
  let open = 0;
  playForward(state, engines, nowMs, maxPicks, ({ job, isLast }, inMs) => {
    picks += 1;
    const known = found.get(job);
    if (known === undefined && found.size >= maxJobs) return open > 0;
    const place = known ?? { jobId: job.id, position: picks, startsInMs: inMs, doneInMs: 0 };
    if (known === undefined) open += 1;
    if (isLast) open -= 1;
    found.set(job, { ...place, doneInMs: inMs + job.unitCostMs });
    return found.size < maxJobs || open > 0;
  });
  return [...found.values()];
}
