/** Which requests go with a person: their own, and those of others that show what the person gave. */
import { parametersOf } from '../jobs/parameters.ts';
import { type Job, jobsOfPhotos, jobsOfParents, listJobs } from '../store/jobs.ts';
import { picturesOfJob } from '../store/pictures.ts';
import type { Tx } from '../store/tables.ts';

const PAGE = 200;

/**
 * Others' requests go where they were painted from a photo that this person was the first to bring, go on from a picture
 * of theirs, or repeat their prompt after them. Who sent the same photo earlier keeps what they made of it: nobody can make
 * other people's pictures go by sending the same photo and being forgotten.
 * @returns the person's own first.
 */
export async function jobsToForget(tx: Tx, personId: string): Promise<readonly string[]> {
  const own = await ownJobs(tx, personId);
  const brought = await broughtFirst(tx, personId, own);
  const going = new Map(own.map((job) => [job.id, job]));
  for (const job of await jobsOfPhotos(tx, [...brought])) going.set(job.id, job);
  const prompts = new Set(own.map(({ prompt }) => prompt));
  for (let parents = [...going.keys()]; parents.length > 0;) {
    const latents = new Set<string>();
    for (const id of parents) {
      for (const { latentsHash } of await picturesOfJob(tx, id)) if (latentsHash !== null) latents.add(latentsHash);
    }
    const shows = (job: Job): boolean => {
      const { photos, restart } = parametersOf(job);
      return (
        prompts.has(job.prompt) ||
        photos.some(({ photo }) => brought.has(photo)) ||
        (restart !== undefined && latents.has(restart.latents))
      );
    };
    const children = (await jobsOfParents(tx, parents)).filter((job) => !going.has(job.id) && shows(job));
    for (const job of children) going.set(job.id, job);
    parents = children.map(({ id }) => id);
  }
  return [...going.keys()];
}

/** Photos of the person's requests that nobody's earlier request had. */
export async function photosBroughtFirst(tx: Tx, personId: string): Promise<ReadonlySet<string>> {
  return broughtFirst(tx, personId, await ownJobs(tx, personId));
}

/** Takes the photos that a job's person was the first to bring away from those who went on from it. */
export async function dropOthersPhotos(tx: Tx, job: Job): Promise<void> {
  const brought = await broughtFirst(tx, job.personId, [job]);
  if (brought.size === 0) return;
  const seen = new Set([job.id]);
  for (let parents = [job.id]; parents.length > 0;) {
    const children = (await jobsOfParents(tx, parents)).filter(({ id }) => !seen.has(id));
    for (const { id, personId } of children) {
      seen.add(id);
      if (personId === job.personId) continue;
      await tx
        .deleteFrom('blobRefs')
        .where('ownerKind', '=', 'job')
        .where('ownerId', '=', id)
        .where('role', '=', 'photo')
        .where('hash', 'in', [...brought])
        .execute();
    }
    parents = children.map(({ id }) => id);
  }
}

async function ownJobs(tx: Tx, personId: string): Promise<readonly Job[]> {
  const jobs: Job[] = [];
  for (let beforeSeq = Number.MAX_SAFE_INTEGER; ;) {
    const page = await listJobs(tx, { personId }, { beforeSeq, limit: PAGE });
    jobs.push(...page);
    const last = page.at(-1);
    if (last === undefined) return jobs;
    beforeSeq = last.seq;
  }
}

async function broughtFirst(tx: Tx, personId: string, own: readonly Job[]): Promise<ReadonlySet<string>> {
  const photos = new Set(own.flatMap((job) => parametersOf(job).photos.map(({ photo }) => photo)));
  const earliest = new Map<string, Job>();
  for (const job of await jobsOfPhotos(tx, [...photos])) {
    for (const { photo } of parametersOf(job).photos) {
      const known = earliest.get(photo);
      if (known === undefined || job.seq < known.seq) earliest.set(photo, job);
    }
  }
  return new Set([...photos].filter((photo) => (earliest.get(photo)?.personId ?? personId) === personId));
}
