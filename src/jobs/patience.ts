/** Doing again what failed for a reason that may pass. */
import { setTimeout as delay } from 'node:timers/promises';

import { Fault } from '../errors.ts';
import type { Log } from '../log.ts';

export interface RetrySettings {
  /** Attempts at one picture, the first included. */
  readonly maxTries: number;
  /** Wait before the second attempt; four times as long before each further one. */
  readonly firstBackoffMs: number;
  /** Longest wait from one look at an engine, the disk or the database to the next while it is in trouble. */
  readonly maxBackoffMs: number;
  /** Attempts at a job during which the whole program died, before it counts as the reason. */
  readonly maxLosses: number;
}

export const retryDefaults: RetrySettings = {
  maxTries: 3,
  firstBackoffMs: 1_000,
  maxBackoffMs: 30_000,
  maxLosses: 10,
};

export interface Patience {
  /**
   * Writes down what became of a picture, however long it takes: it must not be forgotten. At the end of the program it
   * is, and the next start takes the attempt for lost.
   * @returns undefined where it was not written.
   */
  persist<T>(write: () => Promise<T>): Promise<T | undefined>;
  /** Waits while disk or database are in a trouble that may pass: a painted picture is worth it. */
  throughTrouble<T>(work: () => Promise<T>): Promise<T>;
}

/** @param cutOff ends the waiting; what is under way then is the last try. */
export function createPatience(
  { firstBackoffMs, maxBackoffMs }: Pick<RetrySettings, 'firstBackoffMs' | 'maxBackoffMs'>,
  log: Log,
  cutOff: AbortSignal,
): Patience {
  const again = async <T>(work: () => Promise<T>, isWorthIt: (error: unknown) => boolean): Promise<T> => {
    for (let waitMs = firstBackoffMs; ; waitMs = Math.min(maxBackoffMs, waitMs * 2)) {
      try {
        return await work();
      } catch (error) {
        if (cutOff.aborted || !isWorthIt(error)) throw error;
        log.error({ err: error }, 'The store is in trouble; it is tried again.');
        await delay(waitMs, undefined, { signal: cutOff }).catch(() => {});
      }
    }
  };
  return {
    persist: async (write) =>
      again(write, () => true).catch((error: unknown) => {
        log.error({ err: error }, 'What became of a picture was not written down.');
        return undefined;
      }),
    throughTrouble: async (work) => again(work, (error) => error instanceof Fault && error.mayPass),
  };
}
