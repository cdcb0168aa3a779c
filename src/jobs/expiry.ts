/**
 * What is kept is kept for a time: photos until no job needs them, results, the audit trail and the history of use as the
 * settings say. Swept in small steps, so that nobody waits for it.
 */
import { setImmediate as turn } from 'node:timers/promises';
import type { Log } from '../log.ts';
import { dropActs } from '../store/acts.ts';
import { appendAudit, pruneAudit } from '../store/audit.ts';
import { dropBlobRefs, dropExpiredBlobRefs } from '../store/blob-rows.ts';
import { communityOfJob, deleteJob, endedJobIds } from '../store/jobs.ts';
import { dropReplaced } from '../store/restore.ts';
import { dropExpiredValues } from '../store/settings.ts';
import type { Store } from '../store/store.ts';
import type { Tx } from '../store/tables.ts';
import { forgetUsage } from '../store/usage.ts';

export interface Retention {
  /** A photo, after the end of the last job that needs it. */
  readonly photoMs: number;
  /** A job with its pictures and deliveries, after its end. */
  readonly resultMs: number;
  readonly auditMs: number;
  /** At least what the fair shares are rebuilt from. */
  readonly usageMs: number;
  /** A file that nobody needs, after it was written or let go: what a request has between its photo and its job. */
  readonly blobGraceMs: number;
}

/** How many of each were removed. */
export type Swept = Record<
  'photos' | 'results' | 'references' | 'values' | 'acts' | 'usage' | 'audit' | 'blobs' | 'replaced',
  number
>;

/** What a restore has moved aside holds photos too: it stays for as long as these, but for a day at least. */
const REPLACED_MS = 24 * 3_600_000;
/** A platform tells of what somebody did for a day at the longest (https://core.telegram.org/bots/api#getting-updates). */
const ACT_MS = 24 * 3_600_000;
/** Rows of one step. */
const STEP = 50;

/** @property clock now, in Unix ms. @property everyMs from one sweep to the next. */
export interface ExpiryOptions {
  readonly store: Store;
  readonly retention: Retention;
  readonly clock: () => number;
  readonly log: Log;
  readonly everyMs: number;
}

/** Sweeps at once and from then on. `close` ends it, a sweep under way after its step. */
export function startExpiry({ store, retention, clock, log, everyMs }: ExpiryOptions): { close(): Promise<void> } {
  const closing = new AbortController();
  const sweep = async (): Promise<void> => {
    try {
      const swept = await sweepExpired(store, retention, clock, closing.signal);
      if (Object.values(swept).some((count) => count > 0)) log.info({ swept }, 'What had expired is gone.');
    } catch (error) {
      if (!closing.signal.aborted) log.error({ err: error }, 'What has expired cannot be removed; it is tried again.');
    }
  };
  let last = sweep();
  const timer = setInterval(() => {
    last = last.then(sweep);
  }, everyMs);
  return {
    async close() {
      clearInterval(timer);
      closing.abort(new Error('The sweep was ended.'));
      await last;
    },
  };
}

/**
 * Removes all that has expired by now.
 * @throws the signal's reason after the step at which it was aborted.
 */
export async function sweepExpired(
  store: Store,
  retention: Retention,
  clock: () => number,
  signal: AbortSignal,
): Promise<Swept> {
  const now = clock();
  const inSteps = async (step: (tx: Tx) => Promise<number>): Promise<number> => {
    let total = 0;
    for (let done = STEP; done >= STEP; total += done) {
      // The database answers on this thread: others get their turn between two steps.
      await turn();
      signal.throwIfAborted();
      done = await store.transaction(step);
    }
    return total;
  };
  const swept: Swept = {
    photos: await inSteps((tx) => dropPhotos(tx, now - retention.photoMs, now)),
    results: await inSteps((tx) => dropResults(tx, now - retention.resultMs, now)),
    references: await inSteps((tx) => dropExpiredBlobRefs(tx, now, STEP)),
    values: await inSteps((tx) => dropExpiredValues(tx, now, STEP)),
    acts: await inSteps((tx) => dropActs(tx, now - ACT_MS, STEP)),
    usage: await inSteps((tx) => forgetUsage(tx, now - retention.usageMs, STEP)),
    audit: await inSteps((tx) => pruneAudit(tx, now - retention.auditMs, STEP)),
    blobs: await sweepBlobs(store, retention.blobGraceMs, signal),
    replaced: await dropReplaced(store.dataDir, now - Math.max(retention.photoMs, REPLACED_MS)),
  };
  // What was deleted must not be read from the write-ahead log.
  if (Object.values(swept).some((count) => count > 0)) await store.scrub();
  return swept;
}

/** Lets go of the photos of jobs that ended before a time. The same photo stays for another job that needs it. */
async function dropPhotos(tx: Tx, endedBefore: number, now: number): Promise<number> {
  const due = await tx
    .selectFrom('blobRefs')
    .innerJoin('jobs', 'jobs.id', 'blobRefs.ownerId')
    .select('blobRefs.ownerId as id')
    .where('blobRefs.ownerKind', '=', 'job')
    .where('blobRefs.role', '=', 'photo')
    .where('jobs.endedAt', '<', endedBefore)
    .limit(STEP)
    .execute();
  for (const { id } of due) await dropBlobRefs(tx, { ownerKind: 'job', ownerId: id, role: 'photo' }, now);
  return due.length;
}

/** Deletes jobs that ended before a time, with all they own; that there was one stays in the audit trail. */
async function dropResults(tx: Tx, endedBefore: number, now: number): Promise<number> {
  const due = await endedJobIds(tx, { endedBefore, limit: STEP });
  for (const id of due) {
    const community = await communityOfJob(tx, id);
    await dropBlobRefs(tx, { ownerKind: 'job', ownerId: id }, now);
    await deleteJob(tx, id);
    await appendAudit(tx, {
      community,
      at: now,
      actor: 'system',
      action: 'job.expired',
      subject: `job:${id}`,
      reason: '',
      detail: {},
    });
  }
  return due.length;
}

async function sweepBlobs(store: Store, graceMs: number, signal: AbortSignal): Promise<number> {
  let removed = 0;
  for (let more = true; more;) {
    await turn();
    const sweep = await store.blobs.sweep({ graceMs, limit: STEP, signal });
    removed += sweep.removed;
    // Blobs that somebody took again meanwhile are spared and not seen again; without any progress it is enough.
    more = sweep.more && sweep.removed > 0;
  }
  return removed;
}
