/**
 * The jobs as everybody else sees them: asked for, looked at, explained, cancelled, asked for again. What `submit` has
 * answered is in the database.
 */
import { setImmediate as turn } from 'node:timers/promises';

import type { Progress } from '../engine/request.ts';
import { inWords } from '../queue/admission.ts';
import { forecast } from '../queue/forecast.ts';
import { front, type FrontPlace } from '../queue/front.ts';
import { setWeight } from '../queue/policy.ts';
import type { LedgerWeight } from '../queue/rebuild.ts';
import { explainWait, type WaitExplanation } from '../queue/reasons.ts';
import type { ShareSettings } from '../queue/shares.ts';
import { forgetPerson } from '../queue/tree.ts';
import { type Job, jobById } from '../store/jobs.ts';
import { Asking, type AskingOptions } from './asking.ts';
import { Dispatcher, type DispatcherOptions } from './dispatcher.ts';
import type { EngineState } from './engine-pool.ts';
import { readWaiting, rebuildShares, recoverLost } from './recover.ts';
import type { Submission } from './submission.ts';

export interface JobsOptions extends Omit<DispatcherOptions, 'shares'>, AskingOptions {
  readonly shares: ShareSettings;
  readonly weights: readonly LedgerWeight[];
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
  const { store, clock, slots, log } = options;
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
  const asking = new Asking(options, { dispatcher, shares });

  const place: Jobs['place'] = (id) => {
    if (dispatcher.stageOf(id)?.kind !== 'waiting') return undefined;
    const { position, startsInMs, doneInMs } = forecast(shares, id, slots.length, clock());
    return { position, startsInMs, doneInMs };
  };

  return {
    submit: async (submission) => asking.submit(submission),
    get: async (id) => jobById(store.db, id),
    cancel: async (id, actor) => dispatcher.cancel(id, actor),
    retry: async (id, actor) => asking.retry(id, actor),
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
      asking.close();
      await dispatcher.close(signal);
    },
  };
}
