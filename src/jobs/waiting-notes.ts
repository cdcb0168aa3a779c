/**
 * Tells those who wait how their place has changed. Those near the front hear of it soon after anything has happened;
 * the others in a slow round, so that what a change costs does not grow with the number of those who wait.
 */
import { setImmediate as turn } from 'node:timers/promises';
import type { Log } from '../log.ts';
import { placesOfJobs } from '../store/jobs.ts';
import type { Store } from '../store/store.ts';
import type { JobProgress } from './adapter.ts';
import type { ProgressNotes } from './delivery-progress.ts';
import type { Jobs } from './service.ts';

/** @property everyMs between two looks; nothing is looked at while nothing has changed. */
export interface WaitingNotesOptions {
  readonly store: Store;
  readonly jobs: Pick<Jobs, 'front' | 'place' | 'waitingIds'>;
  readonly progress: Pick<ProgressNotes, 'show'>;
  readonly log: Log;
  readonly everyMs: number;
}

export interface WaitingNotes {
  /** Somebody's place may be another now. Only notes it. */
  changed(): void;
  /** Looks at once; `changed` is followed by a look by itself. */
  look(): Promise<void>;
  close(): Promise<void>;
}

const frontJobs = 50;
/** Of those behind the front, with each look: 100,000 are through in an hour and a half. */
const roundJobs = 20;

type Place = NonNullable<ReturnType<Jobs['place']>>;

/** What a waiting job's placeholder says: times in steps that get longer, so that it is not edited for a second more or less. */
export function queuedProgress({ position, doneInMs }: Place): Extract<JobProgress, { state: 'queued' }> {
  return { state: 'queued', position, waitMs: inSteps(doneInMs) };
}

const steps = [
  { belowMs: 30_000, stepMs: 5_000 },
  { belowMs: 2 * 60_000, stepMs: 15_000 },
  { belowMs: 10 * 60_000, stepMs: 60_000 },
  { belowMs: 3_600_000, stepMs: 5 * 60_000 },
] as const;
const longestStepMs = 30 * 60_000;

function inSteps(ms: number): number {
  const { stepMs } = steps.find(({ belowMs }) => ms < belowMs) ?? { stepMs: longestStepMs };
  return Math.max(1, Math.ceil(ms / stepMs)) * stepMs;
}

export function startWaitingNotes({ store, jobs, progress, log, everyMs }: WaitingNotesOptions): WaitingNotes {
  /** What those near the front were told last: only who is told something else is looked up. */
  let told: ReadonlyMap<string, string> = new Map();
  let round: IterableIterator<string> | undefined;
  let [isFrontOld, isRoundOld, isClosed] = [true, true, false];
  let looking: Promise<void> = Promise.resolve();
  let timer: NodeJS.Timeout | undefined;

  const tell = async (ids: readonly string[]): Promise<void> => {
    for (const job of await placesOfJobs(store.db, ids)) {
      // A forecast takes up to two milliseconds, and the job may have left the line meanwhile.
      await turn();
      const place = isClosed ? undefined : jobs.place(job.id);
      if (place !== undefined) progress.show(job, queuedProgress(place));
    }
  };

  const lookAtFront = async (): Promise<void> => {
    if (!isFrontOld) return;
    isFrontOld = false;
    const now = new Map(jobs.front(frontJobs).map((place) => [place.jobId, JSON.stringify(queuedProgress(place))]));
    const before = told;
    told = now;
    await tell([...now.keys()].filter((id) => before.get(id) !== now.get(id)));
  };

  const goRound = async (): Promise<void> => {
    if (round === undefined) {
      if (!isRoundOld) return;
      isRoundOld = false;
      round = jobs.waitingIds();
    }
    const ids: string[] = [];
    for (let seen = 0; seen < roundJobs + frontJobs && ids.length < roundJobs; seen += 1) {
      const { done, value } = round.next();
      if (done === true) {
        round = undefined;
        break;
      }
      if (!told.has(value)) ids.push(value);
    }
    await tell(ids);
  };

  const look = async (): Promise<void> => {
    try {
      await lookAtFront();
      await goRound();
    } catch (error) {
      // The next change tells them anyway.
      log.warn({ err: error }, 'Those who wait could not be told their place.');
    }
  };

  const lookInTurn = async (): Promise<void> => {
    looking = looking.then(look);
    return looking;
  };

  /** One timer at a time: ten changes are one look, and a quiet queue has none. */
  const plan = (): void => {
    if (isClosed || timer !== undefined) return;
    timer = setTimeout(() => {
      void lookInTurn().then(() => {
        timer = undefined;
        if (isFrontOld || isRoundOld || round !== undefined) plan();
      });
    }, everyMs);
  };
  plan();

  return {
    changed() {
      isFrontOld = true;
      isRoundOld = true;
      plan();
    },
    look: lookInTurn,
    async close() {
      isClosed = true;
      clearTimeout(timer);
      await looking;
    },
  };
}
