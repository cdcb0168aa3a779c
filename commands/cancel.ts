/** Stops a job, waiting or running. */
import { Refusal } from '../src/errors.ts';
import { type Asked, auditName, toast } from './asked.ts';
import { jobFor } from './job-rights.ts';
import { chooseUnderWay } from './under-way.ts';

/** @param id the person's only one under way where absent. */
export async function cancel(asked: Asked, id?: string): Promise<void> {
  const job = id === undefined ? await chooseUnderWay(asked, 'cancel') : await jobFor(asked, id, 'moderator');
  if (job === undefined) return;
  if (!(await asked.services.jobs.cancel(job.id, auditName(asked)))) {
    throw new Refusal('cancel.late', 'Too late to cancel: this one has ended already.');
  }
  await toast(asked, 'cancel.done');
}

/** Puts what failed or was cancelled into the queue again, in its own message. */
export async function retry(asked: Asked, id: string): Promise<void> {
  const job = await jobFor(asked, id, 'owner');
  await asked.services.jobs.retry(job.id, auditName(asked));
  await toast(asked, 'retry.done');
}
