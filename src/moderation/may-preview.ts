import { parametersOf } from '../jobs/parameters.ts';
import { communitySettingsOf } from '../people/settings.ts';
import type { Job } from '../store/jobs.ts';
import type { Store } from '../store/store.ts';

/** Whether a picture may be seen while it is painted: not where somebody is to look at it before others do. */
export async function mayPreview(store: Store, job: Job): Promise<boolean> {
  if (parametersOf(job).hold !== undefined) return false;
  const { showing } = await communitySettingsOf(store, job.communityId);
  return showing === 'at-once';
}
