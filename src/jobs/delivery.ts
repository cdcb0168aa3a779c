/**
 * The outbox: brings each result to the chat that its job came from. An adapter is called until it says sent or never,
 * or the time for it is over. A call may be repeated, for whoever dies between the platform's answer and the commit never
 * knew of it: every call edits the same message, so that a repeated one changes nothing.
 */
import { Fault, RemoteError } from '../errors.ts';
import { type Log, redact } from '../log.ts';
import { appendAudit } from '../store/audit.ts';
import {
  type Delivery,
  dueDeliveries,
  markSent,
  markUndeliverable,
  nextDeliveryAt,
  postponeDelivery,
} from '../store/deliveries.ts';
import { communityOfJob } from '../store/jobs.ts';
import type { Store } from '../store/store.ts';
import type { Tx } from '../store/tables.ts';
import { type Adapter, addressOf, type DeliverResult, type UndeliverableCode } from './adapter.ts';
import { contentOf } from './delivery-content.ts';
import type { ProgressNotes } from './delivery-progress.ts';

export interface DeliverySettings {
  /** A call that takes longer is ended and tried again. */
  readonly attemptTimeoutMs: number;
  /** Wait after the first failure; doubles with each further one, up to `maxBackoffMs`. A platform's own word goes first. */
  readonly firstBackoffMs: number;
  readonly maxBackoffMs: number;
  /** From a result's entry into the outbox until it counts as undeliverable. */
  readonly giveUpAfterMs: number;
  /** Calls under way at once on one platform; their pictures are in memory. */
  readonly maxAtOnce: number;
  /** Rows that another process wrote are seen at the latest after this. */
  readonly pollMs: number;
}

/** What an operator has no reason to change. */
export const deliveryDefaults: DeliverySettings = {
  attemptTimeoutMs: 60_000,
  firstBackoffMs: 1_000,
  maxBackoffMs: 600_000,
  giveUpAfterMs: 24 * 3_600_000,
  maxAtOnce: 64,
  pollMs: 5_000,
};

export interface DeliveryOptions {
  readonly store: Store;
  /** By platform. */
  readonly adapters: ReadonlyMap<string, Adapter>;
  readonly progress: Pick<ProgressNotes, 'end'>;
  /** Now, in Unix ms. */
  readonly clock: () => number;
  readonly log: Log;
  readonly settings: DeliverySettings;
  /** A result was brought or given up, so long after it came into the outbox. */
  readonly onEnd?: (state: 'sent' | 'undeliverable', waitedMs: number) => void;
}

export interface Outbox {
  /** Looks for what is due at once: there is a new row. */
  wake(): void;
  /** Calls under way at this moment. */
  readonly underWay: number;
  /**
   * Starts no more calls and lets those under way end, until the signal is aborted: then they are ended, and tried again
   * by the next process.
   */
  close(signal: AbortSignal): Promise<void>;
}

/** How many rows are looked at in one go. */
const BATCH = 100;

export function startOutbox(options: DeliveryOptions): Outbox {
  const outbox = new RunningOutbox(options);
  void outbox.run();
  return outbox;
}

class RunningOutbox implements Outbox {
  readonly #options: DeliveryOptions;
  /** Chats with a call under way. */
  readonly #lanes = new Map<string, Promise<void>>();
  /** Chats that asked to be left alone, until when (Unix ms). */
  readonly #resting = new Map<string, number>();
  readonly #callsOf = new Map<string, number>();
  readonly #cutOff = new AbortController();
  #isClosing = false;
  #ended: Promise<void> = Promise.resolve();
  #wakeUp: () => void = () => {};

  constructor(options: DeliveryOptions) {
    this.#options = options;
  }

  wake(): void {
    this.#wakeUp();
  }

  get underWay(): number {
    return this.#lanes.size;
  }

  run(): Promise<void> {
    this.#ended = this.#loop();
    return this.#ended;
  }

  async close(signal: AbortSignal): Promise<void> {
    this.#isClosing = true;
    this.wake();
    const cutOff = (): void => this.#cutOff.abort(new Fault('The outbox was closed.'));
    if (signal.aborted) cutOff();
    signal.addEventListener('abort', cutOff, { once: true });
    await this.#ended;
    await Promise.all(this.#lanes.values());
    signal.removeEventListener('abort', cutOff);
  }

  async #loop(): Promise<void> {
    while (!this.#isClosing) {
      const woken = new Promise<void>((resolve) => (this.#wakeUp = resolve));
      let waitMs = this.#options.settings.pollMs;
      try {
        await this.#startAllDue();
        waitMs = await this.#untilNextMs();
      } catch (error) {
        this.#options.log.error({ err: error }, 'The outbox cannot be read; it is tried again.');
      }
      if (this.#isClosing) return;
      await wokenOr(woken, waitMs);
    }
  }

  async #startAllDue(): Promise<void> {
    const { store, clock, settings } = this.#options;
    for (let started = 1; started > 0 && !this.#isClosing;) {
      started = 0;
      const now = clock();
      for (const [lane, until] of this.#resting) if (until <= now) this.#resting.delete(lane);
      const busyAdapters = [...this.#callsOf].flatMap(([name, calls]) => (calls >= settings.maxAtOnce ? [name] : []));
      const busyLanes = [...this.#lanes.keys(), ...this.#resting.keys()];
      for (const delivery of await dueDeliveries(store.db, { now, busyLanes, busyAdapters, limit: BATCH })) {
        if (!this.#hasRoom(delivery)) continue;
        this.#start(delivery);
        started++;
      }
    }
  }

  #hasRoom({ lane, adapter }: Delivery): boolean {
    // The lane may rest since the rows were read.
    if (this.#isClosing || this.#lanes.has(lane) || this.#resting.has(lane)) return false;
    return (this.#callsOf.get(adapter) ?? 0) < this.#options.settings.maxAtOnce;
  }

  #start(delivery: Delivery): void {
    const { lane, adapter } = delivery;
    this.#callsOf.set(adapter, (this.#callsOf.get(adapter) ?? 0) + 1);
    const attempt = this.#attempt(delivery)
      .catch((error: unknown) => this.#recover(delivery, error))
      .finally(() => {
        this.#lanes.delete(lane);
        this.#callsOf.set(adapter, (this.#callsOf.get(adapter) ?? 1) - 1);
        this.wake();
      });
    this.#lanes.set(lane, attempt);
  }

  /** The database could not take what the adapter said: the row still waits, and is tried again as it stands. */
  #recover({ id, lane }: Delivery, error: unknown): void {
    const { clock, settings, log } = this.#options;
    if (this.#cutOff.signal.aborted) return;
    log.error({ err: error, delivery: id }, 'A delivery could not be written down; it is tried again.');
    this.#resting.set(lane, clock() + settings.firstBackoffMs);
  }

  async #attempt(delivery: Delivery): Promise<void> {
    const { store, progress } = this.#options;
    const content = await contentOf(store, delivery);
    if (content === undefined) {
      await this.#end(delivery, { kind: 'never', reason: 'The job goes on again; its next result comes by itself.' });
      return;
    }
    await progress.end({ id: delivery.jobId });
    const result = await this.#call(delivery, content);
    await this.#end(delivery, result);
  }

  async #call(
    { adapter: platform, address: stored }: Delivery,
    content: NonNullable<Awaited<ReturnType<typeof contentOf>>>,
  ): Promise<DeliverResult> {
    const adapter = this.#options.adapters.get(platform);
    if (adapter === undefined) return { kind: 'later', reason: `The ${platform} adapter is off.` };
    const address = addressOf(stored);
    if (address === undefined) return { kind: 'never', reason: 'The job names no chat to answer in.' };
    const { attemptTimeoutMs } = this.#options.settings;
    const timeout = AbortSignal.timeout(attemptTimeoutMs);
    const signal = AbortSignal.any([timeout, this.#cutOff.signal]);
    try {
      return await unlessAborted(adapter.deliver(address, content, { signal }), signal);
    } catch (error) {
      // Nobody knows whether it got through: the next process asks again.
      this.#cutOff.signal.throwIfAborted();
      if (timeout.aborted) return { kind: 'later', reason: `The chat did not answer within ${attemptTimeoutMs} ms.` };
      return troubleOf(error);
    }
  }

  async #end(delivery: Delivery, result: DeliverResult): Promise<void> {
    switch (result.kind) {
      case 'sent':
        return this.#inOneTransaction(delivery, 'sent', '', (tx) =>
          markSent(tx, delivery.id, this.#options.clock(), result.receipt),
        );
      case 'never':
        return this.#giveUp(delivery, result.reason, result.code);
      case 'later':
        return this.#postpone(delivery, result);
    }
  }

  async #postpone(delivery: Delivery, result: Extract<DeliverResult, { kind: 'later' }>): Promise<void> {
    const { store, clock, settings } = this.#options;
    const { id, lane, attemptCount, createdAt } = delivery;
    const { reason, retryAfterMs } = result;
    const now = clock();
    const deadline = createdAt + settings.giveUpAfterMs;
    if (now >= deadline || (retryAfterMs !== undefined && now + retryAfterMs > deadline)) {
      return this.#giveUp(delivery, reason);
    }
    if (retryAfterMs !== undefined) this.#resting.set(lane, now + retryAfterMs);
    const backoffMs = Math.min(settings.maxBackoffMs, settings.firstBackoffMs * 2 ** Math.min(attemptCount, 30));
    // The last try is at the deadline, however long the backoff has become.
    const nextAttemptAt = retryAfterMs === undefined ? Math.min(now + backoffMs, deadline) : now + retryAfterMs;
    await store.transaction((tx) => postponeDelivery(tx, id, { nextAttemptAt, reason }));
  }

  async #giveUp(delivery: Delivery, reason: string, code?: UndeliverableCode): Promise<void> {
    await this.#inOneTransaction(delivery, 'undeliverable', reason, (tx) =>
      markUndeliverable(tx, delivery.id, reason, code),
    );
    this.#options.log.warn({ delivery: delivery.id, job: delivery.jobId }, 'A result cannot be delivered.');
  }

  async #inOneTransaction(
    { jobId, subject, createdAt }: Delivery,
    state: 'sent' | 'undeliverable',
    reason: string,
    move: (tx: Tx) => Promise<boolean>,
  ): Promise<void> {
    const { store, clock, onEnd } = this.#options;
    const hasMoved = await store.transaction(async (tx) => {
      if (!(await move(tx))) return false;
      await appendAudit(tx, {
        community: await communityOfJob(tx, jobId),
        at: clock(),
        actor: 'system',
        action: `delivery.${state}`,
        subject: `job:${jobId}`,
        reason,
        detail: { delivery: subject },
      });
      return true;
    });
    if (hasMoved) onEnd?.(state, clock() - createdAt);
  }

  async #untilNextMs(): Promise<number> {
    const { store, clock, settings } = this.#options;
    const now = clock();
    // What is due and did not start waits for its chat or its platform, whose end wakes the loop.
    const next = Math.min((await nextDeliveryAt(store.db, now)) ?? Infinity, ...this.#resting.values());
    return Math.max(0, Math.min(settings.pollMs, next - now));
  }
}

function troubleOf(error: unknown): DeliverResult {
  const reason = redact(error instanceof Error ? error.message : String(error));
  if (error instanceof RemoteError) return { kind: 'later', reason, retryAfterMs: error.retryAfterMs };
  // A stored picture that is lost or damaged stays so.
  if (error instanceof Fault && !error.mayPass) return { kind: 'never', reason };
  return { kind: 'later', reason };
}

async function wokenOr(woken: Promise<void>, waitMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const passed = new Promise<void>((resolve) => (timer = setTimeout(resolve, waitMs)));
  await Promise.race([woken, passed]);
  clearTimeout(timer);
}

/** An adapter that does not hear its signal must not hold up its chat for ever. */
async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const onAbort = (): void => reject(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
