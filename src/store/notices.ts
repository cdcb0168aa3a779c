import type { Selectable } from 'kysely';
import { toObject } from './json.ts';
import type { Handle, JsonObject, NoticesTable, Tx } from './tables.ts';

/** Something that the bot says of its own accord: fields as in `NoticesTable`, JSON read. */
export type Notice = Readonly<Omit<Selectable<NoticesTable>, 'target' | 'detail' | 'receipt'>> & {
  readonly target: JsonObject;
  readonly detail: JsonObject;
  readonly receipt: JsonObject | null;
};

export type NewNotice = Pick<
  Notice,
  'id' | 'subject' | 'kind' | 'platform' | 'target' | 'personId' | 'communityId' | 'caseId' | 'detail' | 'createdAt'
>;

/** Puts a notice into the outbox, once for each subject. */
export async function insertNotice(tx: Tx, notice: NewNotice): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await tx
    .insertInto('notices')
    .values({
      ...notice,
      target: JSON.stringify(notice.target),
      detail: JSON.stringify(notice.detail),
      state: 'pending',
      attemptCount: 0,
      nextAttemptAt: notice.createdAt,
      reason: null,
      receipt: null,
      shows: null,
    })
    .onConflict((conflict) => conflict.column('subject').doNothing())
    .executeTakeFirst();
  return numInsertedOrUpdatedRows === 1n;
}

/** Pending notices whose time has come, the longest due first. */
export async function dueNotices(
  db: Handle,
  { now, limit }: { readonly now: number; readonly limit: number },
): Promise<readonly Notice[]> {
  const rows = await db
    .selectFrom('notices')
    .selectAll()
    .where('state', '=', 'pending')
    .where('nextAttemptAt', '<=', now)
    .orderBy('nextAttemptAt')
    .orderBy('id')
    .limit(limit)
    .execute();
  return rows.map(toNotice);
}

/** Cards that stand somewhere and may have to change: of open cases, and of decided ones whose picture is gone. */
export async function standingCards(db: Handle): Promise<readonly Notice[]> {
  const rows = await db
    .selectFrom('notices')
    .leftJoin('cases', 'cases.id', 'notices.caseId')
    .leftJoin('jobs', 'jobs.id', 'cases.jobId')
    .selectAll('notices')
    .where('notices.kind', '=', 'card')
    .where('notices.state', '=', 'sent')
    .where('notices.shows', 'is not', null)
    .where((of) => of.or([of('notices.shows', 'not like', 'decided%'), of('jobs.id', 'is', null)]))
    .orderBy('notices.createdAt')
    .orderBy('notices.id')
    .execute();
  return rows.map(toNotice);
}

/** Cards and reminders of cases about somebody. */
export async function cardsAbout(db: Handle, personId: string): Promise<readonly Notice[]> {
  const rows = await db
    .selectFrom('notices')
    .innerJoin('cases', 'cases.id', 'notices.caseId')
    .selectAll('notices')
    .where('cases.personId', '=', personId)
    .where('notices.kind', 'in', ['card', 'reminder'])
    .execute();
  return rows.map(toNotice);
}

export async function deleteNotice(tx: Tx, id: string): Promise<void> {
  await tx.deleteFrom('notices').where('id', '=', id).execute();
}

/** @param shows what a card says now; null once nothing about it changes any more. */
export async function markNoticeSent(
  db: Handle,
  id: string,
  { receipt, shows }: { readonly receipt: JsonObject; readonly shows: string | null },
): Promise<void> {
  await db
    .updateTable('notices')
    .set({ state: 'sent', receipt: JSON.stringify(receipt), shows, reason: null })
    .where('id', '=', id)
    .execute();
}

export async function setNoticeShows(db: Handle, id: string, shows: string | null): Promise<void> {
  await db.updateTable('notices').set({ shows }).where('id', '=', id).execute();
}

export async function postponeNotice(
  db: Handle,
  id: string,
  { nextAttemptAt, reason }: { readonly nextAttemptAt: number; readonly reason: string },
): Promise<void> {
  await db
    .updateTable('notices')
    .set((of) => ({ attemptCount: of('attemptCount', '+', 1), nextAttemptAt, reason }))
    .where('id', '=', id)
    .execute();
}

export async function markNoticeUndeliverable(db: Handle, id: string, reason: string): Promise<void> {
  await db.updateTable('notices').set({ state: 'undeliverable', reason }).where('id', '=', id).execute();
}

/** When the next pending notice is due; undefined where none is. */
export async function nextNoticeAt(db: Handle): Promise<number | undefined> {
  const row = await db
    .selectFrom('notices')
    .select((of) => of.fn.min('nextAttemptAt').as('at'))
    .where('state', '=', 'pending')
    .executeTakeFirst();
  return row?.at ?? undefined;
}

function toNotice(row: Selectable<NoticesTable>): Notice {
  return {
    ...row,
    target: toObject(row.target, 'notices.target'),
    detail: toObject(row.detail, 'notices.detail'),
    receipt: row.receipt === null ? null : toObject(row.receipt, 'notices.receipt'),
  };
}
