/** Delete, where moderators are concerned: an owner's ends no case, and a moderator's is a ruling. */
import { randomUUID } from 'node:crypto';
import type { Because } from '../jobs/states.ts';
import { dropOthersPhotos } from '../people/jobs-to-forget.ts';
import { type Dropped, dropJob } from '../people/remove-job.ts';
import { appendAudit } from '../store/audit.ts';
import { type Case, decideCase, insertCase, keepRemains, openCaseOfJob } from '../store/cases.ts';
import { type Job, jobById, lockJob } from '../store/jobs.ts';
import { picturesOfJob } from '../store/pictures.ts';
import type { Tx } from '../store/tables.ts';
import { type CarriedOut, carryOut } from './carry-out.ts';
import { clearUp, decisionOf, type DecideOptions, lockReached, prepare } from './decide.ts';
import { remainsOf } from './reach.ts';
import { writeRemains } from './remains.ts';
import { tellPerson } from './telling.ts';

/** @property reviewMs how long a picture that is gone waits for a moderator's word. */
export interface DeletingOptions extends DecideOptions {
  readonly reviewMs: number;
}

type Deleted = Dropped & CarriedOut;

/**
 * Takes a request away for good, with its message: rows, pictures, photos, prompt. Nobody may work on it any more
 * (`stopJob`). Somebody else's picture is a case that is decided by it; a case of one's own stays open, without the picture.
 * @param personId who deletes it; their right to is checked.
 * @returns the row of its message's removal, for `Forgetting.removeMessages`; undefined where somebody else was first.
 * @throws Fault (`mayPass`) where what moderators need of it could not be looked at; then nothing is deleted.
 */
export async function deletePicture(
  options: DeletingOptions,
  jobId: string,
  personId: string,
): Promise<string | undefined> {
  const { db } = options.store;
  for (;;) {
    const job = await jobById(db, jobId);
    if (job === undefined || job.state === 'removed') return undefined;
    const one = await openCaseOfJob(db, jobId);
    const isRuling = job.personId !== personId && (await picturesOfJob(db, jobId)).length > 0;
    const done = await (isRuling ? deleteByRuling : deletePlainly)(options, job, one, `person:${personId}`);
    // It was reported or decided about meanwhile: then there is more to do, or nothing.
    if (done === undefined) continue;
    await clearUp(options, done);
    return done.removalId;
  }
}

/** @param one the open case of it. @returns undefined where that is no longer so. */
async function deletePlainly(
  { store, checker, clock, reviewMs }: DeletingOptions,
  { id }: Job,
  one: Case | undefined,
  actor: string,
): Promise<Deleted | undefined> {
  const remains = one && (await remainsOf(store, checker, one));
  const at = clock();
  return store.transaction(async (tx) => {
    const job = await lockJob(tx, id);
    // Whoever reports it or decides about it locks it first: the case stays as it is now.
    if (job === undefined || !isSame(await openCaseOfJob(tx, id), one)) return undefined;
    const dropped = await dropForGood(tx, job, at);
    if (one !== undefined && remains !== undefined) {
      // Not for ever. Whoever was promised an end has it when it was promised.
      const dueAt = remains.overdue === 'expired' ? one.dueAt : Math.min(one.dueAt ?? Infinity, at + reviewMs);
      await keepRemains(tx, one.id, { remains: writeRemains(remains), dueAt });
    }
    await noteDeleted(tx, job, { actor, reason: 'asked', at });
    return { ...dropped, stopped: [] };
  });
}

/** A photo stays where another job of the same person needs it, not where others went on from this one. */
async function dropForGood(tx: Tx, job: Job, at: number): Promise<Dropped> {
  await dropOthersPhotos(tx, job);
  return dropJob(tx, job, at);
}

async function noteDeleted(
  tx: Tx,
  { id, communityId: community }: Job,
  { detail = {}, ...because }: Because,
): Promise<void> {
  await appendAudit(tx, { ...because, action: 'job.deleted', subject: `job:${id}`, detail, community });
}

function isSame(now: Case | undefined, then: Case | undefined): boolean {
  return now?.id === then?.id && now?.kind === then?.kind && now?.reason === then?.reason;
}

/** @param open the case that it decides; a new one where there is none. @returns undefined where that is no longer so. */
async function deleteByRuling(
  options: DeletingOptions,
  { id: jobId, communityId, personId }: Job,
  open: Case | undefined,
  actor: string,
): Promise<Deleted | undefined> {
  const about = { kind: 'report', communityId, personId, jobId, reason: 'moderator' } as const;
  const before = open ?? { ...about, remains: null };
  const prepared = await prepare(options, before, { decision: 'remove' }, actor);
  const { ruling, at } = prepared;
  const opened = async (tx: Tx): Promise<Case | undefined> =>
    open ?? insertCase(tx, { ...about, id: randomUUID(), sanctionId: null, note: null, openedAt: at, dueAt: null });
  return options.store.transaction(async (tx) => {
    const jobs = await lockReached(tx, before, ruling);
    const job = jobs.find(({ id }) => id === jobId);
    if (job === undefined || job.state === 'removed') return undefined;
    const one = await opened(tx);
    const decided = one && (await decideCase(tx, one, decisionOf(prepared)));
    if (decided === undefined) return undefined;
    const { removalId, hashes } = await dropForGood(tx, job, at);
    const others = jobs.filter(({ id }) => id !== jobId);
    const carried = await carryOut(tx, decided, others, prepared);
    await noteDeleted(tx, job, { actor, reason: 'case.remove', at, detail: { case: decided.id } });
    // Their message, which would say so, is gone with it.
    const subject = `removed:${jobId}`;
    await tellPerson(tx, personId, { kind: 'removed', subject, caseId: decided.id, communityId, detail: {}, at });
    return { removalId, stopped: carried.stopped, hashes: [...hashes, ...carried.hashes] };
  });
}
