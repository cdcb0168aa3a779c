import type { Selectable } from 'kysely';
import type { CaseDecision, CaseKind, CasesTable, Handle, ReportsTable, Tx } from './tables.ts';

/** Something that moderators decide about: fields as in `CasesTable`. */
export type Case = Readonly<Selectable<CasesTable>>;
export type Report = Readonly<Selectable<ReportsTable>>;

export type NewCase = Pick<
  Case,
  'id' | 'kind' | 'communityId' | 'personId' | 'jobId' | 'sanctionId' | 'reason' | 'note' | 'openedAt' | 'dueAt'
>;

/** Opens a case; returns undefined where one about the same job or sanction is open, with nothing changed. */
export async function insertCase(tx: Tx, one: NewCase): Promise<Case | undefined> {
  const undecided = { decision: null, decidedBy: null, decidedAt: null, remains: null } as const;
  return tx
    .insertInto('cases')
    .values({ ...one, ...undecided, state: 'open', reminderCount: 0 })
    .onConflict((conflict) => conflict.doNothing())
    .returningAll()
    .executeTakeFirst();
}

export async function caseById(db: Handle, id: string): Promise<Case | undefined> {
  return db.selectFrom('cases').selectAll().where('id', '=', id).executeTakeFirst();
}

export async function openCaseOfJob(db: Handle, jobId: string): Promise<Case | undefined> {
  return db.selectFrom('cases').selectAll().where('jobId', '=', jobId).where('state', '=', 'open').executeTakeFirst();
}

/** An appeal against a sanction, open or decided, if there is one; the newest. */
export async function appealAgainst(db: Handle, sanctionId: string): Promise<Case | undefined> {
  return db
    .selectFrom('cases')
    .selectAll()
    .where('sanctionId', '=', sanctionId)
    .orderBy('openedAt', 'desc')
    .executeTakeFirst();
}

/** Reports of a picture that a moderator found to be harmless. */
export async function reportsFoundHarmless(db: Handle, jobId: string): Promise<readonly Report[]> {
  return db
    .selectFrom('reports')
    .innerJoin('cases', 'cases.id', 'reports.caseId')
    .selectAll('reports')
    .where('cases.jobId', '=', jobId)
    .where('cases.decision', '=', 'approve')
    .execute();
}

/**
 * Decides a case that is open still and about what it was about when the decision was made.
 * @returns the case as it stands now, without remains; undefined where somebody was first, it was sharpened, or its
 * picture was deleted meanwhile.
 */
export async function decideCase(
  tx: Tx,
  { id, kind, reason, remains }: Pick<Case, 'id' | 'kind' | 'reason' | 'remains'>,
  decided: { readonly decision: CaseDecision; readonly decidedBy: string; readonly decidedAt: number },
): Promise<Case | undefined> {
  return tx
    .updateTable('cases')
    .set({ ...decided, state: 'decided', dueAt: null, remains: null })
    .where('id', '=', id)
    .where('state', '=', 'open')
    .where('kind', '=', kind)
    .where('reason', '=', reason)
    .where('remains', remains === null ? 'is' : '=', remains)
    .returningAll()
    .executeTakeFirst();
}

/** A case's row, kept from others until the transaction ends; as `lockJob`. */
export async function lockCase(tx: Tx, id: string): Promise<Case | undefined> {
  return tx
    .updateTable('cases')
    .set((of) => ({ reminderCount: of.ref('reminderCount') }))
    .where('id', '=', id)
    .returningAll()
    .executeTakeFirst();
}

/** An open case turns out to be about something graver, with less time and reminders of its own. */
export async function sharpenCase(
  tx: Tx,
  id: string,
  changes: { readonly kind: CaseKind; readonly reason: string; readonly dueAt: number },
): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('cases')
    .set({ ...changes, reminderCount: 0 })
    .where('id', '=', id)
    .where('state', '=', 'open')
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}

/** Counts reminders up to `count`, if nobody has counted since the case was read. */
export async function countReminder(tx: Tx, { id, kind, reminderCount }: Case, count: number): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('cases')
    .set({ reminderCount: count })
    .where('id', '=', id)
    .where('kind', '=', kind)
    .where('state', '=', 'open')
    .where('reminderCount', '=', reminderCount)
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}

/** Open cases whose time is over by `now`. */
export async function overdueCases(db: Handle, now: number, limit: number): Promise<readonly Case[]> {
  return db
    .selectFrom('cases')
    .selectAll()
    .where('state', '=', 'open')
    .where('dueAt', '<=', now)
    .orderBy('dueAt')
    .limit(limit)
    .execute();
}

export async function openCases(
  db: Handle,
  filter: { readonly kind?: CaseKind; readonly communityId?: string },
): Promise<readonly Case[]> {
  let query = db.selectFrom('cases').selectAll().where('state', '=', 'open');
  if (filter.kind !== undefined) query = query.where('kind', '=', filter.kind);
  if (filter.communityId !== undefined) query = query.where('communityId', '=', filter.communityId);
  return query.orderBy('openedAt').orderBy('id').execute();
}

/** Held jobs without an open case, the oldest first: what is to be looked at and nobody was asked yet. */
export async function heldJobsWithoutCase(
  db: Handle,
  limit: number,
): Promise<
  readonly {
    readonly id: string;
    readonly communityId: string;
    readonly personId: string;
    readonly failureCode: string | null;
  }[]
> {
  return db
    .selectFrom('jobs')
    .leftJoin('cases', (join) => join.onRef('cases.jobId', '=', 'jobs.id').on('cases.state', '=', 'open'))
    .select(['jobs.id', 'jobs.communityId', 'jobs.personId', 'jobs.failureCode'])
    .where('jobs.state', '=', 'held')
    .where('cases.id', 'is', null)
    .orderBy('jobs.seq')
    .limit(limit)
    .execute();
}

/** The owner of an open case's picture deletes it. @param kept what is needed of it, and when it is decided by itself. */
export async function keepRemains(tx: Tx, id: string, kept: Pick<Case, 'dueAt'> & { remains: string }): Promise<void> {
  await tx.updateTable('cases').set(kept).where('id', '=', id).where('state', '=', 'open').execute();
}

/** Lets go of what was kept of somebody's deleted pictures. @returns of how many. */
export async function dropRemains(tx: Tx, personId: string): Promise<number> {
  const { numUpdatedRows } = await tx
    .updateTable('cases')
    .set({ remains: null })
    .where('personId', '=', personId)
    .where('remains', 'is not', null)
    .executeTakeFirst();
  return Number(numUpdatedRows);
}

/** Open cases about a picture of which nothing is left, or that was removed by somebody else meanwhile. */
export async function casesWithoutPicture(db: Handle, limit: number): Promise<readonly Case[]> {
  return db
    .selectFrom('cases')
    .leftJoin('jobs', (join) => join.onRef('jobs.id', '=', 'cases.jobId').on('jobs.state', 'in', ['held', 'done']))
    .selectAll('cases')
    .where('cases.state', '=', 'open')
    .where('cases.jobId', 'is not', null)
    .where('cases.remains', 'is', null)
    .where('jobs.id', 'is', null)
    .limit(limit)
    .execute();
}

/** Somebody's appeals with what they wrote. @returns how many there were. */
export async function deleteAppeals(tx: Tx, personId: string): Promise<number> {
  const { numDeletedRows } = await tx
    .deleteFrom('cases')
    .where('kind', '=', 'appeal')
    .where('personId', '=', personId)
    .executeTakeFirst();
  return Number(numDeletedRows);
}

/** Adds a report, one for each person and case; returns false where this person has reported it. */
export async function insertReport(tx: Tx, report: Report): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await tx
    .insertInto('reports')
    .values(report)
    .onConflict((conflict) => conflict.columns(['caseId', 'personId']).doNothing())
    .executeTakeFirst();
  return numInsertedOrUpdatedRows === 1n;
}

export async function setReportNote(
  tx: Tx,
  { caseId, personId, note }: Pick<Report, 'caseId' | 'personId'> & { readonly note: string },
): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('reports')
    .set({ note })
    .where('caseId', '=', caseId)
    .where('personId', '=', personId)
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}

export async function reportsOfCase(db: Handle, caseId: string): Promise<readonly Report[]> {
  return db.selectFrom('reports').selectAll().where('caseId', '=', caseId).orderBy('at').orderBy('personId').execute();
}

/** How many of somebody's reports ended in which decision; undecided ones are left out. */
export async function reportOutcomes(
  db: Handle,
  { personId, communityId }: { readonly personId: string; readonly communityId: string },
): Promise<Readonly<Partial<Record<CaseDecision, number>>>> {
  const rows = await db
    .selectFrom('reports')
    .innerJoin('cases', 'cases.id', 'reports.caseId')
    .select((of) => ['cases.decision', of.fn.countAll<number>().as('count')])
    .where('reports.personId', '=', personId)
    .where('cases.communityId', '=', communityId)
    .where('cases.decision', 'is not', null)
    .groupBy('cases.decision')
    .execute();
  return Object.fromEntries(rows.map(({ decision, count }) => [decision, count]));
}
