/**
 * The outbox: brings each result to the chat that its job came from. An adapter is called until it says sent or never,
 * or the time for it is over. A call may be repeated, for whoever dies between the platform's answer and the commit never
 * knew of it: every call edits the same message, so that a repeated one changes nothing.
 */
import { Fault } from '../errors.ts';
import type { Log } from '../log.ts';
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
import { type Adapter, addressOf, type Content, type DeliverResult, type UndeliverableCode } from './adapter.ts';
import { contentOf } from './delivery-content.ts';
import type { ProgressNotes } from './delivery-progress.ts';
import { backoffMs, callChat } from './delivery/chat-call.ts';
import { type LaneKey, Lanes } from './delivery/lanes.ts';
import { type Rounds, startRounds } from './rounds.ts';

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

/** How many rows are looked at in one go. */
const BATCH = 100;

/** Brings what is due from now on, until it is closed. */
export function startOutbox(options: DeliveryOptions): Outbox {
  return new Outbox(options);
}

export class Outbox {
  readonly #options: DeliveryOptions;
  readonly #lanes: Lanes;
  readonly #rounds: Rounds;
  readonly #cutOff = new AbortController();

  constructor(options: DeliveryOptions) {
    const { settings, clock, log } = options;
    this.#options = options;
    this.#lanes = new Lanes({ maxAtOnce: settings.maxAtOnce, clock });
    this.#rounds = startRounds({
      look: async (closing) => this.#startAllDue(closing),
      onTrouble: (error) => log.error({ err: error }, 'The outbox cannot be read; it is tried again.'),
      pollMs: settings.pollMs,
    });
  }

  /** Looks for what is due at once: there is a new row. */
  wake(): void {
    this.#rounds.wake();
  }

  /**
   * Starts no more calls and lets those under way end, until the signal is aborted: then they are ended, and tried again
   * by the next process.
   */
  async close(signal: AbortSignal): Promise<void> {
    const cutOff = (): void => this.#cutOff.abort(new Fault('The outbox was closed.'));
    if (signal.aborted) cutOff();
    signal.addEventListener('abort', cutOff, { once: true });
    await this.#rounds.close();
    await this.#lanes.ended();
    signal.removeEventListener('abort', cutOff);
  }

  /** @returns ms until something that waits is due. */
  async #startAllDue(closing: AbortSignal): Promise<number> {
    const { store, clock } = this.#options;
    for (let started = 1; started > 0 && !closing.aborted;) {
      started = 0;
      const now = clock();
      const busy = { busyLanes: this.#lanes.busyLanes(), busyAdapters: this.#lanes.busyPlatforms() };
      for (const delivery of await dueDeliveries(store.db, { now, ...busy, limit: BATCH })) {
        // The lane may have begun to rest since the rows were read.
        if (closing.aborted || !this.#lanes.isFree(laneKeyOf(delivery))) continue;
        this.#start(delivery);
        started++;
      }
    }
    // What is due and did not start waits for its chat or its platform, whose end wakes the outbox.
    const now = clock();
    return Math.min((await nextDeliveryAt(store.db, now)) ?? Infinity, this.#lanes.nextRestedAt()) - now;
  }

  #start(delivery: Delivery): void {
    const attempt = async (): Promise<void> =>
      this.#attempt(delivery).catch((error: unknown) => this.#recover(delivery, error));
    void this.#lanes.begin(laneKeyOf(delivery), attempt).finally(() => this.wake());
  }

  /** The database could not take what the adapter said: the row still waits, and is tried again as it stands. */
  #recover({ id, lane }: Delivery, error: unknown): void {
    const { clock, settings, log } = this.#options;
    if (this.#cutOff.signal.aborted) return;
    log.error({ err: error, delivery: id }, 'A delivery could not be written down; it is tried again.');
    this.#lanes.rest(lane, clock() + settings.firstBackoffMs);
  }

  async #attempt(delivery: Delivery): Promise<void> {
    const { store, progress } = this.#options;
    const content = await contentOf(store, delivery);
    if (content === undefined) {
      await this.#giveUp(delivery, 'The job goes on again; its next result comes by itself.');
      return;
    }
    await progress.end({ id: delivery.jobId });
    const result = await this.#call(delivery, content);
    switch (result.kind) {
      case 'sent':
        return this.#end(delivery, 'sent', '', (tx) =>
          markSent(tx, delivery.id, this.#options.clock(), result.receipt),
        );
      case 'never':
        return this.#giveUp(delivery, result.reason, result.code);
      case 'later':
        return this.#postpone(delivery, result);
    }
  }

  async #call({ adapter: platform, address: stored }: Delivery, content: Content): Promise<DeliverResult> {
    const adapter = this.#options.adapters.get(platform);
    if (adapter === undefined) return { kind: 'later', reason: `The ${platform} adapter is off.` };
    const address = addressOf(stored);
    if (address === undefined) return { kind: 'never', reason: 'The job names no chat to answer in.' };
    const timeoutMs = this.#options.settings.attemptTimeoutMs;
    return callChat(async (signal) => adapter.deliver(address, content, { signal }), {
      timeoutMs,
      cutOff: this.#cutOff.signal,
    });
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
    if (retryAfterMs !== undefined) this.#lanes.rest(lane, now + retryAfterMs);
    const backoff = { firstMs: settings.firstBackoffMs, mostMs: settings.maxBackoffMs };
    // The last try is at the deadline, however long the backoff has become.
    const nextAttemptAt =
      retryAfterMs === undefined ? Math.min(now + backoffMs(backoff, attemptCount), deadline) : now + retryAfterMs;
    await store.transaction((tx) => postponeDelivery(tx, id, { nextAttemptAt, reason }));
  }

  async #giveUp(delivery: Delivery, reason: string, code?: UndeliverableCode): Promise<void> {
    await this.#end(delivery, 'undeliverable', reason, (tx) => markUndeliverable(tx, delivery.id, reason, code));
    this.#options.log.warn({ delivery: delivery.id, job: delivery.jobId }, 'A result cannot be delivered.');
  }

  /** Moves the delivery and writes down that it moved, in one transaction. */
  async #end(
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
}

function laneKeyOf({ lane, adapter }: Delivery): LaneKey {
  return { lane, platform: adapter };
}
