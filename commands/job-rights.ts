/** Whose job it is, and who else may touch it: asked of the database, whatever a button says. */
import { Refusal } from '../src/errors.ts';
import { liveStates } from '../src/jobs/states.ts';
import { isAtLeast } from '../src/people/roles.ts';
import type { Job } from '../src/store/jobs.ts';
import type { JobState } from '../src/store/tables.ts';
import type { Asked } from './asked.ts';

/**
 * `owner`: nobody but who asked for it. `moderator`: moderators of its community as well. `sharer`: everybody in its
 * community as well, where the community shares pictures.
 */
export type MayTouch = 'owner' | 'moderator' | 'sharer';

/** @throws Refusal `job.gone`, `job.not-yours` */
export async function jobFor(asked: Asked, id: string, who: MayTouch): Promise<Job> {
  const job = await asked.services.jobs.get(id);
  if (job === undefined || job.state === 'removed') {
    throw new Refusal('job.gone', 'This picture is no longer here. Ask for a new one with /cow.');
  }
  if (!mayTouch(asked, job, who)) {
    throw new Refusal(
      'job.not-yours',
      'Only the person who asked for this picture can do that. Make your own with /cow.',
    );
  }
  return job;
}

function mayTouch({ person, community }: Asked, job: Job, who: MayTouch): boolean {
  if (job.personId === person.id) return true;
  const isHere = job.communityId === community.id;
  switch (who) {
    case 'owner':
      return false;
    case 'moderator':
      return person.role === 'operator' || (isHere && isAtLeast(person.role, 'moderator'));
    case 'sharer':
      return isHere && community.settings.share === 'everyone';
  }
}

export function isLive(state: JobState): boolean {
  return liveStates.some((live) => live === state);
}
