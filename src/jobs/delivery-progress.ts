/**
 * Progress on its way to the placeholders: the latest of each job, one call at a time and not too often in each chat,
 * and never one that comes after the job's result.
 */
import type { JsonObject } from '../store/tables.ts';
import { type Adapter, addressOf, type JobProgress, laneOf } from './adapter.ts';

/**
 * @property minIntervalMs between two calls in one chat, or what its adapter has as `progressLane`; Telegram allows 20
 * messages and edits a minute in a group (https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this).
 * @property timeoutMs of one call.
 */
export interface ProgressOptions {
  readonly adapters: ReadonlyMap<string, Adapter>;
  readonly minIntervalMs: number;
  readonly timeoutMs: number;
}

/** Where a job's placeholder stands. */
export interface JobPlace {
  readonly id: string;
  readonly platform: string;
  readonly address: JsonObject;
}

export interface ProgressNotes {
  /** Shows it when its chat's turn comes, unless a waiting job was told the very same; what waited for the same job is forgotten. */
  show(job: JobPlace, progress: JobProgress): void;
  /** Forgets what waits for the job and ends a call under way: what is edited next is not edited back. */
  end(job: Pick<JobPlace, 'id'>): Promise<void>;
  close(): Promise<void>;
}

interface Note {
  readonly job: JobPlace;
  readonly progress: JobProgress;
}

interface Lane {
  readonly notes: Map<string, Note>;
  isBusy: boolean;
}

export function createProgressNotes({ adapters, minIntervalMs, timeoutMs }: ProgressOptions): ProgressNotes {
  const lanes = new Map<string, Lane>();
  const underWay = new Map<string, { readonly stop: AbortController; readonly ended: Promise<void> }>();
  const timers = new Set<NodeJS.Timeout>();
  /** What waiting jobs were told last; gone when they are painted or end. */
  const told = new Map<string, string>();
  let isClosed = false;

  const progressLaneOf = ({ platform, address: stored }: JobPlace): string => {
    const address = addressOf(stored);
    const own = address === undefined ? undefined : adapters.get(platform)?.progressLane?.(address);
    return own === undefined ? laneOf(platform, stored) : `${platform}:${own}`;
  };

  const showNext = (key: string, lane: Lane): void => {
    const [note] = lane.notes.values();
    if (note === undefined || isClosed) {
      lanes.delete(key);
      return;
    }
    lane.notes.delete(note.job.id);
    const stop = new AbortController();
    const ended = call(note, AbortSignal.any([stop.signal, AbortSignal.timeout(timeoutMs)])).finally(() => {
      underWay.delete(note.job.id);
      const timer = setTimeout(() => {
        timers.delete(timer);
        showNext(key, lane);
      }, minIntervalMs);
      timers.add(timer);
    });
    underWay.set(note.job.id, { stop, ended });
  };

  const call = async ({ job, progress }: Note, signal: AbortSignal): Promise<void> => {
    const address = addressOf(job.address);
    if (address === undefined) return;
    // Best effort: the next progress or the result comes anyway.
    await adapters
      .get(job.platform)
      ?.showProgress(address, progress, { signal })
      .catch(() => {});
  };

  /** A place that has not changed is not said again. */
  const isTold = ({ id }: JobPlace, progress: JobProgress): boolean => {
    if (progress.state !== 'queued') {
      told.delete(id);
      return false;
    }
    const place = `${progress.position} ${progress.waitMs}`;
    if (told.get(id) === place) return true;
    told.set(id, place);
    return false;
  };

  return {
    show(job, progress) {
      if (isClosed || isTold(job, progress)) return;
      const key = progressLaneOf(job);
      const lane = lanes.get(key) ?? { notes: new Map<string, Note>(), isBusy: false };
      lane.notes.set(job.id, { job, progress });
      lanes.set(key, lane);
      if (lane.isBusy) return;
      lane.isBusy = true;
      showNext(key, lane);
    },
    async end({ id }) {
      told.delete(id);
      for (const { notes } of lanes.values()) notes.delete(id);
      const last = underWay.get(id);
      last?.stop.abort();
      await last?.ended;
    },
    async close() {
      isClosed = true;
      for (const timer of timers) clearTimeout(timer);
      for (const { stop } of underWay.values()) stop.abort();
      await Promise.all([...underWay.values()].map(({ ended }) => ended));
    },
  };
}
