/** What becomes of pictures that are there: hidden, shown, shared, removed. Each in the transaction that is given. */
import { dropBlobRefs } from '../store/blob-rows.ts';
import { type Job, lockJob } from '../store/jobs.ts';
import { movePicture, picturesOfJob } from '../store/pictures.ts';
import type { PictureState, Tx } from '../store/tables.ts';
import { type FailureSentence, finish, sayNow } from './outcome.ts';
import { type Because, isLive } from './states.ts';

/** Takes a result out of sight until a moderator has decided. @returns false where it is not shown. */
export async function hideResult(tx: Tx, id: string, because: Because, sentence: FailureSentence): Promise<boolean> {
  const job = await lockJob(tx, id);
  if (job?.state !== 'done') return false;
  await movePictures(tx, job, ['kept'], 'hidden');
  await movePictures(tx, job, ['unshared'], 'held');
  return finish(tx, job, 'done', 'held', because, sentence);
}

/**
 * Shows a result that was held, to everybody where everybody saw it before.
 * @param as who sees from now on what was never shown to everybody.
 * @returns false where it is not held.
 */
export async function showResult(
  tx: Tx,
  id: string,
  because: Because,
  as: Extract<PictureState, 'kept' | 'unshared'>,
): Promise<boolean> {
  const job = await lockJob(tx, id);
  if (job?.state !== 'held') return false;
  await movePictures(tx, job, ['held'], as);
  await movePictures(tx, job, ['hidden'], 'kept');
  return finish(tx, job, 'held', 'done', because);
}

/** Shows everybody what only its owner saw. @returns false where there is nothing of that kind. */
export async function shareResult(tx: Tx, id: string, at: number): Promise<boolean> {
  const job = await lockJob(tx, id);
  if (job?.state !== 'done' || !(await movePictures(tx, job, ['unshared'], 'kept'))) return false;
  await sayNow(tx, job, 'done', at);
  return true;
}

/** Has a moderator look before everybody sees what only its owner saw. @returns as `shareResult`. */
export async function shareAfterReview(tx: Tx, id: string, because: Because): Promise<boolean> {
  await lockJob(tx, id);
  const isThere = (await picturesOfJob(tx, id)).some(({ state }) => state === 'unshared');
  return isThere && hideResult(tx, id, because, { code: 'share.review', reason: reviewFirst });
}

const reviewFirst = 'Here a moderator looks at every picture before it is shown.';

/**
 * Removes jobs for good, in whatever state they are: their pictures are lost, their messages say so, their photos are
 * let go of. What waits or is painted still ends as refused.
 * @returns the jobs that were not removed before, with the states they were in, and the blobs that nobody may need any
 * more (`Blobs.removeUnreferenced`).
 */
export async function removeResults(
  tx: Tx,
  ids: readonly string[],
  because: Because,
  sentence: FailureSentence,
): Promise<{ readonly removed: readonly Pick<Job, 'id' | 'state'>[]; readonly hashes: readonly string[] }> {
  const removed: Job[] = [];
  const hashes: string[] = [];
  for (const id of ids) {
    const job = await lockJob(tx, id);
    if (job === undefined || job.state === 'removed') continue;
    await movePictures(tx, job, ['kept', 'unshared', 'held', 'hidden'], 'removed');
    hashes.push(...(await dropBlobRefs(tx, { ownerKind: 'job', ownerId: id }, because.at)));
    removed.push(job);
  }
  // Rows of the trail last: its head is what everybody waits for, and whoever has it must wait for nobody.
  for (const job of removed) {
    await finish(tx, job, job.state, isLive(job.state) ? 'refused' : 'removed', because, sentence);
  }
  return { removed, hashes };
}

async function movePictures(
  tx: Tx,
  { id: jobId }: Job,
  from: readonly PictureState[],
  to: PictureState,
): Promise<boolean> {
  let moved = false;
  for (const { number, state } of await picturesOfJob(tx, jobId)) {
    if (!from.includes(state)) continue;
    moved = (await movePicture(tx, { jobId, number, from: state, to })) || moved;
  }
  return moved;
}
