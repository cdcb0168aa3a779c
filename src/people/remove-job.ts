/** How one request goes: what is under way is stopped, then its rows go, and its files and its message after them. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Jobs } from '../jobs/service.ts';
import { liveStates } from '../jobs/states.ts';
import { dropBlobRefs } from '../store/blob-rows.ts';
import { insertRemoval } from '../store/forgettings.ts';
import { deleteJob, type Job, jobById } from '../store/jobs.ts';
import type { Store } from '../store/store.ts';
import type { Tx } from '../store/tables.ts';

/** @property removalId the row of its message's removal. @property hashes blobs that nobody may need any more. */
export interface Dropped {
  readonly removalId: string;
  readonly hashes: readonly string[];
}

/**
 * Deletes a job that nobody works on any more, and writes down that its message has to go. The trail, which everybody waits
 * for, is the caller's to write after it.
 * @param at Unix ms.
 */
export async function dropJob(tx: Tx, { id, platform, address: stored }: Job, at: number): Promise<Dropped> {
  const hashes = await dropBlobRefs(tx, { ownerKind: 'job', ownerId: id }, at);
  // Without the commands' part, which has the name.
  const { cowbot: _, ...address } = stored;
  const removalId = await insertRemoval(tx, { platform, address, createdAt: at });
  await deleteJob(tx, id);
  return { removalId, hashes };
}

const lookEveryMs = 50;

/**
 * Cancels a job that is not over and waits until nothing of it is written any more: an engine stops before its next
 * network call. @throws the signal's reason.
 */
export async function stopJob(
  { store, jobs }: { readonly store: Store; readonly jobs: Pick<Jobs, 'cancel' | 'isBusy'> },
  id: string,
  actor: string,
  signal: AbortSignal,
): Promise<void> {
  for (;;) {
    const job = await jobById(store.db, id);
    const isLive = job !== undefined && liveStates.some((live) => live === job.state);
    if (!isLive && !jobs.isBusy(id)) return;
    await jobs.cancel(id, actor);
    await delay(lookEveryMs, undefined, { signal });
  }
}
