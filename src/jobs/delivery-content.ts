import type { Delivery } from '../store/deliveries.ts';
import { jobById } from '../store/jobs.ts';
import { type Picture, picturesOfJob } from '../store/pictures.ts';
import type { Store } from '../store/store.ts';
import type { RefusalDetails } from '../errors.ts';
import type { JobState, JsonObject } from '../store/tables.ts';
import type { Content, DeliveredPicture, EndState } from './adapter.ts';

/**
 * What a delivery has to say, as its job stands now: what was removed since is not shown.
 * @returns undefined where the job goes on again or is gone, so that there is nothing to be said.
 */
export async function contentOf(store: Store, { jobId }: Pick<Delivery, 'jobId'>): Promise<Content | undefined> {
  const job = await jobById(store.db, jobId);
  if (job === undefined) return undefined;
  const state = endState(job.state);
  if (state === undefined) return undefined;
  const pictures = state === 'done' ? await picturesOfJob(store.db, jobId) : [];
  return {
    jobId,
    state,
    prompt: job.prompt,
    pictures: pictures.flatMap((picture) => shownPicture(store, picture)),
    isUnshared: pictures.some((picture) => picture.state === 'unshared'),
    code: job.failureCode,
    sentence: job.failureReason,
    details: detailsOf(job.failureDetails),
  };
}

function shownPicture(
  store: Store,
  { state, pngHash, number, seed, widthPx, heightPx }: Picture,
): readonly DeliveredPicture[] {
  if (state !== 'kept' || pngHash === null) return [];
  return [{ number, seed, widthPx, heightPx, png: () => store.blobs.get(pngHash) }];
}

/** Plain values only: what else a row may hold cannot fill a sentence. */
function detailsOf(stored: JsonObject | null): RefusalDetails | undefined {
  if (stored === null) return undefined;
  const plain = Object.entries(stored).flatMap(([name, value]): [string, string | number | boolean][] =>
    typeof value === 'object' ? [] : [[name, value]],
  );
  return Object.fromEntries(plain);
}

function endState(state: JobState): EndState | undefined {
  switch (state) {
    case 'queued':
    case 'running':
    case 'checking':
      return undefined;
    case 'held':
    case 'done':
    case 'failed':
    case 'cancelled':
    case 'refused':
    case 'removed':
      return state;
  }
}
