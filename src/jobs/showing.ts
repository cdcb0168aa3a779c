/** What becomes of pictures that are there: hidden, shown, shared, removed. Each in the transaction that is given. */
import { dropBlobRefs } from '../store/blob-rows.ts';
import { type Job, lockJob } from '../store/jobs.ts';
import { movePicture, picturesOfJob } from '../store/pictures.ts';
import type { PictureState, Tx } from '../store/tables.ts';
import { type FailureSentence, finish, sayNow } from './outcome.ts';
import type { Because } from './states.ts';

/** Takes a result out of sight until a moderator has decided. @returns false where it is not shown. */
export async function hideResult(tx: Tx, id: string, because: Because, sentence: FailureSentence): Promise<boolean> {
  const job = await lockJob(tx, id);
  if (job?.state !== 'done') return false;
  await movePictures(tx, job, ['kept', 'unshared'], 'held');
  return finish(tx, job, 'done', 'held', because, sentence);
}

/** Shows a result that was held. @param as who sees it from now on. @returns false where it is not held. */
export async function showResult(
  tx: Tx,
  id: string,
  because: Because,
  as: Extract<PictureState, 'kept' | 'unshared'>,
): Promise<boolean> {
  const job = await lockJob(tx, id);
  if (job?.state !== 'held') return false;
  await movePictures(tx, job, ['held'], as);
  return finish(tx, job, 'held', 'done', because);
}

/** Shows everybody what only its owner saw. @returns false where there is nothing of that kind. */
export async function shareResult(tx: Tx, id: string, at: number): Promise<boolean> {
  const job = await lockJob(tx, id);
  if (job?.state !== 'done' || !(await movePictures(tx, job, ['unshared'], 'kept'))) return false;
  await sayNow(tx, job, 'done', at);
  return true;
}

/**
 * Removes a result for good: its pictures are lost, its message says so, its photo is let go of.
 * @returns the blobs that nobody may need any more (`Blobs.removeUnreferenced`); undefined where it was not there.
 */
export async function removeResult(
  tx: Tx,
  id: string,
  because: Because,
  sentence: FailureSentence,
): Promise<readonly string[] | undefined> {
  const job = await lockJob(tx, id);
  if (job === undefined || (job.state !== 'held' && job.state !== 'done')) return undefined;
  await movePictures(tx, job, ['kept', 'unshared', 'held'], 'removed');
  const hashes = await dropBlobRefs(tx, { ownerKind: 'job', ownerId: id }, because.at);
  await finish(tx, job, job.state, 'removed', because, sentence);
  return hashes;
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
