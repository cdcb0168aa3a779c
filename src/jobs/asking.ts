/** New jobs, and ended ones that are asked for again: whether there is room, then into the database and the line. */
import type { ModelCard } from '../engine/card.ts';
import { Refusal } from '../errors.ts';
import { admitJob } from '../queue/admission.ts';
import type { FairShareState } from '../queue/shares.ts';
import { type Job, jobById, jobByIdempotencyKey } from '../store/jobs.ts';
import { picturesOfJob } from '../store/pictures.ts';
import type { Store } from '../store/store.ts';
import { missingPictures } from './dispatcher/live-job.ts';
import type { Dispatcher } from './dispatcher.ts';
import type { EngineSlot } from './engine-pool.ts';
import { parametersOf } from './parameters.ts';
import type { SpeedBook } from './speed.ts';
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

export interface AskingOptions {
  readonly store: Store;
  readonly slots: readonly EngineSlot[];
  readonly card: ModelCard;
  readonly speed: SpeedBook;
  readonly limits: JobLimits;
  /** Now, in Unix ms. */
  readonly clock: () => number;
}

interface Parts {
  readonly dispatcher: Dispatcher;
  readonly shares: FairShareState;
}

/** Each person's in turn, for the next one is admitted by what the one before has left. */
export class Asking {
  readonly #options: AskingOptions;
  readonly #parts: Parts;
  readonly #turns = new Turns();
  #isClosed = false;

  constructor(options: AskingOptions, parts: Parts) {
    this.#options = options;
    this.#parts = parts;
  }

  /** @throws Refusal where there is no room, or the wish cannot be painted. */
  async submit(submission: Submission): Promise<{ readonly job: Job; readonly isNew: boolean }> {
    return this.#turns.take(submission.personId, async () => this.#submit(submission));
  }

  /** @throws Refusal where the job has not failed or its photo is gone. */
  async retry(id: string, actor: string): Promise<void> {
    const { personId } = await this.#known(id);
    await this.#turns.take(personId, async () => this.#retry(await this.#known(id), actor));
  }

  /** From now on everything is refused. */
  close(): void {
    this.#isClosed = true;
  }

  async #submit(submission: Submission): Promise<{ readonly job: Job; readonly isNew: boolean }> {
    const { store, card, speed, clock } = this.#options;
    const { idempotencyKey, personId, communityId } = submission;
    const earlier = await jobByIdempotencyKey(store.db, idempotencyKey);
    if (earlier !== undefined) return { job: earlier, isNew: false };
    await this.#checkRoom(personId);
    const unitCostMs = speed.estimateMs(await checkSubmission(submission, card));
    const { job, created } = await writeSubmission(store, submission, card, { unitCostMs, at: clock() });
    if (created) {
      const missing = missingPictures(job.count, []);
      this.#parts.dispatcher.enqueue({ id: job.id, communityId, personId, unitCostMs, missing });
    }
    return { job, isNew: created };
  }

  async #retry(job: Job, actor: string): Promise<void> {
    const { store, clock } = this.#options;
    const { dispatcher } = this.#parts;
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
    await this.#checkRoom(personId);
    const because = { actor, reason: 'asked-again', at: clock() };
    const changes = { endedAt: null, failureCode: null, failureReason: null, failureDetails: null, notBefore: 0 };
    const hasMoved = await store.transaction(async (tx) => {
      if (!(await move(tx, id, ['failed', 'cancelled'], 'queued', because, changes))) return false;
      await needBlobs(tx, id, parametersOf(job));
      return true;
    });
    if (!hasMoved) return;
    const missing = missingPictures(count, await picturesOfJob(store.db, id));
    dispatcher.enqueue({ id, communityId, personId, unitCostMs: job.estimatedCost / count, missing });
  }

  async #checkRoom(personId: string): Promise<void> {
    const { store, slots, limits, clock } = this.#options;
    const { dispatcher, shares } = this.#parts;
    if (this.#isClosed) throw new Refusal('jobs.closing', 'cowbot is restarting; ask again in a minute.');
    const { downSince } = dispatcher;
    if (downSince !== undefined && clock() - downSince > limits.engineDownMs) {
      throw new Refusal('jobs.engine-down', 'The engine is out of order at the moment; ask again later.');
    }
    if ((await store.freeBytes()) < limits.minFreeBytes) {
      throw new Refusal('jobs.disk-full', 'There is no room for new pictures at the moment; ask again later.');
    }
    admitJob(shares, personId, limits.maxWaitingPerPerson, slots.length, clock());
  }

  async #known(id: string): Promise<Job> {
    const job = await jobById(this.#options.store.db, id);
    if (job === undefined) throw new Refusal('jobs.unknown', 'There is no such job.');
    return job;
  }
}
