/** Takes messages of the bot's away, again and again until the platform has done it or says that it never will. */
import { addressOf, type Adapter } from '../jobs/adapter.ts';
import { type Backoff, backoffMs } from '../jobs/platform-call.ts';
import { type Log, redact } from '../log.ts';
import { deleteRemoval, dueRemovals, nextRemovalAt, postponeRemoval, type Removal } from '../store/forgettings.ts';
import type { Store } from '../store/store.ts';

export interface MessageRemovalOptions {
  readonly store: Store;
  readonly adapters: ReadonlyMap<string, Pick<Adapter, 'remove'>>;
  readonly giveUpAfterMs: number;
  readonly clock: () => number;
  readonly log: Log;
  /** Ends every call. */
  readonly signal: AbortSignal;
}

export interface MessageRemoval {
  /** Looks for messages that are due. */
  wake(): void;
  /** Takes these away now. @returns how many are left for later when `patience` is over. */
  remove(ids: readonly string[], patience: AbortSignal): Promise<number>;
  close(): Promise<void>;
}

const CALL_TIMEOUT_MS = 10_000;
const BACKOFF: Backoff = { firstBackoffMs: 2_000, maxBackoffMs: 600_000 };
const BATCH = 20;

export function startMessageRemoval(options: MessageRemovalOptions): MessageRemoval {
  const { store, clock, log, signal } = options;
  let timer: NodeJS.Timeout | undefined;
  let pass: Promise<void> = Promise.resolve();

  const removeDue = async (): Promise<void> => {
    let tried = 0;
    for (;;) {
      const due = await dueRemovals(store.db, { now: clock(), limit: BATCH });
      for (const removal of due) {
        if (signal.aborted) return;
        await attempt(options, removal);
      }
      tried += due.length;
      if (due.length < BATCH) break;
    }
    // An address names a chat, which may be somebody's private one: it must not be read from the write-ahead log either.
    if (tried > 0) await store.scrub();
    const nextAt = await nextRemovalAt(store.db);
    if (nextAt === undefined || signal.aborted) return;
    clearTimeout(timer);
    timer = setTimeout(wake, Math.min(BACKOFF.maxBackoffMs, Math.max(BACKOFF.firstBackoffMs / 2, nextAt - clock())));
  };
  const wake = (): void => {
    pass = pass.then(removeDue).catch((error: unknown) => {
      if (!signal.aborted) log.error({ err: error }, 'Messages could not be removed; it is tried again.');
    });
  };
  return {
    wake,
    async remove(ids, patience) {
      wake();
      const over = new Promise<void>((resolve) => {
        AbortSignal.any([patience, signal]).addEventListener('abort', () => resolve(), { once: true });
      });
      await Promise.race([pass, over]);
      return countLeft(store, ids);
    },
    async close() {
      clearTimeout(timer);
      await pass;
      clearTimeout(timer);
    },
  };
}

async function countLeft(store: Store, ids: readonly string[]): Promise<number> {
  const rows = await store.db.selectFrom('removals').select('id').execute();
  return rows.filter(({ id }) => ids.includes(id)).length;
}

async function attempt(options: MessageRemovalOptions, removal: Removal): Promise<void> {
  const { store, adapters, giveUpAfterMs, clock, log, signal } = options;
  const { id, platform, attemptCount, createdAt } = removal;
  const adapter = adapters.get(platform);
  const address = addressOf(removal.address);
  if (address === undefined) return deleteRemoval(store.db, id);
  const now = clock();
  let waitMs = backoffMs(attemptCount, BACKOFF);
  try {
    const stop = AbortSignal.any([signal, AbortSignal.timeout(CALL_TIMEOUT_MS)]);
    const result = await adapter?.remove(address, { signal: stop });
    if (result?.kind === 'sent' || result?.kind === 'never') return deleteRemoval(store.db, id);
    if (result?.kind === 'later') waitMs = result.retryAfterMs ?? waitMs;
  } catch (error) {
    if (signal.aborted) return;
    log.warn(
      { reason: redact(error instanceof Error ? error.message : 'unknown') },
      'A message could not be removed yet.',
    );
  }
  if (now + waitMs > createdAt + giveUpAfterMs) {
    log.warn({ platform }, 'A message stays: its platform did not take it away in time.');
    return deleteRemoval(store.db, id);
  }
  await postponeRemoval(store.db, id, now + waitMs);
}
