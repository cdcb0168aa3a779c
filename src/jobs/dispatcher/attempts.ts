/** Attempts at pictures: claimed in the database, painted on an engine, kept; or given up, and what follows from that. */
import { randomUUID } from 'node:crypto';

import { Fault, Refusal } from '../../errors.ts';
import type { Log } from '../../log.ts';
import type { Job } from '../../store/jobs.ts';
import type { EnginePool, EngineSlot } from '../engine-pool.ts';
import { type AttemptKey, beginAttempt } from '../outcome.ts';
import type { Painted } from '../paint-picture.ts';
import type { Patience, RetrySettings } from '../patience.ts';
import { bySystem } from '../states.ts';
import type { Endings, EndingsOptions } from './endings.ts';
import { keepPicture, type KeepingOptions } from './keep-picture.ts';
import type { LiveJob } from './live-job.ts';
import { type OnEngineOptions, paintOnEngine } from './on-engine.ts';

export interface AttemptsOptions extends OnEngineOptions, KeepingOptions, EndingsOptions {
  readonly retry: RetrySettings;
  readonly log: Log;
}

/** One try at one picture. */
interface Attempt extends AttemptKey {
  /** Whether the database knows of it. */
  isWritten: boolean;
  /** What it costs its person. */
  engineMs: number;
}

/** A picture that is to be kept; its engine is free for the next one. */
export interface PaintedPicture {
  readonly kind: 'painted';
  readonly attempt: Attempt;
  readonly job: Job;
  readonly painted: Painted;
}

/**
 * What is to become of a picture whose attempt is over. `job-over`: nothing more is painted of its job either. `later`:
 * it is tried again in `waitMs`, at `retryAt` (Unix ms).
 */
export type Next =
  | { readonly kind: 'over' | 'job-over' }
  | { readonly kind: 'later'; readonly waitMs: number; readonly retryAt: number };

interface Parts {
  readonly pool: EnginePool;
  readonly patience: Patience;
  readonly endings: Endings;
}

export class Attempts {
  readonly #options: AttemptsOptions;
  readonly #parts: Parts;

  constructor(options: AttemptsOptions, parts: Parts) {
    this.#options = options;
    this.#parts = parts;
  }

  /**
   * From the claim until the engine is free.
   * @param slot with an engine that is ready.
   * @returns engine milliseconds to charge, and what follows.
   */
  async paint(
    live: LiveJob,
    number: number,
    slot: EngineSlot,
  ): Promise<{ readonly engineMs: number; readonly next: Next | PaintedPicture }> {
    const { store, card, clock } = this.#options;
    const { pool, patience } = this.#parts;
    const attempt: Attempt = { token: randomUUID(), number, engine: slot.name, isWritten: false, engineMs: 0 };
    try {
      const job = await patience.throughTrouble(async () =>
        beginAttempt(store, live, attempt, card, bySystem('turn', clock())),
      );
      if (job === undefined) return { engineMs: 0, next: { kind: 'over' } };
      attempt.isWritten = true;
      const onCost = (engineMs: number): void => void (attempt.engineMs = engineMs);
      const painted = await paintOnEngine(job, number, { slot, pool, signal: live.signal, onCost }, this.#options);
      return { engineMs: attempt.engineMs, next: { kind: 'painted', attempt, job, painted } };
    } catch (error) {
      const next = await this.#giveUp(live, attempt, error);
      return { engineMs: attempt.engineMs, next };
    }
  }

  /** After the engine: checks, files, rows. The next picture is painted meanwhile. */
  async keep(live: LiveJob, { attempt, job, painted }: PaintedPicture): Promise<Next> {
    const { onEnd, onAttempt } = this.#options;
    const { patience, endings } = this.#parts;
    try {
      const state = await keepPicture(painted, attempt, live, job, { ...this.#options, patience });
      live.end(attempt.number);
      if (state !== undefined) onAttempt?.('done', attempt.engineMs);
      if (state === 'done' || state === 'held') onEnd(job.id, state);
      else if (live.isStopped && !live.hasBegun) await endings.stop(live, undefined);
      return { kind: 'over' };
    } catch (error) {
      return this.#giveUp(live, attempt, error);
    }
  }

  /** An attempt without a picture: again later, back into the line, or the end of the job. */
  async #giveUp(live: LiveJob, attempt: Attempt, error: unknown): Promise<Next> {
    const { log, retry, clock } = this.#options;
    const { endings } = this.#parts;
    const written = attempt.isWritten ? attempt : undefined;
    live.end(attempt.number);
    // Whatever else goes wrong with a picture that nobody wants any more is no matter.
    if (live.isStopped) {
      await endings.stop(live, written);
      return { kind: 'over' };
    }
    if (error instanceof Refusal) {
      const { code, message: reason, details } = error;
      await endings.refuse(live, written, { code, reason, details });
      return { kind: 'job-over' };
    }
    const tries = live.countFailure(attempt.number);
    log.warn({ err: error, job: live.id, tries }, 'An attempt at a picture failed.');
    if (error instanceof Fault && error.mayPass && tries < retry.maxTries) {
      const waitMs = retry.firstBackoffMs * 4 ** (tries - 1);
      const retryAt = clock() + waitMs;
      await endings.retry(live, written, retryAt);
      return { kind: 'later', waitMs, retryAt };
    }
    await endings.fail(live, written, error);
    return { kind: 'job-over' };
  }
}
