/** Stops a job, waiting or running. */
import { Refusal } from '../src/errors.ts';
import { parametersOf, toRow } from '../src/jobs/parameters.ts';
import { type Job, setJobParameters } from '../src/store/jobs.ts';
import { type Asked, auditName, toast } from './asked.ts';
import { mayStart } from './start-job.ts';
import { chooseUnderWay } from './under-way.ts';

/** @param named the person's only one under way where absent. */
export async function cancel(asked: Asked, named?: Job): Promise<void> {
  const job = named ?? (await chooseUnderWay(asked, 'cancel'));
  if (job === undefined) return;
  if (!(await asked.services.jobs.cancel(job.id, auditName(asked)))) {
    throw new Refusal('cancel.late', 'Too late to cancel: this one has ended already.');
  }
  await toast(asked, 'cancel.done');
}

/**
 * Puts what failed or was cancelled into the queue again, in its own message.
 * @throws Refusal as for a new request: what was allowed then may not be allowed now.
 */
export async function retry(asked: Asked, job: Job): Promise<void> {
  const { jobs, moderation, store, takeIn, signal } = asked.services;
  const { id, personId, communityId, prompt } = job;
  if (!(await mayStart(asked))) return;
  const parameters = parametersOf(job);
  const photos = parameters.photos.map(({ photo }) => photo);
  for (const photo of photos) {
    if ((await store.blobs.info(photo)) === undefined) {
      throw new Refusal('jobs.photo-gone', 'The photo of this picture is no longer kept. Send it again with /cow.');
    }
  }
  const wish = { personId, communityId, prompt, photos };
  const hold = await takeIn(async () => moderation.lookAtWish(wish, signal));
  // What a moderator was to look at is looked at still.
  if (hold !== undefined) await setJobParameters(store.db, id, toRow({ ...parameters, hold }));
  await jobs.retry(id, auditName(asked));
  await toast(asked, 'retry.done');
}
