/** Deleting one request: its rows and files are gone, that it was deleted stays in the audit trail. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Jobs } from '../jobs/service.ts';
import { liveStates } from '../jobs/states.ts';
import { appendAudit } from '../store/audit.ts';
import { dropBlobRefs } from '../store/blob-rows.ts';
import { insertRemoval } from '../store/forgettings.ts';
import { communityOfJob, deleteJob, jobById, lockJob } from '../store/jobs.ts';
import type { Store } from '../store/store.ts';
import { dropOthersPhotos } from './jobs-to-forget.ts';

/**
 * Deletes a job that nobody works on any more. A photo stays where another job of the same person needs it, not where others went on
 * from this one.
 * @param actor `person:ID`.
 * @returns the row of its message's removal, for `Forgetting.removeMessages`; undefined where the job was not there.
 */
export async function removeJob(store: Store, id: string, actor: string, at: number): Promise<string | undefined> {
  const { removalId, hashes } = await store.transaction(async (tx) => {
    // In the order of everybody who changes what is shown: the job first, its blobs after it.
    await lockJob(tx, id);
    const job = await jobById(tx, id);
    if (job !== undefined) await dropOthersPhotos(tx, job);
    const hashes = await dropBlobRefs(tx, { ownerKind: 'job', ownerId: id }, at);
    const community = await communityOfJob(tx, id);
    if (job === undefined || !(await deleteJob(tx, id))) return { removalId: undefined, hashes };
    // Without the commands' part, which has the name.
    const { cowbot: _, ...address } = job.address;
    const removalId = await insertRemoval(tx, { platform: job.platform, address, createdAt: at });
    const subject = `job:${id}`;
    await appendAudit(tx, { at, actor, action: 'job.deleted', subject, reason: 'asked', detail: {}, community });
    return { removalId, hashes };
  });
  await store.blobs.removeUnreferenced(hashes);
  await store.scrub();
  return removalId;
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
