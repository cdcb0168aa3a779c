/** Ends of attempts without a picture, and of jobs: written down, however long the database takes, and then told. */
import { Fault } from '../../errors.ts';
import type { Store } from '../../store/store.ts';
import type { AttemptOutcome, JobState } from '../../store/tables.ts';
import { endWithout, type FailureSentence, type JobKey, putBack } from '../outcome.ts';
import { LostFile } from '../paint-picture.ts';
import type { Patience } from '../patience.ts';
import { bySystem } from '../states.ts';
import type { LiveJob } from './live-job.ts';

export interface EndingsOptions {
  readonly store: Store;
  /** Now, in Unix ms. */
  readonly clock: () => number;
  /** A job reached a state that is to be said. */
  readonly onEnd: (id: string, state: JobState) => void;
  /** An attempt ended that the database knows of. */
  readonly onAttempt?: (outcome: AttemptOutcome, engineMs: number) => void;
}

/** An attempt that the database knows of. @property engineMs what it costs its person. */
export interface WrittenAttempt {
  readonly token: string;
  readonly engineMs: number;
}

export class Endings {
  readonly #options: EndingsOptions;
  readonly #patience: Patience;

  constructor(options: EndingsOptions, patience: Patience) {
    this.#options = options;
    this.#patience = patience;
  }

  /** @param actor who cancelled. @returns whether the job ended by this. */
  async cancel(job: JobKey, attempt: WrittenAttempt | undefined, actor: string): Promise<boolean> {
    return this.#end(job, attempt, 'cancelled', { actor, code: 'cancelled' });
  }

  async refuse(job: JobKey, attempt: WrittenAttempt | undefined, sentence: FailureSentence): Promise<void> {
    await this.#end(job, attempt, 'refused', { code: sentence.code, sentence });
  }

  async fail(job: JobKey, attempt: WrittenAttempt | undefined, error: unknown): Promise<void> {
    await this.#end(job, attempt, 'failed', { code: 'failed', sentence: sentenceOf(error) });
  }

  /** Stopped by somebody: the job ends. By the end of the program: it waits again. */
  async stop(job: LiveJob, attempt: WrittenAttempt | undefined): Promise<void> {
    if (job.stoppedBy !== undefined) await this.cancel(job, attempt, job.stoppedBy);
    else await this.#putBack(job, attempt, { outcome: 'lost', reason: 'stopped', notBefore: 0 });
  }

  /** The job waits again. @param notBefore Unix ms. */
  async retry(job: JobKey, attempt: WrittenAttempt | undefined, notBefore: number): Promise<void> {
    await this.#putBack(job, attempt, { outcome: 'failed', reason: 'retry', notBefore });
  }

  async #putBack(
    job: JobKey,
    attempt: WrittenAttempt | undefined,
    how: { readonly outcome: 'failed' | 'lost'; readonly reason: string; readonly notBefore: number },
  ): Promise<void> {
    if (attempt === undefined) return;
    const { outcome, reason, notBefore } = how;
    const { store, clock, onAttempt } = this.#options;
    const isBack = await this.#patience.persist(async () =>
      putBack(store, job, { ...attempt, outcome }, notBefore, bySystem(reason, clock())),
    );
    if (isBack === true) onAttempt?.(outcome, attempt.engineMs);
  }

  async #end(
    job: JobKey,
    attempt: WrittenAttempt | undefined,
    state: 'failed' | 'refused' | 'cancelled',
    why: { readonly code: string; readonly sentence?: FailureSentence; readonly actor?: string },
  ): Promise<boolean> {
    const { code, sentence, actor = 'system' } = why;
    const { store, clock, onEnd, onAttempt } = this.#options;
    const because = { actor, reason: code, at: clock() };
    const hasEnded = await this.#patience.persist(async () =>
      endWithout(store, job, state, attempt, because, sentence),
    );
    if (hasEnded !== true) return false;
    if (attempt !== undefined) onAttempt?.(state === 'cancelled' ? 'cancelled' : 'failed', attempt.engineMs);
    onEnd(job.id, state);
    return true;
  }
}

/** For the person: a fault's own words are the operator's, and are in the log. */
function sentenceOf(error: unknown): FailureSentence {
  if (error instanceof LostFile) return { code: 'job.file-lost', reason: error.message };
  return error instanceof Fault && error.mayPass
    ? { code: 'job.engine', reason: 'The engine failed at this again and again; try again later.' }
    : { code: 'job.failed', reason: 'Something went wrong on our side while painting this; it was written down.' };
}
