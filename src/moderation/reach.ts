/** How far a ruling reaches: which pictures it takes away, and what their copies are known again by. */
import { Fault, Refusal } from '../errors.ts';
import { parametersOf } from '../jobs/parameters.ts';
import { readPhoto } from '../photo/intake.ts';
import type { Case } from '../store/cases.ts';
import { type Job, jobById, jobsOfPhotos } from '../store/jobs.ts';
import { picturesOfJob } from '../store/pictures.ts';
import type { Store } from '../store/store.ts';
import type { Handle } from '../store/tables.ts';
import type { Checker } from './checks/checker.ts';
import type { CheckedPicture } from './checks/picture.ts';
import type { PictureHashes } from './hashes/describe.ts';
import { readRemains, type Remains } from './remains.ts';
import { concernsPhoto } from './rules.ts';

/** What a ruling is about. */
export type Reaching = Pick<Case, 'kind' | 'communityId' | 'jobId' | 'reason' | 'remains'>;

/** The picture that a case is about, where it is there. */
export async function jobOf(db: Handle, { jobId }: Pick<Case, 'jobId'>): Promise<readonly Job[]> {
  const job = jobId === null ? undefined : await jobById(db, jobId);
  return job === undefined ? [] : [job];
}

/** Whoever is shown in a picture is shown in all that were made of the same photo, and in what is still to be made. */
export async function jobsToRemove(db: Handle, one: Reaching): Promise<readonly Job[]> {
  const jobs = await jobOf(db, one);
  if (one.kind !== 'depiction') return jobs;
  const photos = one.remains === null ? photosOf(jobs) : readRemains(one.remains).photos;
  if (photos.length === 0) return jobs;
  return (await jobsOfPhotos(db, photos)).filter(({ communityId }) => communityId === one.communityId);
}

function photosOf(jobs: readonly Job[]): readonly string[] {
  return jobs.flatMap((job) => parametersOf(job).photos.map(({ photo }) => photo));
}

/** What is needed to decide of the picture of a case that its owner is about to delete. @throws as `describeAll`. */
export async function remainsOf(store: Store, checker: Checker, one: Case): Promise<Remains> {
  const jobs = await jobOf(store.db, one);
  const photos = one.kind === 'depiction' ? photosOf(jobs) : [];
  const overdue = one.kind === 'depiction' && one.dueAt !== null ? 'expired' : 'withdrawn';
  return { hashes: await describeAll(store, checker, one, jobs), photos, overdue };
}

/**
 * Before pictures are gone: what their copies are known again by.
 * @throws Fault (`mayPass`) where one is there and could not be looked at.
 */
export async function describeAll(
  store: Store,
  checker: Checker,
  { jobId, reason, kind, remains }: Reaching,
  jobs: readonly Job[],
): Promise<readonly PictureHashes[]> {
  const files = new Set<string>();
  for (const job of jobs) {
    for (const { pngHash } of await picturesOfJob(store.db, job.id)) if (pngHash !== null) files.add(pngHash);
    if (job.id !== jobId || (kind !== 'depiction' && !concernsPhoto(reason))) continue;
    // Of several, nobody knows which it is about: the others show somebody who asked for nothing.
    const [photo, ...more] = parametersOf(job).photos;
    if (photo !== undefined && more.length === 0) files.add(photo.photo);
  }
  const hashes = remains === null ? [] : [...readRemains(remains).hashes];
  for (const file of files) {
    const photo = await readStored(store, file);
    if (photo !== undefined) hashes.push(await checker.describe(photo));
  }
  return hashes;
}

/** @returns undefined where it is gone or damaged: there is nothing to know it again by, and it is removed all the same. */
async function readStored(store: Store, hash: string): Promise<CheckedPicture | undefined> {
  try {
    return await readPhoto(await store.blobs.get(hash));
  } catch (error) {
    if (error instanceof Refusal || (error instanceof Fault && !error.mayPass)) return undefined;
    // Its owner deletes it at this moment.
    if ((await store.blobs.info(hash)) === undefined) return undefined;
    throw error;
  }
}
