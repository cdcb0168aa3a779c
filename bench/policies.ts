import { cancelJob, emptyShares, enqueueJob, finishUnit, pickUnit, setWeight } from '../src/queue/policy.ts';
import type { PickedUnit } from '../src/queue/policy.ts';
import { rebuiltShares } from '../src/queue/rebuild.ts';
import type { LedgerWeight } from '../src/queue/rebuild.ts';
import type { ShareJob, ShareSettings } from '../src/queue/shares.ts';
import type { Policy } from './simulation.ts';

/** The policy of src/queue. */
export function fairPolicy(settings: ShareSettings, weights: readonly LedgerWeight[]): Policy {
  let state = emptyShares(settings);
  for (const { weight, community, person } of weights) setWeight(state, weight, 0, community, person);
  return {
    enqueue: (job, nowMs) => enqueueJob(state, job, nowMs),
    cancel: (jobId, nowMs) => cancelJob(state, jobId, nowMs),
    pick: (nowMs) => pickUnit(state, nowMs),
    finish: (unitId, measuredMs, nowMs) => finishUnit(state, unitId, measuredMs, nowMs),
    restart: (ledger) => {
      state = rebuiltShares(settings, weights, ledger);
    },
  };
}

/** First come, first served. */
export function fifoPolicy(): Policy {
  const line: Waiting[] = [];
  return simplePolicy(
    (job) => line.push(job),
    () => line.find(({ left }) => left > 0),
  );
}

/** The person who was served longest ago, whatever their pictures cost. */
export function roundRobinPolicy(): Policy {
  const people = new Map<string, Waiting[]>();
  return simplePolicy(
    (job) => {
      const jobs = people.get(job.person);
      if (jobs === undefined) people.set(job.person, [job]);
      else jobs.push(job);
    },
    () => {
      for (const [person, jobs] of people) {
        const job = jobs.find(({ left }) => left > 0);
        if (job === undefined) continue;
        people.delete(person);
        people.set(person, jobs);
        return job;
      }
      return undefined;
    },
  );
}

type Waiting = ShareJob & { left: number };

function simplePolicy(enqueue: (job: Waiting) => void, next: () => Waiting | undefined): Policy {
  const jobs = new Map<string, Waiting>();
  let starts = 0;
  return {
    enqueue: (job) => {
      const waiting = { ...job, left: job.units };
      jobs.set(job.id, waiting);
      enqueue(waiting);
    },
    cancel: (jobId) => {
      const job = jobs.get(jobId);
      if (job !== undefined) job.left = 0;
    },
    pick: () => {
      const job = next();
      return job === undefined ? undefined : started(job);
    },
    finish: () => {},
    restart: () => {},
  };

  function started(job: Waiting): PickedUnit {
    job.left -= 1;
    const { id, person, community, unitCostMs } = job;
    return { unitId: `${id}#${(starts += 1)}`, jobId: id, person, community, estimateMs: unitCostMs };
  }
}
