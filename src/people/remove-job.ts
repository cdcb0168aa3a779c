/** Deleting one request: its rows and files are gone, that it was deleted stays in the audit trail. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Jobs } from '../jobs/service.ts';
import { liveStates } from '../jobs/states.ts';
import { appendAudit } from '../store/audit.ts';
import { dropBlobRefs } from '../store/blob-rows.ts';
import { communityOfJob, deleteJob, jobById, lockJob } from '../store/jobs.ts';
import type { Store } from '../store/store.ts';

/**
 * Deletes a job that nobody works on any more. A photo stays where another job needs it.
 * @param actor `person:ID`.
 * @returns whether it was there.
 */
export async function removeJob(store: Store, id: string, actor: string, at: number): Promise<boolean> {
  const { isGone, hashes } = await store.transaction(async (tx) => {
    // In the order of everybody who changes what is shown: the job first, its blobs after it.
    await lockJob(tx, id);
    const hashes = await dropBlobRefs(tx, { ownerKind: 'job', ownerId: id }, at);
    const community = await communityOfJob(tx, id);
    const isGone = await deleteJob(tx, id);
    if (isGone) {
      const subject = `job:${id}`;
      await appendAudit(tx, { at, actor, action: 'job.deleted', subject, reason: 'asked', detail: {}, community });
    }
    return { isGone, hashes };
  });
  await store.blobs.removeUnreferenced(hashes);
  await store.scrub();
  return isGone;
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
