/**
 * Feeds the engines: hands each free one the picture whose turn it is, and sees every attempt through to its end in the
 * database. What is only in memory here can be lost at any moment: `recover.ts` finds it again.
 */
import { randomUUID } from 'node:crypto';
import PQueue from 'p-queue';

import type { ModelCard } from '../engine/card.ts';
import type { Engine, Progress } from '../engine/request.ts';
import { Fault, Refusal } from '../errors.ts';
import type { Log } from '../log.ts';
import { estimateCost } from '../painting/estimate.ts';
import type { SignResult } from '../photo/sign.ts';
import type { FaceFinder } from '../photo/faces.ts';
import { type FairOrder, fairOrder } from '../queue/p-queue-order.ts';
import type { FairShareState } from '../queue/shares.ts';
import type { Job } from '../store/jobs.ts';
import type { Store } from '../store/store.ts';
import type { AttemptOutcome, JobState } from '../store/tables.ts';
import { EnginePool, type EngineSlot, type EngineState } from './engine-pool.ts';
import {
  acceptPicture,
  type KeptVerdict,
  type AttemptKey,
  beginAttempt,
  beginChecks,
  endWithout,
  type FailureSentence,
  type JobKey,
  putBack,
} from './outcome.ts';
import { LostFile, paintPicture, type Painted, type PictureFiles, storePicture } from './paint-picture.ts';
import { parametersOf } from './parameters.ts';
import { createPatience, type Patience, type RetrySettings } from './patience.ts';
import type { SpeedBook } from './speed.ts';
import type { Because } from './states.ts';

/** What a check says of a picture before anybody sees it. */
export type ResultVerdict = KeptVerdict | { readonly kind: 'refuse'; readonly code: string; readonly sentence: string };

/** With the latest preview that there is, and after which network call it was made. */
export type PaintingProgress = Progress & { readonly previewCall?: number | undefined };

export interface DispatcherOptions {
  readonly store: Store;
  readonly slots: readonly EngineSlot[];
  readonly card: ModelCard;
  readonly shares: FairShareState;
  readonly faceFinder: FaceFinder;
  readonly speed: SpeedBook;
  /** Looks at a picture; the signal says that nobody wants it any more. */
  readonly checkResult: (painted: Painted, job: Job, signal: AbortSignal) => Promise<ResultVerdict>;
  readonly retry: RetrySettings;
  /** Of results, where the operator has a certificate. */
  readonly sign?: SignResult | undefined;
  /** Now, in Unix ms. */
  readonly clock: () => number;
  readonly log: Log;
  readonly onProgress: (job: Job, progress: PaintingProgress) => void;
  /** Whether those who see a job's placeholder may see it being painted; nobody's may where absent. */
  readonly mayPreview?: ((job: Job) => Promise<boolean>) | undefined;
  /** A job reached a state that is to be said. */
  readonly onEnd: (id: string, state: JobState) => void;
  /** Somebody's place in the line may have changed; told often, so that it should do next to nothing. */
  readonly onQueueChange?: () => void;
  /** An attempt ended that the database knows of. */
  readonly onAttempt?: (outcome: AttemptOutcome, engineMs: number) => void;
}

/** What the dispatcher keeps of a job that waits or is painted. */
export interface LiveJob extends JobKey {
  readonly unitCostMs: number;
  /** Pictures still to be painted. */
  readonly missing: readonly number[];
}

/** Where a job is that has not ended; `retrying`: its next attempt waits until `retryAt`. */
export type Stage =
  | { readonly kind: 'waiting' }
  | { readonly kind: 'checking' }
  | { readonly kind: 'painting'; readonly progress: Progress | undefined }
  | { readonly kind: 'retrying'; readonly retryAt: number };

interface Live extends LiveJob {
  readonly stop: AbortController;
  readonly tries: Map<number, number>;
  /** Pictures that wait, are painted or are being put away; of these the ones that have begun, and those to be tried later. */
  open: number;
  begun: number;
  resting: number;
  retryAt: number | undefined;
}

/** One try at one picture. */
interface Attempt extends AttemptKey {
  /** Whether the database knows of it. */
  isWritten: boolean;
  /** What it costs its person. */
  engineMs: number;
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

/** Few enough to cost nothing that can be measured; chats take one every few seconds anyway. */
const callsAPreview = 10;

export class Dispatcher {
  readonly #options: DispatcherOptions;
  readonly #order: FairOrder;
  readonly #queue: PQueue<InstanceType<FairOrder['queueClass']>>;
  readonly #pool: EnginePool;
  readonly #live = new Map<string, Live>();
  readonly #underWay = new Set<Promise<unknown>>();
  readonly #timers = new Set<NodeJS.Timeout>();
  /** Aborted when nothing may take longer any more. */
  readonly #cutOff = new AbortController();
  readonly #patience: Patience;
  #isClosing = false;

  /** Starts paused: what waits already is enqueued first, then `start` is called. */
  constructor(options: DispatcherOptions) {
    this.#options = options;
    this.#order = fairOrder(options.shares, options.clock);
    this.#queue = new PQueue({
      queueClass: this.#order.queueClass,
      concurrency: options.slots.length,
      autoStart: false,
    });
    const { slots, retry, clock, log } = options;
    this.#patience = createPatience(retry, log, this.#cutOff.signal);
    const { firstBackoffMs, maxBackoffMs } = retry;
    const onChange = (inOrder: number): void => this.#useEngines(inOrder);
    this.#pool = new EnginePool({ slots, firstBackoffMs, maxBackoffMs, clock, log, onChange });
  }

  start(): void {
    this.#queue.start();
  }

  /** Since when no engine has been in order, Unix ms; undefined while all is well. */
  get downSince(): number | undefined {
    return this.#pool.downSince;
  }

  get engines(): readonly EngineState[] {
    return this.#pool.states;
  }

  /** Puts a job's missing pictures into the order. */
  enqueue(job: LiveJob): void {
    const live: Live = {
      ...job,
      stop: new AbortController(),
      tries: new Map(),
      open: 0,
      begun: 0,
      resting: 0,
      retryAt: undefined,
    };
    this.#live.set(job.id, live);
    for (const number of job.missing) this.#add(live, number);
    this.#options.onQueueChange?.();
  }

  /** @returns undefined where the job has ended or was never here. */
  stageOf(id: string): Stage | undefined {
    const live = this.#live.get(id);
    if (live === undefined || (live.begun === 0 && live.stop.signal.aborted)) return undefined;
    const engine = this.#pool.states.find(({ jobId }) => jobId === id);
    if (engine !== undefined) return { kind: 'painting', progress: engine.progress };
    if (this.#options.shares.jobs.has(id)) return { kind: 'waiting' };
    return live.retryAt === undefined ? { kind: 'checking' } : { kind: 'retrying', retryAt: live.retryAt };
  }

  /** Whether something of it is still to be written down, also of a job that has ended already. */
  isBusy(id: string): boolean {
    const live = this.#live.get(id);
    return live !== undefined && live.open > live.resting;
  }

  /**
   * Takes a job's waiting pictures out, and stops those being painted before their next network call. What waits only is
   * cancelled when this returns; what is being painted a moment later, unless its last picture was being written down.
   * @returns whether there was something to cancel.
   */
  async cancel(id: string, actor: string): Promise<boolean> {
    const live = this.#live.get(id);
    if (live === undefined || live.stop.signal.aborted) return false;
    this.#stop(live, actor);
    if (live.begun > 0) return true;
    return this.#end(live, 'cancelled', undefined, this.#because('cancelled', actor));
  }

  /**
   * Starts nothing more, gives what runs until the signal, then stops it; stopped jobs wait again. Ends when every engine
   * is free and everything is written.
   */
  async close(signal: AbortSignal): Promise<void> {
    this.#isClosing = true;
    this.#queue.pause();
    for (const timer of this.#timers) clearTimeout(timer);
    const healed = this.#pool.close();
    const stopAll = (): void => {
      for (const live of this.#live.values()) if (live.begun > 0) live.stop.abort(new Stopped(undefined));
      this.#cutOff.abort(new Fault('The bot is stopping.'));
    };
    if (signal.aborted) stopAll();
    signal.addEventListener('abort', stopAll, { once: true });
    while (this.#underWay.size > 0) await Promise.allSettled(this.#underWay);
    signal.removeEventListener('abort', stopAll);
    this.#cutOff.abort();
    await healed;
  }

  /** No more pictures at once than there are engines in order. */
  #useEngines(inOrder: number): void {
    if (this.#isClosing) return;
    if (inOrder === 0) return this.#queue.pause();
    this.#queue.concurrency = inOrder;
    this.#queue.start();
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
    this.#options.onQueueChange?.();
    if (live.open === 0 && this.#live.get(live.id) === live) this.#live.delete(live.id);
  }

  #stop(live: Live, actor: string): void {
    for (const number of live.missing) this.#order.cancel(unitOf(live, number));
    live.stop.abort(new Stopped(actor));
  }

  #because(reason: string, actor = 'system'): Because {
    return { actor, reason, at: this.#options.clock() };
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
    if (live.stop.signal.aborted) {
      this.#leave(live);
      return 0;
    }
    const slot = this.#pool.take();
    if (slot === undefined) throw new Fault('Expected a free engine for a picture whose turn it is, got none.');
    live.begun += 1;
    this.#options.onQueueChange?.();
    try {
      if (await this.#isReady(slot, live.stop.signal)) return await this.#attempt(live, number, slot);
      // Through no fault of the picture: it waits on, and its tries are not counted.
      live.begun -= 1;
      if (live.begun === 0 && live.stop.signal.aborted) await this.#endStopped(live, undefined);
      else if (!this.#isClosing && !live.stop.signal.aborted) this.#add(live, number);
      this.#leave(live);
      return 0;
    } finally {
      this.#pool.giveBack(slot);
    }
  }

  async #isReady(slot: EngineSlot, signal: AbortSignal): Promise<boolean> {
    try {
      await slot.probe(signal);
      return true;
    } catch (error) {
      if (!signal.aborted) this.#pool.setDown(slot, error);
      return false;
    }
  }

  async #attempt(live: Live, number: number, slot: EngineSlot): Promise<number> {
    const { store, card } = this.#options;
    const attempt: Attempt = { token: randomUUID(), number, engine: slot.name, isWritten: false, engineMs: 0 };
    try {
      const job = await this.#patience.throughTrouble(async () =>
        beginAttempt(store, live, attempt, card, this.#because('turn')),
      );
      if (job === undefined) {
        live.begun -= 1;
        this.#leave(live);
        return 0;
      }
      attempt.isWritten = true;
      const painted = await this.#callEngine(live, job, slot, attempt);
      void this.#track(this.#putAway(live, job, attempt, painted));
    } catch (error) {
      await this.#giveUp(live, attempt, error);
    }
    return attempt.engineMs;
  }

  async #callEngine(live: Live, job: Job, slot: EngineSlot, attempt: Attempt): Promise<Painted> {
    const { store, card, faceFinder, clock, onProgress } = this.#options;
    const generate: Engine['generate'] = async (request, options) => {
      const beganAt = clock();
      try {
        const result = await slot.engine.generate(request, options);
        attempt.engineMs = result.totalMs;
        return result;
      } catch (error) {
        if (error instanceof Fault && error.mayPass) this.#pool.setDown(slot, error);
        // What was the engine's own fault, or ours, costs nobody anything.
        const isCharged = error instanceof Refusal || (error instanceof Stopped && error.actor !== undefined);
        if (isCharged) attempt.engineMs = clock() - beganAt;
        throw error;
      }
    };
    const previewEveryCalls = (await this.#options.mayPreview?.(job)) === true ? callsAPreview : undefined;
    let shown: Pick<PaintingProgress, 'preview' | 'previewCall'> = {};
    this.#pool.show(slot, live.id, undefined);
    return paintPicture(parametersOf(job), attempt.number, {
      blobs: store.blobs,
      generate,
      card,
      faceFinder,
      signal: live.stop.signal,
      previewEveryCalls,
      onProgress: (progress) => {
        const { preview, ...numbers } = progress;
        if (preview !== undefined) shown = { preview, previewCall: progress.done };
        this.#pool.show(slot, live.id, numbers);
        onProgress(job, { ...numbers, ...shown });
      },
    });
  }

  /** After the engine: checks, files, rows. The next picture is painted meanwhile. */
  async #putAway(live: Live, job: Job, attempt: Attempt, painted: Painted): Promise<void> {
    const { store, card, speed, checkResult, sign, onEnd } = this.#options;
    const { signal } = live.stop;
    try {
      // Its files are written while it is looked at.
      const storing = this.#patience.throughTrouble(async () => storePicture(painted, store.blobs, sign));
      const [verdict, files] = await Promise.all([
        this.#orLetGo(storing, checkResult(painted, job, signal)),
        storing,
        live.open > 1
          ? undefined
          : this.#patience.throughTrouble(async () => beginChecks(store, live, this.#because('painted'))),
      ]);
      if (signal.reason instanceof Stopped && signal.reason.actor !== undefined) {
        await store.blobs.removeUnreferenced(Object.values(files));
        throw signal.reason;
      }
      const because = { ...this.#because('painted'), detail: { picture: attempt.number, check: verdict.kind } };
      const state = await this.#patience.throughTrouble(async () =>
        acceptPicture(store, live, attempt, painted, files, verdict, because),
      );
      // Nobody wants it any more: its files belong to nobody.
      if (state === undefined) await store.blobs.removeUnreferenced(Object.values(files));
      live.begun -= 1;
      if (state !== undefined) this.#options.onAttempt?.('done', attempt.engineMs);
      if (state === 'done' || state === 'held') onEnd(job.id, state);
      else if (live.begun === 0 && signal.aborted) await this.#endStopped(live, undefined);
      this.#leave(live);
    } catch (error) {
      await this.#giveUp(live, attempt, error);
    }
    try {
      const { wish, composition } = painted;
      await speed.learn(await estimateCost(wish, card, composition.request.restart?.strength), attempt.engineMs);
    } catch (error) {
      this.#options.log.warn({ err: error }, 'The speed of the model was not kept.');
    }
  }

  /** @throws as the check does, Refusal where it refuses; then the files are gone again. */
  async #orLetGo(storing: Promise<PictureFiles>, check: Promise<ResultVerdict>): Promise<KeptVerdict> {
    // Trouble with the files is heard by whoever waits for them.
    const stored = storing.catch(() => undefined);
    try {
      const verdict = await check;
      if (verdict.kind === 'refuse') throw new Refusal(verdict.code, verdict.sentence);
      return verdict;
    } catch (error) {
      const files = await stored;
      if (files !== undefined) await this.#options.store.blobs.removeUnreferenced(Object.values(files));
      throw error;
    }
  }

  /** An attempt without a picture: again later, back into the line, or the end of the job. */
  async #giveUp(live: Live, attempt: Attempt, error: unknown): Promise<void> {
    const { log, retry } = this.#options;
    const { number } = attempt;
    live.begun -= 1;
    // Whatever else goes wrong with a picture that nobody wants any more is no matter.
    if (live.stop.signal.aborted) await this.#endStopped(live, attempt);
    else if (error instanceof Refusal) {
      const { code, message: reason, details } = error;
      await this.#end(live, 'refused', attempt, this.#because(code), { code, reason, details });
      this.#stop(live, 'system');
    } else {
      const tries = (live.tries.get(number) ?? 0) + 1;
      live.tries.set(number, tries);
      log.warn({ err: error, job: live.id, tries }, 'An attempt at a picture failed.');
      if (error instanceof Fault && error.mayPass && tries < retry.maxTries) {
        await this.#tryLater(live, attempt, retry.firstBackoffMs * 4 ** (tries - 1));
        return;
      }
      await this.#end(live, 'failed', attempt, this.#because('failed'), sentenceOf(error));
      this.#stop(live, 'system');
    }
    this.#leave(live);
  }

  /** Stopped by somebody: the job ends. By the end of the program: it waits again. */
  async #endStopped(live: Live, attempt: Attempt | undefined): Promise<void> {
    const { reason } = live.stop.signal;
    const actor = reason instanceof Stopped ? reason.actor : undefined;
    if (actor !== undefined) await this.#end(live, 'cancelled', attempt, this.#because('cancelled', actor));
    else if (attempt !== undefined) await this.#putBack(live, attempt, 'lost', 0, 'stopped');
  }

  async #tryLater(live: Live, attempt: Attempt, waitMs: number): Promise<void> {
    const retryAt = this.#options.clock() + waitMs;
    await this.#putBack(live, attempt, 'failed', retryAt, 'retry');
    live.retryAt = retryAt;
    live.resting += 1;
    this.#later(waitMs, () => {
      live.resting -= 1;
      live.retryAt = undefined;
      if (!live.stop.signal.aborted) this.#add(live, attempt.number);
      this.#leave(live);
    });
  }

  async #putBack(
    live: Live,
    attempt: Attempt,
    outcome: 'failed' | 'lost',
    notBefore: number,
    reason: string,
  ): Promise<void> {
    if (!attempt.isWritten) return;
    const { store, onAttempt } = this.#options;
    const isBack = await this.#patience.persist(async () =>
      putBack(store, live, { ...attempt, outcome }, notBefore, this.#because(reason)),
    );
    if (isBack === true) onAttempt?.(outcome, attempt.engineMs);
  }

  async #end(
    live: Live,
    state: 'failed' | 'refused' | 'cancelled',
    attempt: Attempt | undefined,
    because: Because,
    sentence?: FailureSentence,
  ): Promise<boolean> {
    const { store, onEnd, onAttempt } = this.#options;
    const written = attempt?.isWritten === true ? attempt : undefined;
    const hasEnded = await this.#patience.persist(async () =>
      endWithout(store, live, state, written, because, sentence),
    );
    if (hasEnded !== true) return false;
    if (written !== undefined) onAttempt?.(state === 'cancelled' ? 'cancelled' : 'failed', written.engineMs);
    onEnd(live.id, state);
    return true;
  }

  #later(ms: number, work: () => void): void {
    if (this.#isClosing) return;
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      work();
    }, ms);
    this.#timers.add(timer);
  }
}

/** For the person: a fault's own words are the operator's, and are in the log. */
function sentenceOf(error: unknown): FailureSentence {
  if (error instanceof LostFile) return { code: 'job.file-lost', reason: error.message };
  return error instanceof Fault && error.mayPass
    ? { code: 'job.engine', reason: 'The engine failed at this again and again; try again later.' }
    : { code: 'job.failed', reason: 'Something went wrong on our side while painting this; it was written down.' };
}

function unitOf({ id }: JobKey, number: number): string {
  return `${id}:${number}`;
}
