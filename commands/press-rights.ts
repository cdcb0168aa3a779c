/** Whether somebody may use a button, asked of the database, whatever the button says. */
import { createHash } from 'node:crypto';
import { Refusal } from '../src/errors.ts';
import { liveStates } from '../src/jobs/states.ts';
import { caseOrRefusal } from '../src/moderation/cases.ts';
import { sanctionOrRefusal } from '../src/moderation/sanctions.ts';
import { type AuditRow, auditRow } from '../src/store/audit.ts';
import { type Case, reportsOfCase } from '../src/store/cases.ts';
import type { Job } from '../src/store/jobs.ts';
import { picturesOfJob } from '../src/store/pictures.ts';
import type { Sanction } from '../src/store/sanctions.ts';
import type { JobState } from '../src/store/tables.ts';
import type { Asked } from './asked.ts';
import type { Needs } from './press-table.ts';
import { type Managed, placeNamed } from './change-setting.ts';
import { moderates, requireIn, requireRole } from './rights.ts';

/** Nobody goes on from a picture that a moderator has to look at. @throws Refusal `job.gone`, `job.held`, `job.not-yours`, `sanction.*` */
export async function jobFor(
  asked: Asked,
  id: string,
  needs: Extract<Needs, 'owner' | 'sharer' | 'owner-or-moderator'>,
): Promise<Job> {
  const { jobs, arriving } = asked.services;
  // Whoever presses Cancel while the photo is on its way means the request all the same.
  await arriving.get(id);
  const job = await jobs.get(id);
  if (job === undefined || job.state === 'removed') throw jobGone();
  if (job.personId === asked.person.id || (await mayOther(asked, job, needs))) {
    if (needs !== 'sharer' || job.state !== 'held') return job;
    throw new Refusal('job.held', 'A moderator looks at this picture first. Go on from it when it is back.');
  }
  throw new Refusal(
    'job.not-yours',
    'Only the person who asked for this picture can do that. Make your own with /cow.',
  );
}

/** Forged, or of another version. */
export function actUnknown(): Refusal {
  return new Refusal('act.unknown', 'I do not know this button or command any more. /help shows what I can do.');
}

export function jobGone(): Refusal {
  return new Refusal('job.gone', 'This picture is no longer here. Ask for a new one with /cow.');
}

async function mayOther(
  asked: Asked,
  job: Job,
  needs: Extract<Needs, 'owner' | 'sharer' | 'owner-or-moderator'>,
): Promise<boolean> {
  const { community } = asked;
  const { communityId } = job;
  switch (needs) {
    case 'owner':
      return false;
    case 'sharer':
      return (
        communityId === community.id && community.settings.share === 'everyone' && (await isShownToAll(asked, job))
      );
    case 'owner-or-moderator':
      return moderates(asked, communityId);
  }
}

/** Not while a moderator has to look at it, nor before its owner has shared it. */
async function isShownToAll({ services: { store } }: Asked, { id, state }: Job): Promise<boolean> {
  const pictures = await picturesOfJob(store.db, id);
  return state !== 'held' && pictures.every((picture) => picture.state === 'kept');
}

/** @throws Refusal `case.gone`, `case.not-yours`, `case.own`, `sanction.*` */
export async function caseFor(
  asked: Asked,
  id: string,
  needs: Extract<Needs, 'moderator' | 'reporter'>,
): Promise<Case> {
  const { store } = asked.services;
  const one = await caseOrRefusal(store, id);
  switch (needs) {
    case 'reporter': {
      const reports = await reportsOfCase(store.db, id);
      if (reports.some(({ personId }) => personId === asked.person.id)) return one;
      throw new Refusal('case.not-your-report', 'Only those who reported this can add to it.');
    }
    case 'moderator': {
      const sanction = one.sanctionId === null ? undefined : await sanctionOrRefusal(store, one.sanctionId);
      await requireRuling(asked, sanction === undefined ? one.communityId : sanction.communityId, one.personId);
      return one;
    }
  }
}

/** @throws Refusal `sanction.gone`, `case.not-yours`, `case.own`, `right.operator`, `sanction.*` */
export async function sanctionFor(
  asked: Asked,
  id: string,
  needs: Extract<Needs, 'moderator' | 'operator'>,
): Promise<Sanction> {
  const sanction = await sanctionOrRefusal(asked.services.store, id);
  if (needs === 'operator') requireRole(asked.person.role, 'operator');
  else await requireRuling(asked, sanction.communityId, sanction.personId);
  return sanction;
}

/**
 * Whoever runs the bot may everywhere; moderators in their own community, wherever they press, and never about themselves.
 * @param communityId null: what holds everywhere.
 */
async function requireRuling(asked: Asked, communityId: string | null, personId: string | null): Promise<void> {
  const { person } = asked;
  if (person.role === 'operator') return;
  if (communityId === null || !(await moderates(asked, communityId))) {
    throw new Refusal('case.not-yours', 'Only moderators of this community can decide that.');
  }
  if (personId === person.id) {
    throw new Refusal('case.own', 'This is about you, so somebody else has to decide it.');
  }
}

/** @throws Refusal `audit.gone`, `right.*`, `sanction.*` */
export async function auditRowFor(asked: Asked, id: string, needs: Extract<Needs, 'moderator'>): Promise<AuditRow> {
  const seq = /^\d{1,15}$/.test(id) ? Number(id) : 0;
  const row = await auditRow(asked.services.store.db, seq);
  if (row === undefined) throw new Refusal('audit.gone', 'This page is no longer kept. Send /audit for a new one.');
  const { community: communityId } = row;
  if (communityId === undefined) requireRole(asked.person.role, 'operator');
  else if (!(await moderates(asked, communityId))) requireRole('member', needs);
  return row;
}

/** @throws Refusal `settings.gone`, `right.*`, `sanction.*` */
export async function managedFor(asked: Asked, id: string, needs: Extract<Needs, 'manager'>): Promise<Managed> {
  const managed = await placeNamed(asked, id);
  if (managed === undefined) {
    throw new Refusal('settings.gone', 'I do not know this community any more. Send /settings there for a new page.');
  }
  await requireIn(asked, managed.id, needs);
  return managed;
}

/** Whose button it is, without saying who: what stands in a group can be pressed by everybody. */
export function tagOf(personId: string): string {
  return createHash('sha256').update(personId).digest('base64url').slice(0, 16);
}

/** @throws Refusal `press.not-yours` where the button was made for somebody else. */
export function requireAsked({ person }: Asked, tag: string | undefined): void {
  if (tag === tagOf(person.id)) return;
  throw new Refusal('press.not-yours', 'This button is for whoever asked for it.');
}

export function isLive(state: JobState): boolean {
  return liveStates.some((live) => live === state);
}
