/**
 * Feeds the engines: hands each free one the picture whose turn it is, and sees every attempt through to its end in the
 * database. What is only in memory here can be lost at any moment: `recover.ts` finds it again.
 */
import type { Progress } from '../engine/request.ts';
import { Fault } from '../errors.ts';
import type { FairShareState } from '../queue/shares.ts';
import { Attempts, type AttemptsOptions, type Next, type PaintedPicture } from './dispatcher/attempts.ts';
import { Endings } from './dispatcher/endings.ts';
import { type JobToPaint, LiveJob } from './dispatcher/live-job.ts';
import { Line } from './dispatcher/line.ts';
import { EnginePool, type EngineSlot, type EngineState } from './engine-pool.ts';
import { createPatience } from './patience.ts';
import { learnFrom, type SpeedBook } from './speed.ts';
import { UnderWay } from './under-way.ts';

export type { ResultVerdict } from './dispatcher/keep-picture.ts';

export interface DispatcherOptions extends AttemptsOptions {
  readonly slots: readonly EngineSlot[];
  readonly shares: FairShareState;
  readonly speed: SpeedBook;
  /** Somebody's place in the line may have changed; told often, so that it should do next to nothing. */
  readonly onQueueChange?: () => void;
}

/** Where a job is that has not ended; `retrying`: its next attempt waits until `retryAt`. */
export type Stage =
  | { readonly kind: 'waiting' }
  | { readonly kind: 'checking' }
  | { readonly kind: 'painting'; readonly progress: Progress | undefined }
  | { readonly kind: 'retrying'; readonly retryAt: number };

export class Dispatcher {
  readonly #options: DispatcherOptions;
  readonly #line: Line;
  readonly #pool: EnginePool;
  readonly #endings: Endings;
  readonly #attempts: Attempts;
  readonly #jobs = new Map<string, LiveJob>();
  readonly #underWay = new UnderWay();
  readonly #retryTimers = new Set<NodeJS.Timeout>();
  /** Aborted when nothing may take longer any more. */
  readonly #cutOff = new AbortController();
  #isClosing = false;

  /** Starts paused: what waits already is enqueued first, then `start` is called. */
  constructor(options: DispatcherOptions) {
    const { shares, slots, retry, clock, log } = options;
    this.#options = options;
    this.#line = new Line({ shares, engines: slots.length, clock });
    this.#pool = new EnginePool({
      slots,
      firstBackoffMs: retry.firstBackoffMs,
      maxBackoffMs: retry.maxBackoffMs,
      clock,
      log,
      onChange: (inOrder) => {
        if (!this.#isClosing) this.#line.useEngines(inOrder);
      },
    });
    const patience = createPatience(retry, log, this.#cutOff.signal);
    this.#endings = new Endings(options, patience);
    this.#attempts = new Attempts(options, { pool: this.#pool, patience, endings: this.#endings });
  }

  start(): void {
    this.#line.start();
  }

  /** Since when no engine has been in order, Unix ms; undefined while all is well. */
  get downSince(): number | undefined {
    return this.#pool.downSince;
  }

  get engines(): readonly EngineState[] {
    return this.#pool.states;
  }

  /** Puts a job's missing pictures into the line. */
  enqueue(job: JobToPaint): void {
    const live = new LiveJob(job);
    this.#jobs.set(job.id, live);
    for (const number of job.missing) this.#add(live, number);
  }

  /** @returns undefined where the job has ended or was never here. */
  stageOf(id: string): Stage | undefined {
    const live = this.#jobs.get(id);
    if (live === undefined || (live.isStopped && !live.hasBegun)) return undefined;
    const engine = this.#pool.states.find(({ jobId }) => jobId === id);
    if (engine !== undefined) return { kind: 'painting', progress: engine.progress };
    if (this.#options.shares.jobs.has(id)) return { kind: 'waiting' };
    return live.retryAt === undefined ? { kind: 'checking' } : { kind: 'retrying', retryAt: live.retryAt };
  }

  /** Whether something of it is still to be written down, also of a job that has ended already. */
  isBusy(id: string): boolean {
    return this.#jobs.get(id)?.isBusy ?? false;
  }

  /**
   * Takes a job's waiting pictures out, and stops those being painted before their next network call. What waits only is
   * cancelled when this returns; what is being painted a moment later, unless its last picture was being written down.
   * @returns whether there was something to cancel.
   */
  async cancel(id: string, actor: string): Promise<boolean> {
    const live = this.#jobs.get(id);
    if (live === undefined || live.isStopped) return false;
    this.#stop(live, actor);
    return live.hasBegun || this.#endings.cancel(live, undefined, actor);
  }

  /**
   * Starts nothing more, gives what runs until the signal, then stops it; stopped jobs wait again. Ends when every engine
   * is free and everything is written.
   */
  async close(signal: AbortSignal): Promise<void> {
    this.#isClosing = true;
    this.#line.pause();
    for (const timer of this.#retryTimers) clearTimeout(timer);
    const healed = this.#pool.close();
    const stopAll = (): void => {
      for (const live of this.#jobs.values()) if (live.hasBegun) live.stop(undefined);
      this.#cutOff.abort(new Fault('The bot is stopping.'));
    };
    if (signal.aborted) stopAll();
    signal.addEventListener('abort', stopAll, { once: true });
    await this.#underWay.ended();
    signal.removeEventListener('abort', stopAll);
    this.#cutOff.abort();
    await healed;
  }

  #add(live: LiveJob, number: number): void {
    live.wait(number);
    const paint = async (): Promise<number> => {
      const painting = this.#paint(live, number);
      this.#underWay.add(painting);
      return painting;
    };
    void this.#line
      .add(live, number, paint)
      .then((outcome) => {
        if (outcome === 'cancelled') this.#leave(live, number);
      })
      .catch((error: unknown) => this.#noteLost(live, error));
    this.#options.onQueueChange?.();
  }

  #leave(live: LiveJob, number: number): void {
    live.leave(number);
    this.#options.onQueueChange?.();
    if (live.openCount === 0 && this.#jobs.get(live.id) === live) this.#jobs.delete(live.id);
  }

  #stop(live: LiveJob, actor: string): void {
    this.#line.cancel(live);
    live.stop(actor);
  }

  /** In a slot of the line; settles when the engine is free. @returns engine milliseconds to charge. */
  async #paint(live: LiveJob, number: number): Promise<number> {
    if (live.isStopped) {
      this.#leave(live, number);
      return 0;
    }
    const slot = this.#pool.take();
    if (slot === undefined) throw new Fault('Expected a free engine for a picture whose turn it is, got none.');
    live.begin(number);
    this.#options.onQueueChange?.();
    try {
      if (!(await this.#pool.isReady(slot, live.signal))) {
        await this.#waitOn(live, number);
        return 0;
      }
      const { engineMs, next } = await this.#attempts.paint(live, number, slot);
      if (next.kind === 'painted') {
        this.#underWay.add(this.#keep(live, next).catch((error: unknown) => this.#noteLost(live, error)));
      } else this.#follow(live, number, next);
      return engineMs;
    } finally {
      this.#pool.giveBack(slot);
    }
  }

  /** There was no engine, through no fault of the picture: it waits on, and its tries are not counted. */
  async #waitOn(live: LiveJob, number: number): Promise<void> {
    live.end(number);
    if (!live.isStopped && !this.#isClosing) return this.#add(live, number);
    if (live.isStopped && !live.hasBegun) await this.#endings.stop(live, undefined);
    this.#leave(live, number);
  }

  async #keep(live: LiveJob, picture: PaintedPicture): Promise<void> {
    this.#follow(live, picture.attempt.number, await this.#attempts.keep(live, picture));
    await learnFrom(picture.painted, this.#options);
  }

  #follow(live: LiveJob, number: number, next: Next): void {
    switch (next.kind) {
      case 'later':
        return this.#retry(live, number, next);
      case 'job-over':
        this.#stop(live, 'system');
        return this.#leave(live, number);
      case 'over':
        return this.#leave(live, number);
    }
  }

  #retry(live: LiveJob, number: number, { waitMs, retryAt }: Extract<Next, { kind: 'later' }>): void {
    live.rest(number, retryAt);
    if (this.#isClosing) return;
    const timer = setTimeout(() => {
      this.#retryTimers.delete(timer);
      live.wake();
      if (live.isStopped) this.#leave(live, number);
      else this.#add(live, number);
    }, waitMs);
    this.#retryTimers.add(timer);
  }

  #noteLost({ id }: LiveJob, error: unknown): void {
    this.#options.log.error({ err: error, job: id }, 'A picture ended without an outcome.');
  }
}
