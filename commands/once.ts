/**
 * A platform that did not hear our answer tells of the same act again, maybe at the same moment: it is done once. The
 * database decides who does it, and a process that dies in between leaves it to the next.
 */
import { randomUUID } from 'node:crypto';
import { type ActId, giveActBack, hasJobOfAct, markActDone, setJobOfAct, takeAct } from '../src/store/acts.ts';
import type { Store } from '../src/store/store.ts';

/** How one process takes acts. */
export interface Once {
  /** @returns whether to do it; false where it is done or being done. */
  take(act: ActId): Promise<boolean>;
  /** It is done, or as good as: whoever asked knows what came of it. */
  done(act: ActId): Promise<void>;
  /** Nobody heard what came of it: told again, it is tried again. */
  giveBack(act: ActId): Promise<void>;
  /** The job that it is about to make: whatever happens to this process, it makes no other. */
  makes(act: ActId, jobId: string): Promise<void>;
  hasMade(act: ActId): Promise<boolean>;
}

/** For the one bot on this store: acts that others have taken there and not done are those of the dead. */
export function openOnce({ db }: Store, clock: () => number): Once {
  const takenBy = randomUUID();
  return {
    take: async (act) => takeAct(db, act, { takenBy, at: clock() }),
    done: async (act) => markActDone(db, act),
    giveBack: async (act) => giveActBack(db, act),
    makes: async (act, jobId) => setJobOfAct(db, act, jobId),
    hasMade: async (act) => hasJobOfAct(db, act),
  };
}
