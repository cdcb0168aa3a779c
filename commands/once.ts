/**
 * A platform that did not hear our answer tells of the same act again, maybe at the same moment: it is done once. The
 * database decides who does it, and a process that dies in between leaves it to the next.
 */
import { randomUUID } from 'node:crypto';
import { type ActId, giveActBack, hasJobOfAct, markActDone, setJobOfAct, takeAct } from '../src/store/acts.ts';
import type { Store } from '../src/store/store.ts';

export interface Once {
  /**
   * Does it, unless that was done or is being done. What fails is done again when it is told again.
   * @throws what `work` throws.
   */
  do(act: ActId, work: () => Promise<void>): Promise<void>;
  /** It is as good as done, whatever happens to this process. */
  done(act: ActId): Promise<void>;
  /** The job that it is about to make: whatever happens to this process, it makes no other. */
  makes(act: ActId, jobId: string): Promise<void>;
  hasMade(act: ActId): Promise<boolean>;
}

/** For the one bot on this store: acts that others have taken there and not done are those of the dead. */
export function openOnce({ db }: Store, clock: () => number): Once {
  const takenBy = randomUUID();
  return {
    async do(act, work) {
      if (!(await takeAct(db, act, { takenBy, at: clock() }))) return;
      try {
        await work();
      } catch (error) {
        await giveActBack(db, act);
        throw error;
      }
      await markActDone(db, act);
    },
    done: async (act) => markActDone(db, act),
    makes: async (act, jobId) => setJobOfAct(db, act, jobId),
    hasMade: async (act) => hasJobOfAct(db, act),
  };
}
