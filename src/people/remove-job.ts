/** Deleting one request: its rows and files are gone, that it was deleted stays in the audit trail. */
import { appendAudit } from '../store/audit.ts';
import { dropBlobRefs } from '../store/blob-rows.ts';
import { communityOfJob, deleteJob } from '../store/jobs.ts';
import type { Store } from '../store/store.ts';

/**
 * Deletes a job that nobody works on any more. A photo stays where another job needs it.
 * @param actor `person:ID`.
 * @returns whether it was there.
 */
export async function removeJob(store: Store, id: string, actor: string, at: number): Promise<boolean> {
  const { isGone, hashes } = await store.transaction(async (tx) => {
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
