/**
 * The jobs as everybody else sees them: asked for, looked at, explained, cancelled, asked for again. What `submit` has
 * answered is in the database.
 */
import { setImmediate as turn } from 'node:timers/promises';

import type { Progress } from '../engine/request.ts';
import { Refusal } from '../errors.ts';
import { admitJob, inWords } from '../queue/admission.ts';
import { forecast } from '../queue/forecast.ts';
import { front, type FrontPlace } from '../queue/front.ts';
import { setWeight } from '../queue/policy.ts';
import type { LedgerWeight } from '../queue/rebuild.ts';
import { explainWait, type WaitExplanation } from '../queue/reasons.ts';
import type { ShareSettings } from '../queue/shares.ts';
import { forgetPerson } from '../queue/tree.ts';
import { type Job, jobById, jobByIdempotencyKey } from '../store/jobs.ts';
import { picturesOfJob } from '../store/pictures.ts';
import { Dispatcher, type DispatcherOptions } from './dispatcher.ts';
import type { EngineState } from './engine-pool.ts';
import { parametersOf } from './parameters.ts';
import { readWaiting, rebuildShares, recoverLost } from './recover.ts';
import { move } from './states.ts';
import { checkSubmission, needBlobs, type Submission, writeSubmission } from './submission.ts';
import { Turns } from './turns.ts';

export interface JobLimits {
  readonly maxWaitingPerPerson: number;
  /** New jobs are refused with less free room. */
  readonly minFreeBytes: number;
  /** New jobs are refused when no engine has answered for longer. */
  readonly engineDownMs: number;
}

export interface JobsOptions extends Omit<DispatcherOptions, 'shares'> {
  readonly shares: ShareSettings;
  readonly weights: readonly LedgerWeight[];
  readonly limits: JobLimits;
}

/** How a job is doing. `checking`: painted, and looked at before it is shown. */
export type JobStatus =
  | { readonly kind: 'waiting'; readonly explanation: WaitExplanation }
  | { readonly kind: 'painting'; readonly progress: Progress | undefined }
  /** An attempt failed; `sentence` says when it is tried again. */
  | { readonly kind: 'retrying'; readonly sentence: string }
  | { readonly kind: 'checking' | 'ended' };

/** The queue for operators: numbers only. */
export interface QueueSnapshot {
  readonly waitingPictures: number;
  /** Estimated engine time of all of them, shared by the engines. */
  readonly waitingMs: number;
  readonly engines: readonly EngineState[];
  readonly engineDownSince: number | undefined;
  readonly communities: readonly {
    readonly id: string;
    readonly weight: number;
    readonly waiting: number;
    readonly running: number;
  }[];
}

export interface Jobs {
  /** @throws Refusal where there is no room, or the wish cannot be painted. */
  submit(submission: Submission): Promise<{ readonly job: Job; readonly isNew: boolean }>;
  get(id: string): Promise<Job | undefined>;
  /** @param actor `person:ID` or `system`. @returns whether there was something to cancel. */
  cancel(id: string, actor: string): Promise<boolean>;
  /** @throws Refusal where the job has not failed or its photo is gone. */
  retry(id: string, actor: string): Promise<void>;
  status(id: string): JobStatus;
  /** Position and expected wait of a waiting job; undefined once it does not wait. */
  place(id: string): { readonly position: number; readonly startsInMs: number; readonly doneInMs: number } | undefined;
  /** Places of the `maxJobs` that start next, in their order. At most about 5 ms, whatever waits. */
  front(maxJobs: number): readonly FrontPlace[];
  /** Every waiting job, also of those that come or go while it is read. */
  waitingIds(): IterableIterator<string>;
  setWeight(weight: LedgerWeight): void;
  /** Whether something of it is still to be written down, also of a job that has ended already. */
  isBusy(id: string): boolean;
  /** Forgets what is remembered of a person without jobs. @returns false where they have some. */
  forgetPerson(personId: string): boolean;
  snapshot(): QueueSnapshot;
  /** Lets what runs end until the signal, and puts the rest back. */
  close(signal: AbortSignal): Promise<void>;
}

/** About a millisecond. */
const enqueuedATurn = 100;

/** Finds what the last process left, and starts painting. */
export async function openJobs(options: JobsOptions): Promise<Jobs> {
  const { store, clock, slots, card, speed, limits, log } = options;
  const lost = await recoverLost(store, options.retry.maxLosses, clock());
  const waiting = await readWaiting(store);
  if (lost > 0) log.info({ lost, waiting: waiting.length }, 'Jobs of the last run wait again.');
  const shares = await rebuildShares(store, options.shares, options.weights, waiting, clock());
  const dispatcher = new Dispatcher({ ...options, shares });
  for (const [index, job] of waiting.entries()) {
    if (index % enqueuedATurn === 0) await turn();
    dispatcher.enqueue(job);
  }
  dispatcher.start();
  const turns = new Turns();
  let isClosed = false;

  const checkRoom = async (personId: string): Promise<void> => {
    if (isClosed) throw new Refusal('jobs.closing', 'cowbot is restarting; ask again in a minute.');
    const { downSince } = dispatcher;
    if (downSince !== undefined && clock() - downSince > limits.engineDownMs) {
      throw new Refusal('jobs.engine-down', 'The engine is out of order at the moment; ask again later.');
    }
    if ((await store.freeBytes()) < limits.minFreeBytes) {
      throw new Refusal('jobs.disk-full', 'There is no room for new pictures at the moment; ask again later.');
    }
    admitJob(shares, personId, limits.maxWaitingPerPerson, slots.length, clock());
  };

  const submit: Jobs['submit'] = async (submission) => {
    const { idempotencyKey, personId, communityId } = submission;
    const earlier = await jobByIdempotencyKey(store.db, idempotencyKey);
    if (earlier !== undefined) return { job: earlier, isNew: false };
    await checkRoom(personId);
    const unitCostMs = speed.estimateMs(await checkSubmission(submission, card));
    const { job, created } = await writeSubmission(store, submission, card, { unitCostMs, at: clock() });
    if (created) {
      const missing = Array.from({ length: job.count }, (_, number) => number);
      dispatcher.enqueue({ id: job.id, communityId, personId, unitCostMs, missing });
    }
    return { job, isNew: created };
  };

  const retry = async (job: Job, actor: string): Promise<void> => {
    const { id, personId, communityId, state, count } = job;
    if (state !== 'failed' && state !== 'cancelled') {
      throw new Refusal(
        'jobs.not-failed',
        `Only a job that failed or was cancelled can be tried again; this one is ${state}.`,
        { state },
      );
    }
    // The end of the one before must not become the end of this one.
    if (dispatcher.isBusy(id)) {
      throw new Refusal('jobs.ending', 'A picture of this job is just being stopped; try again in a moment.');
    }
    await checkRoom(personId);
    const because = { actor, reason: 'asked-again', at: clock() };
    const changes = { endedAt: null, failureCode: null, failureReason: null, failureDetails: null, notBefore: 0 };
    const hasMoved = await store.transaction(async (tx) => {
      if (!(await move(tx, id, ['failed', 'cancelled'], 'queued', because, changes))) return false;
      await needBlobs(tx, id, parametersOf(job));
      return true;
    });
    if (!hasMoved) return;
    const painted = (await picturesOfJob(store.db, id)).map(({ number }) => number);
    const missing = Array.from({ length: count }, (_, number) => number).filter((number) => !painted.includes(number));
    dispatcher.enqueue({ id, communityId, personId, unitCostMs: job.estimatedCost / count, missing });
  };

  const known = async (id: string): Promise<Job> => {
    const job = await jobById(store.db, id);
    if (job === undefined) throw new Refusal('jobs.unknown', 'There is no such job.');
    return job;
  };

  const place: Jobs['place'] = (id) => {
    if (dispatcher.stageOf(id)?.kind !== 'waiting') return undefined;
    const { position, startsInMs, doneInMs } = forecast(shares, id, slots.length, clock());
    return { position, startsInMs, doneInMs };
  };

  return {
    // In turn, for the next one is admitted by what the one before has left.
    submit: async (submission) => turns.take(submission.personId, async () => submit(submission)),
    get: async (id) => jobById(store.db, id),
    cancel: async (id, actor) => dispatcher.cancel(id, actor),
    async retry(id, actor) {
      const { personId } = await known(id);
      await turns.take(personId, async () => retry(await known(id), actor));
    },
    status(id) {
      const stage = dispatcher.stageOf(id);
      switch (stage?.kind) {
        case undefined:
          return { kind: 'ended' };
        case 'waiting':
          return { kind: 'waiting', explanation: explainWait(shares, id, slots.length, clock()) };
        case 'retrying': {
          const inMs = Math.max(0, stage.retryAt - clock());
          return { kind: 'retrying', sentence: `The last attempt failed; the next is in about ${inWords(inMs)}.` };
        }
        case 'painting':
        case 'checking':
          return stage;
      }
    },
    place,
    front: (maxJobs) => front(shares, slots.length, clock(), maxJobs),
    waitingIds: () => shares.jobs.keys(),
    setWeight({ weight, community, person }) {
      setWeight(shares, weight, clock(), community, person);
      options.onQueueChange?.();
    },
    isBusy: (id) => dispatcher.isBusy(id),
    forgetPerson: (personId) => forgetPerson(shares, personId),
    snapshot: () => ({
      waitingPictures: [...shares.communities.values()].reduce((sum, { waitingUnits }) => sum + waitingUnits, 0),
      waitingMs:
        [...shares.jobs.values()].reduce((sum, { units, unitCostMs }) => sum + units * unitCostMs, 0) / slots.length,
      engines: dispatcher.engines,
      engineDownSince: dispatcher.downSince,
      communities: [...shares.communities.values()].map(({ id, weight, waitingUnits, running }) => ({
        id,
        weight,
        waiting: waitingUnits,
        running,
      })),
    }),
    async close(signal) {
      isClosed = true;
      await dispatcher.close(signal);
    },
  };
}
