/**
 * Feeds the engines: hands each free one the picture whose turn it is, and sees every attempt through to its end in the
 * database. What is only in memory here can be lost at any moment: `recover.ts` finds it again.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import PQueue from 'p-queue';

import type { ModelCard } from '../engine/card.ts';
import type { Engine, Progress } from '../engine/request.ts';
import { Fault, Refusal } from '../errors.ts';
import type { Log } from '../log.ts';
import { estimateCost } from '../painting/estimate.ts';
import type { FaceFinder } from '../photo/faces.ts';
import { type FairOrder, fairOrder } from '../queue/p-queue-order.ts';
import type { FairShareState } from '../queue/shares.ts';
import { type Job, jobById } from '../store/jobs.ts';
import type { Store } from '../store/store.ts';
import type { JobState } from '../store/tables.ts';
import { acceptPicture, beginAttempt, endWithout, type JobKey, putBack } from './outcome.ts';
import { paintPicture, type Painted, storePicture } from './paint-picture.ts';
import { parametersOf } from './parameters.ts';
import type { SpeedBook } from './speed.ts';

/** One engine, one device. */
export interface EngineSlot {
  readonly name: string;
  readonly engine: Engine;
  /** Whether it could paint now, asked for while it is thought to be down. @throws what is wrong with it. */
  probe(signal: AbortSignal): Promise<unknown>;
}

/** What a check says of a picture before anybody sees it. */
export type ResultVerdict =
  | { readonly kind: 'allow' }
  | { readonly kind: 'hold'; readonly reason: string }
  | { readonly kind: 'refuse'; readonly code: string; readonly sentence: string };

export interface RetrySettings {
  /** Attempts at one picture, the first included. */
  readonly maxTries: number;
  /** Wait before the second attempt; four times as long before each further one. */
  readonly firstBackoffMs: number;
  /** Longest wait while the disk or the database is in trouble. */
  readonly maxBackoffMs: number;
}

export const retryDefaults: RetrySettings = { maxTries: 3, firstBackoffMs: 1_000, maxBackoffMs: 30_000 };

export interface DispatcherOptions {
  readonly store: Store;
  readonly slots: readonly EngineSlot[];
  readonly card: ModelCard;
  readonly shares: FairShareState;
  readonly faceFinder: FaceFinder;
  readonly speed: SpeedBook;
  readonly checkResult: (painted: Painted, job: JobKey) => Promise<ResultVerdict>;
  readonly retry: RetrySettings;
  /** Now, in Unix ms. */
  readonly clock: () => number;
  readonly log: Log;
  readonly onProgress: (job: Job, progress: Progress) => void;
  /** A job reached a state that is to be said. */
  readonly onEnd: (id: string, state: JobState) => void;
}

/** What the dispatcher keeps of a job that waits or is painted. */
export interface LiveJob extends JobKey {
  readonly unitCostMs: number;
  /** Pictures still to be painted. */
  readonly missing: readonly number[];
}

/** What an engine is doing now, for operators. */
export interface EngineState {
  readonly name: string;
  readonly jobId: string | undefined;
  readonly progress: Progress | undefined;
}

interface Live extends LiveJob {
  readonly stop: AbortController;
  readonly tries: Map<number, number>;
  /** Pictures that wait, are painted or are being put away; and of these the ones that have begun. */
  open: number;
  begun: number;
}

class Stopped extends Error {
  override readonly name = 'Stopped';
  readonly actor: string | undefined;

  /** @param actor who cancelled; nobody where the program ends. */
  constructor(actor: string | undefined) {
    super('The picture was stopped.');
    this.actor = actor;
  }
}

const probeEveryMs = 5_000;

export class Dispatcher {
  readonly #options: DispatcherOptions;
  readonly #order: FairOrder;
  readonly #queue: PQueue<InstanceType<FairOrder['queueClass']>>;
  readonly #live = new Map<string, Live>();
  readonly #free: EngineSlot[];
  readonly #busy = new Map<EngineSlot, { jobId: string; progress: Progress | undefined }>();
  readonly #underWay = new Set<Promise<unknown>>();
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #closing = new AbortController();
  #isClosing = false;
  #downSince: number | undefined;

  /** Starts paused: what waits already is enqueued first, then `start` is called. */
  constructor(options: DispatcherOptions) {
    this.#options = options;
    this.#free = [...options.slots];
    this.#order = fairOrder(options.shares, options.clock);
    this.#queue = new PQueue({
      queueClass: this.#order.queueClass,
      concurrency: options.slots.length,
      autoStart: false,
    });
  }

  start(): void {
    this.#queue.start();
  }

  /** Since when no engine has answered, Unix ms; undefined while all is well. */
  get downSince(): number | undefined {
    return this.#downSince;
  }

  get engines(): readonly EngineState[] {
    return this.#options.slots.map((slot) => {
      const { jobId, progress } = this.#busy.get(slot) ?? { jobId: undefined, progress: undefined };
      return { name: slot.name, jobId, progress };
    });
  }

  /** Puts a job's missing pictures into the order. */
  enqueue(job: LiveJob): void {
    const live: Live = { ...job, stop: new AbortController(), tries: new Map(), open: 0, begun: 0 };
    this.#live.set(job.id, live);
    for (const number of job.missing) this.#add(live, number);
  }

  /**
   * Takes a job's waiting pictures out, and stops those being painted before their next network call. What waits only is
   * cancelled when this returns.
   * @returns whether there was something to cancel.
   */
  async cancel(id: string, actor: string): Promise<boolean> {
    const live = this.#live.get(id);
    if (live === undefined || live.stop.signal.aborted) return false;
    this.#stop(live, actor);
    if (live.begun > 0) return true;
    return this.#end(live, 'cancelled', undefined, { actor, reason: 'cancelled', at: this.#options.clock() });
  }

  #stop(live: Live, actor: string): void {
    for (const number of live.missing) this.#order.cancel(unitOf(live, number));
    live.stop.abort(new Stopped(actor));
  }

  /**
   * Starts nothing more, gives what runs until the signal, then stops it; stopped jobs wait again. Ends when every engine
   * is free and everything is written.
   */
  async close(signal: AbortSignal): Promise<void> {
    this.#isClosing = true;
    this.#queue.pause();
    for (const timer of this.#timers) clearTimeout(timer);
    const stopAll = (): void => {
      for (const live of this.#live.values()) live.stop.abort(new Stopped(undefined));
      this.#closing.abort();
    };
    if (signal.aborted) stopAll();
    signal.addEventListener('abort', stopAll, { once: true });
    while (this.#underWay.size > 0) await Promise.allSettled(this.#underWay);
    signal.removeEventListener('abort', stopAll);
    this.#closing.abort();
  }

  #add(live: Live, number: number): void {
    live.open += 1;
    const { id, personId: person, communityId: community, unitCostMs } = live;
    const share = { id, person, community, unitCostMs };
    void this.#order
      .add(this.#queue, unitOf(live, number), share, async () => this.#track(this.#paint(live, number)))
      .then((outcome) => {
        if (outcome === 'cancelled') this.#leave(live);
      })
      .catch((error: unknown) =>
        this.#options.log.error({ err: error, job: id }, 'A picture ended without an outcome.'),
      );
  }

  #leave(live: Live): void {
    live.open -= 1;
    if (live.open === 0 && this.#live.get(live.id) === live) this.#live.delete(live.id);
  }

  async #track<T>(work: Promise<T>): Promise<T> {
    this.#underWay.add(work);
    try {
      return await work;
    } finally {
      this.#underWay.delete(work);
    }
  }

  /** In a slot of the queue; settles when the engine is free. @returns engine milliseconds to charge. */
  async #paint(live: Live, number: number): Promise<number> {
    const { store, clock } = this.#options;
    const slot = this.#free.pop();
    if (slot === undefined) throw new Fault('Expected a free engine for a picture whose turn it is, got none.');
    const token = randomUUID();
    let startedAt = clock();
    let engineMs = 0;
    live.begun += 1;
    try {
      const attempt = { token, number, engine: slot.name };
      const because = { actor: 'system', reason: 'turn', at: startedAt };
      if (live.stop.signal.aborted || !(await beginAttempt(store, live, attempt, because))) {
        live.begun -= 1;
        this.#leave(live);
        return 0;
      }
      const job = await jobById(store.db, live.id);
      if (job === undefined) throw new Fault('Expected the row of a job that has just begun, got none.');
      this.#busy.set(slot, { jobId: live.id, progress: undefined });
      startedAt = clock();
      const painted = await this.#callEngine(live, job, number, slot);
      engineMs = painted.result.totalMs;
      void this.#track(this.#putAway(live, job, { token, number }, painted));
    } catch (error) {
      // Charged is what the engine was busy with it, whoever is to blame, but not what a crash cost.
      engineMs = error instanceof Fault && error.mayPass ? 0 : clock() - startedAt;
      await this.#giveUp(live, { token, number, engineMs }, error);
    } finally {
      this.#busy.delete(slot);
      this.#free.push(slot);
    }
    return engineMs;
  }

  async #callEngine(live: Live, job: Job, number: number, slot: EngineSlot): Promise<Painted> {
    const { store, card, faceFinder, onProgress } = this.#options;
    try {
      const painted = await paintPicture(parametersOf(job), number, {
        blobs: store.blobs,
        engine: slot.engine,
        card,
        faceFinder,
        signal: live.stop.signal,
        onProgress: (progress) => {
          const busy = this.#busy.get(slot);
          if (busy !== undefined) busy.progress = progress;
          onProgress(job, progress);
        },
      });
      this.#downSince = undefined;
      return painted;
    } catch (error) {
      if (error instanceof Fault && error.mayPass) this.#noteDown();
      throw error;
    }
  }

  /** After the engine: checks, files, rows. The next picture is painted meanwhile. */
  async #putAway(
    live: Live,
    job: Job,
    attempt: { readonly token: string; readonly number: number },
    painted: Painted,
  ): Promise<void> {
    const { store, clock, speed, checkResult, onEnd } = this.#options;
    const engineMs = painted.result.totalMs;
    try {
      const verdict = await checkResult(painted, live);
      if (verdict.kind === 'refuse') throw new Refusal(verdict.code, verdict.sentence);
      const files = await storePicture(painted, store.blobs);
      const kept = verdict.kind === 'hold' ? 'held' : 'kept';
      const state = await acceptPicture(store, live, attempt, painted, files, kept, { at: clock(), engineMs });
      live.begun -= 1;
      this.#leave(live);
      if (state === 'done' || state === 'held') onEnd(job.id, state);
      else await this.#endIfStopped(live);
      await speed.learn(await estimateCost(painted.wish, this.#options.card), engineMs);
    } catch (error) {
      await this.#giveUp(live, { ...attempt, engineMs }, error);
    }
  }

  /** An attempt without a picture: again later, back into the line, or the end of the job. */
  async #giveUp(
    live: Live,
    { token, number, engineMs }: { readonly token: string; readonly number: number; readonly engineMs: number },
    error: unknown,
  ): Promise<void> {
    const { store, clock, log, retry } = this.#options;
    const { signal } = live.stop;
    live.begun -= 1;
    if (signal.aborted && error === signal.reason && signal.reason instanceof Stopped) {
      const { actor } = signal.reason;
      if (actor === undefined) {
        const because = { actor: 'system', reason: 'stopped', at: clock() };
        await this.#persist(async () => putBack(store, live, { token, engineMs, outcome: 'lost' }, 0, because));
      } else {
        const because = { actor, reason: 'cancelled', at: clock() };
        await this.#end(live, 'cancelled', { token, engineMs }, because);
      }
      this.#leave(live);
      return;
    }
    if (error instanceof Refusal) {
      const because = { actor: 'system', reason: error.code, at: clock() };
      await this.#end(live, 'refused', { token, engineMs }, because, { code: error.code, reason: error.message });
      this.#stop(live, 'system');
      this.#leave(live);
      return;
    }
    const tries = (live.tries.get(number) ?? 0) + 1;
    live.tries.set(number, tries);
    log.warn({ err: error, job: live.id, tries }, 'An attempt at a picture failed.');
    if (error instanceof Fault && error.mayPass && tries < retry.maxTries) {
      const waitMs = retry.firstBackoffMs * 4 ** (tries - 1);
      const because = { actor: 'system', reason: 'retry', at: clock() };
      await this.#persist(async () =>
        putBack(store, live, { token, engineMs, outcome: 'failed' }, clock() + waitMs, because),
      );
      this.#later(waitMs, () => {
        this.#add(live, number);
        this.#leave(live);
      });
      return;
    }
    const sentence =
      error instanceof Fault ? error.message : 'Something went wrong while painting; it was written down.';
    const because = { actor: 'system', reason: 'failed', at: clock() };
    await this.#end(live, 'failed', { token, engineMs }, because, { code: 'job.failed', reason: sentence });
    this.#stop(live, 'system');
    this.#leave(live);
  }

  /** Cancelled while its last begun picture was being put away: nobody else would end the job. */
  async #endIfStopped(live: Live): Promise<void> {
    const { signal } = live.stop;
    if (!(signal.reason instanceof Stopped) || signal.reason.actor === undefined || live.begun > 0) return;
    const because = { actor: signal.reason.actor, reason: 'cancelled', at: this.#options.clock() };
    await this.#end(live, 'cancelled', undefined, because);
  }

  async #end(
    live: Live,
    state: 'failed' | 'refused' | 'cancelled',
    attempt: { readonly token: string; readonly engineMs: number } | undefined,
    because: { readonly actor: string; readonly reason: string; readonly at: number },
    sentence?: { readonly code: string; readonly reason: string },
  ): Promise<boolean> {
    const { store, onEnd } = this.#options;
    const hasEnded = await this.#persist(async () => endWithout(store, live, state, attempt, because, sentence));
    if (hasEnded === true) onEnd(live.id, state);
    return hasEnded === true;
  }

  /**
   * Writes, and goes on trying while disk or database are in trouble: what happened must not be forgotten. At the end of
   * the program it is, and the next start takes the attempt for lost.
   */
  async #persist<T>(write: () => Promise<T>): Promise<T | undefined> {
    const { retry, log } = this.#options;
    for (let waitMs = retry.firstBackoffMs; ; waitMs = Math.min(retry.maxBackoffMs, waitMs * 2)) {
      try {
        return await write();
      } catch (error) {
        log.error({ err: error }, 'What became of a picture cannot be written down; it is tried again.');
        if (this.#closing.signal.aborted) return undefined;
        await delay(waitMs, undefined, { signal: this.#closing.signal }).catch(() => {});
      }
    }
  }

  #later(ms: number, work: () => void): void {
    if (this.#isClosing) return;
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      work();
    }, ms);
    this.#timers.add(timer);
  }

  /** Asks the engines until one answers: with nothing in the line nobody else would notice. */
  #noteDown(): void {
    if (this.#downSince !== undefined) return;
    this.#downSince = this.#options.clock();
    const ask = (): void =>
      this.#later(
        probeEveryMs,
        () => void this.#track(this.#probe()).then(() => this.#downSince !== undefined && ask()),
      );
    ask();
  }

  async #probe(): Promise<void> {
    const answers = await Promise.allSettled(this.#options.slots.map(async (slot) => slot.probe(this.#closing.signal)));
    if (answers.some(({ status }) => status === 'fulfilled')) this.#downSince = undefined;
  }
}

function unitOf({ id }: JobKey, number: number): string {
  return `${id}:${number}`;
}
