/** Stops a job, waiting or running. */
import { Refusal } from '../src/errors.ts';
import type { Job } from '../src/store/jobs.ts';
import { type Asked, auditName, toast } from './asked.ts';
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

/** Puts what failed or was cancelled into the queue again, in its own message. */
export async function retry(asked: Asked, { id }: Job): Promise<void> {
  await asked.services.jobs.retry(id, auditName(asked));
  await toast(asked, 'retry.done');
}
