/**
 * The outbox: brings each result to the chat that its job came from. An adapter is called until it says sent or never,
 * or the time for it is over. A call may be repeated, for whoever dies between the platform's answer and the commit never
 * knew of it: every call edits the same message, so that a repeated one changes nothing.
 */
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
import { type Adapter, addressOf, type Content, type UndeliverableCode } from './adapter.ts';
import { contentOf } from './delivery-content.ts';
import type { ProgressNotes } from './delivery-progress.ts';
import { type Lanes, startLanes } from './lanes.ts';
import { type Backoff, backoffMs, type CallResult, callPlatform } from './platform-call.ts';

export interface DeliverySettings extends Backoff {
  /** A call that takes longer is ended and tried again. */
  readonly attemptTimeoutMs: number;
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

export type Outbox = Lanes;

/** How many rows are looked at in one go. */
const batch = 100;

export function startOutbox(options: DeliveryOptions): Outbox {
  const { store, clock, log, settings } = options;
  return startLanes<Delivery>({
    due: async ({ lanes: busyLanes, platforms: busyAdapters }) =>
      dueDeliveries(store.db, { now: clock(), busyLanes, busyAdapters, limit: batch }),
    nextAt: async (after) => nextDeliveryAt(store.db, after),
    courseOf: ({ lane, adapter: platform }) => ({ lane, platform }),
    attempt: async (delivery, signal) => attempt(options, delivery, signal),
    onUnread: (error) => log.error({ err: error }, 'The outbox cannot be read; it is tried again.'),
    onUnwritten: ({ id }, error) =>
      log.error({ err: error, delivery: id }, 'A delivery could not be written down; it is tried again.'),
    restMs: settings.firstBackoffMs,
    maxAtOnce: settings.maxAtOnce,
    pollMs: settings.pollMs,
    clock,
  });
}

/** @returns until when the chat wants to be left alone. */
async function attempt(options: DeliveryOptions, delivery: Delivery, signal: AbortSignal): Promise<number | undefined> {
  const { store, progress } = options;
  const content = await contentOf(store, delivery);
  if (content === undefined) {
    return giveUp(options, delivery, 'The job goes on again; its next result comes by itself.');
  }
  await progress.end({ id: delivery.jobId });
  const result = await called(options, delivery, content, signal);
  switch (result.kind) {
    case 'sent': {
      const { receipt } = result;
      await inOneTransaction(options, delivery, 'sent', '', (tx) =>
        markSent(tx, delivery.id, options.clock(), receipt),
      );
      return undefined;
    }
    case 'never':
      return giveUp(options, delivery, result.reason, result.code);
    case 'failed':
      return result.isLasting ? giveUp(options, delivery, result.reason) : postpone(options, delivery, result);
    case 'later':
      return postpone(options, delivery, result);
  }
}

async function called(
  { adapters, settings }: DeliveryOptions,
  { adapter: platform, address: stored }: Delivery,
  content: Content,
  signal: AbortSignal,
): Promise<CallResult> {
  const adapter = adapters.get(platform);
  if (adapter === undefined) return { kind: 'later', reason: `The ${platform} adapter is off.` };
  const address = addressOf(stored);
  if (address === undefined) return { kind: 'never', reason: 'The job names no chat to answer in.' };
  const timeoutMs = settings.attemptTimeoutMs;
  return callPlatform((own) => adapter.deliver(address, content, { signal: own }), { timeoutMs, signal });
}

async function postpone(
  options: DeliveryOptions,
  delivery: Delivery,
  { reason, retryAfterMs }: { readonly reason: string; readonly retryAfterMs?: number | undefined },
): Promise<number | undefined> {
  const { store, clock, settings } = options;
  const { id, attemptCount, createdAt } = delivery;
  const now = clock();
  const deadline = createdAt + settings.giveUpAfterMs;
  if (now >= deadline || (retryAfterMs !== undefined && now + retryAfterMs > deadline)) {
    return giveUp(options, delivery, reason);
  }
  const restsUntil = retryAfterMs === undefined ? undefined : now + retryAfterMs;
  // The last try is at the deadline, however long the backoff has become.
  const nextAttemptAt = restsUntil ?? Math.min(now + backoffMs(attemptCount, settings), deadline);
  await store.transaction((tx) => postponeDelivery(tx, id, { nextAttemptAt, reason }));
  return restsUntil;
}

async function giveUp(
  options: DeliveryOptions,
  delivery: Delivery,
  reason: string,
  code?: UndeliverableCode,
): Promise<undefined> {
  const { id, jobId } = delivery;
  await inOneTransaction(options, delivery, 'undeliverable', reason, (tx) => markUndeliverable(tx, id, reason, code));
  options.log.warn({ delivery: id, job: jobId }, 'A result cannot be delivered.');
}

async function inOneTransaction(
  { store, clock, onEnd }: DeliveryOptions,
  { jobId, subject, createdAt }: Delivery,
  state: 'sent' | 'undeliverable',
  reason: string,
  move: (tx: Tx) => Promise<boolean>,
): Promise<void> {
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
