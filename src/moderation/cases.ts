/** What moderators decide about: opened by checks, reports and appeals; decided once, by whoever is first. */
import { randomUUID } from 'node:crypto';
import { Refusal } from '../errors.ts';
import { hideResult } from '../jobs/showing.ts';
import { appendAudit } from '../store/audit.ts';
import {
  appealAgainst,
  type Case,
  caseById,
  casesWithoutPicture,
  heldJobsWithoutCase,
  insertCase,
  insertReport,
  openCaseOfJob,
  type Report,
  reportsFoundHarmless,
  reportsOfCase,
  setReportNote,
  sharpenCase,
} from '../store/cases.ts';
import { communitySettingsOf } from '../people/settings.ts';
import { type Job, jobById, lockJob } from '../store/jobs.ts';
import { picturesOfJob } from '../store/pictures.ts';
import { activeSanctions, type Sanction } from '../store/sanctions.ts';
import type { Store } from '../store/store.ts';
import type { Handle, Tx } from '../store/tables.ts';
import { depictionDeadlineMs, hidesAtOnce, maxAppealLength, maxNoteLength, type ReportReason } from './rules.ts';
import { checkMayReport, checkNotSanctioned } from './sanctions.ts';
import { type DeskPlace, deskPlaces, operatorPlaces, tellModerators } from './telling.ts';

/** @property reviewMs how long a held picture waits for a moderator. @property operators `platform:userId`. */
export interface CasesOptions {
  readonly store: Store;
  readonly reviewMs: number;
  readonly operators: ReadonlySet<string>;
  /** Now, in Unix ms. */
  readonly clock: () => number;
}

/** @throws Refusal `case.gone` */
export async function caseOrRefusal(store: Store, id: string): Promise<Case> {
  const one = await caseById(store.db, id);
  if (one === undefined) throw new Refusal('case.gone', 'This case is no longer there.');
  return one;
}

const step = 50;

/** Opens a case for every held picture that has none; whatever held it may have died before it could. @returns how many. */
export async function openHeldCases(options: CasesOptions): Promise<number> {
  const { store, reviewMs, clock, operators } = options;
  const held = await heldJobsWithoutCase(store.db, step);
  for (const { id: jobId, communityId, personId, failureCode } of held) {
    const places = await deskPlaces(store, communityId, operators);
    const at = clock();
    await store.transaction(async (tx) => {
      // Somebody may have reported it since it was read, and somebody else have decided that.
      if ((await lockJob(tx, jobId))?.state !== 'held') return;
      const reason = failureCode ?? 'picture.held';
      const opening = {
        kind: 'review',
        communityId,
        personId,
        jobId,
        reason,
        openedAt: at,
        dueAt: at + reviewMs,
      } as const;
      await open(tx, places, opening);
    });
  }
  return held.length;
}

/**
 * What there is to look at is gone, and nothing is kept to decide about: with its owner, who wanted to be forgotten, or
 * removed with another picture. Forgetting ends a case although somebody may get out of one by it: all that a decision
 * needs of the person is what has to go, and there is nobody left to be told of one. What is in force already outlives it.
 */
export async function casesOfGonePictures(store: Store): Promise<readonly Case[]> {
  return casesWithoutPicture(store.db, step);
}

type Opening = Pick<Case, 'kind' | 'communityId' | 'personId' | 'reason' | 'openedAt'> &
  Partial<Pick<Case, 'jobId' | 'sanctionId' | 'note' | 'dueAt'>>;

/** @returns undefined where one about the same is open. */
async function open(tx: Tx, places: readonly DeskPlace[], opening: Opening): Promise<Case | undefined> {
  const { kind, communityId, personId, reason, openedAt } = opening;
  const { jobId = null, sanctionId = null, note = null, dueAt = null } = opening;
  const id = randomUUID();
  const row = { id, kind, communityId, personId, jobId, sanctionId, reason, note, openedAt, dueAt };
  const one = await insertCase(tx, row);
  if (one === undefined) return undefined;
  const subject = `case:${id}`;
  await appendAudit(tx, {
    community: communityId ?? undefined,
    at: openedAt,
    actor: 'system',
    action: 'case.opened',
    subject,
    reason,
    detail: { kind },
  });
  await tellModerators(tx, one, places, { kind: 'card', subject: `card:${id}`, detail: {}, at: openedAt });
  return one;
}

export interface NewReport {
  readonly jobId: string;
  /** Who reports. */
  readonly personId: string;
  readonly reason: ReportReason;
}

/**
 * Takes a report: one case for a picture, however many report it, one report for a person.
 * @returns whether the picture is hidden now; `isNew` is false where this person has reported it before.
 * @throws Refusal `report.*` where there is nothing to report or the person may not.
 */
export async function report(
  { store, clock, operators, reviewMs }: CasesOptions,
  { jobId, personId, reason }: NewReport,
): Promise<{ readonly caseId: string; readonly isNew: boolean; readonly isHidden: boolean }> {
  const { communityId, personId: ownerId } = await reportable(store.db, await jobById(store.db, jobId), reason);
  const at = clock();
  // Whoever is shown is heard, whatever they did before.
  if (reason !== 'me') {
    await checkNotSanctioned(store, { personId, communityId, at });
    await checkMayReport(store, { personId, communityId, at });
  }
  if (ownerId === personId && reason !== 'me') {
    throw new Refusal('report.own', 'This is your own picture: press Delete under it, and it is gone.');
  }
  const places = await deskPlaces(store, communityId, operators);
  const { hideAfter } = await communitySettingsOf(store, communityId);
  return store.transaction(async (tx) => {
    // Whatever is decided about it, or its owner does, happens before this or after it.
    const job = await reportable(tx, await lockJob(tx, jobId), reason);
    const kind = reason === 'me' ? 'depiction' : 'report';
    const dueAt = at + (reason === 'me' ? depictionDeadlineMs : reviewMs);
    const opening = { kind, communityId, personId: job.personId, jobId, reason, openedAt: at } as const;
    // A report alone never removes a picture, however long nobody looks; what shows somebody is removed in time.
    // Whoever was not believed about this picture hides it no more by saying so again, nor has it removed in time.
    const harmless = await reportsFoundHarmless(tx, jobId);
    const isAnswered = wasAnswered(harmless, { personId, reason });
    const hasDeadline = reason === 'me' && !isAnswered;
    const fresh = await open(tx, places, { ...opening, dueAt: hasDeadline ? dueAt : null });
    const one = fresh ?? (await openCaseOfJob(tx, jobId));
    if (one === undefined) throw new Refusal('report.gone', 'This picture is no longer here.');
    const isNew = await insertReport(tx, { caseId: one.id, personId, reason, note: null, at });
    if (fresh === undefined && hasDeadline && one.kind !== 'depiction') {
      await sharpenCase(tx, one.id, { kind, reason, dueAt: Math.min(dueAt, one.dueAt ?? dueAt) });
    }
    if (isNew) {
      const detail = { case: one.id };
      const subject = `job:${jobId}`;
      const [actor, community] = [`person:${personId}`, job.communityId];
      await appendAudit(tx, { at, actor, action: 'report.made', subject, reason, detail, community });
    }
    const { length: reporters } = (await reportsOfCase(tx, one.id)).filter((made) => !wasAnswered(harmless, made));
    const hides = !isAnswered && (hidesAtOnce(reason) || reporters >= hideAfter);
    if (hides) {
      const because = { actor: 'system', reason: hidesAtOnce(reason) ? reason : 'reports', at, detail: { reporters } };
      await hideResult(tx, jobId, because, {
        code: 'moderation.hidden',
        reason: 'This picture was reported. It is hidden until a moderator has looked at it.',
      });
    }
    return { caseId: one.id, isNew, isHidden: hides || job.state === 'held' };
  });
}

/**
 * What only its owner sees is nobody else's to judge, unless it shows them.
 * @throws Refusal `report.gone`, `report.unshared`
 */
async function reportable(db: Handle, job: Job | undefined, reason: ReportReason): Promise<Job> {
  if (job?.state !== 'done' && job?.state !== 'held') {
    throw new Refusal('report.gone', 'This picture is no longer here, so there is nothing to report.');
  }
  const pictures = job.state === 'done' && reason !== 'me' ? await picturesOfJob(db, job.id) : [];
  if (pictures.length > 0 && pictures.every(({ state }) => state === 'unshared')) {
    throw new Refusal('report.unshared', 'Nobody but its owner sees this picture, so there is nothing to report.');
  }
  return job;
}

/** Whoever was wrong about a picture hides it no more, unless they say now that it shows them, which nobody judged yet. */
function wasAnswered(harmless: readonly Report[], { personId, reason }: Pick<Report, 'personId' | 'reason'>): boolean {
  return harmless.some((made) => made.personId === personId && (reason !== 'me' || made.reason === 'me'));
}

/** Adds words to somebody's own report. @throws Refusal where there is none of theirs, or they are too many. */
export async function addNote(
  store: Store,
  { caseId, personId, note }: { readonly caseId: string; readonly personId: string; readonly note: string },
): Promise<void> {
  if (note.length > maxNoteLength) {
    throw new Refusal('report.long', `Please say it in ${maxNoteLength} characters.`, { limit: maxNoteLength });
  }
  if (await store.transaction(async (tx) => setReportNote(tx, { caseId, personId, note }))) return;
  throw new Refusal('case.gone', 'This case is no longer there.');
}

/**
 * Takes an appeal against what is in force against somebody: here, or (from a private chat) anywhere.
 * @throws Refusal `appeal.*` where there is nothing to appeal against, or it is on its way.
 */
export async function appeal(
  { store, clock, operators }: CasesOptions,
  { personId, communityId, text }: { readonly personId: string; readonly communityId: string; readonly text: string },
): Promise<void> {
  if (text.length > maxAppealLength) {
    throw new Refusal('appeal.long', `Please say it in ${maxAppealLength} characters.`, { limit: maxAppealLength });
  }
  const at = clock();
  const hindering = (await activeSanctions(store.db, { personId, at })).filter(({ kind }) => kind !== 'warn');
  const sanction = await appealable(store, gravestFirst(hindering, communityId));
  // Only those who run the bot can undo what holds everywhere.
  const places =
    sanction.communityId === null
      ? operatorPlaces(operators)
      : await deskPlaces(store, sanction.communityId, operators);
  const opened = await store.transaction(async (tx) =>
    open(tx, places, {
      kind: 'appeal',
      communityId: sanction.communityId ?? communityId,
      personId,
      sanctionId: sanction.id,
      reason: sanction.kind,
      note: text,
      openedAt: at,
    }),
  );
  if (opened === undefined) throw appealedAlready();
}

/** What holds here or everywhere comes first, and what hinders most before what hinders less. */
function gravestFirst(sanctions: readonly Sanction[], communityId: string): readonly Sanction[] {
  const rank = (one: Sanction): number =>
    (one.communityId === null || one.communityId === communityId ? 0 : gravity.length) + gravity.indexOf(one.kind);
  return sanctions.toSorted((a, b) => rank(a) - rank(b));
}

const gravity: readonly Sanction['kind'][] = ['ban', 'suspend', 'mute', 'warn'];

/** @throws Refusal `appeal.nothing`, `appeal.open`, `appeal.final` */
async function appealable(store: Store, sanctions: readonly Sanction[]): Promise<Sanction> {
  let isOpen = false;
  for (const sanction of sanctions) {
    const earlier = await appealAgainst(store.db, sanction.id);
    if (earlier === undefined) return sanction;
    isOpen ||= earlier.state === 'open';
  }
  if (isOpen) throw appealedAlready();
  if (sanctions.length > 0) {
    throw new Refusal('appeal.final', 'A moderator has answered your appeal. That was the last word on it.');
  }
  throw new Refusal('appeal.nothing', 'Nothing is in force against you, so there is nothing to appeal against.');
}

function appealedAlready(): Refusal {
  return new Refusal('appeal.open', 'Your appeal is with the moderators already. You will hear from them.');
}
