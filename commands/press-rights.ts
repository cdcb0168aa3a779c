/** Whether somebody may use a button, asked of the database, whatever the button says. */
import { Refusal } from '../src/errors.ts';
import { liveStates } from '../src/jobs/states.ts';
import { isAtLeast, type Role } from '../src/people/roles.ts';
import { type AuditRow, auditRow } from '../src/store/audit.ts';
import type { Job } from '../src/store/jobs.ts';
import type { JobState } from '../src/store/tables.ts';
import type { Asked } from './asked.ts';
import type { Needs } from './press-table.ts';
import { requireRole, roleIn } from './rights.ts';

/** @throws Refusal `job.gone`, `job.not-yours` */
export async function jobFor(asked: Asked, id: string, needs: Needs): Promise<Job> {
  const job = await asked.services.jobs.get(id);
  if (job === undefined || job.state === 'removed') {
    throw new Refusal('job.gone', 'This picture is no longer here. Ask for a new one with /cow.');
  }
  if (await meets(asked, needs, job)) return job;
  throw new Refusal(
    'job.not-yours',
    'Only the person who asked for this picture can do that. Make your own with /cow.',
  );
}

/** @throws Refusal `audit.gone`, `right.*` */
export async function auditRowFor(asked: Asked, id: string, needs: Needs & Role): Promise<AuditRow> {
  const seq = /^\d{1,15}$/.test(id) ? Number(id) : 0;
  const row = await auditRow(asked.services.store.db, seq);
  if (row === undefined) throw new Refusal('audit.gone', 'This page is no longer kept. Send /audit for a new one.');
  const { community: communityId } = row;
  if (communityId === undefined) requireRole(asked.person.role, 'operator');
  else requireRole(await roleIn(asked, communityId), needs);
  return row;
}

async function meets(asked: Asked, needs: Needs, { personId, communityId }: Job): Promise<boolean> {
  const { person, community } = asked;
  const isOwner = personId === person.id;
  switch (needs) {
    case 'anyone':
      return true;
    case 'owner':
      return isOwner;
    case 'sharer':
      return isOwner || (communityId === community.id && community.settings.share === 'everyone');
    case 'owner-or-moderator':
      return isOwner || isAtLeast(await roleIn(asked, communityId), 'moderator');
    case 'moderator':
      return isAtLeast(await roleIn(asked, communityId), 'moderator');
  }
}

export function isLive(state: JobState): boolean {
  return liveStates.some((live) => live === state);
}
