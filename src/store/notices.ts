import { type ExpressionBuilder, type Selectable, sql } from 'kysely';
import { toObject } from './json.ts';
import type { CasesTable, Handle, JobState, JsonObject, NoticesTable, Tables, Tx } from './tables.ts';

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

/** Whom or which channel a notice goes to: what is told there is told one after the other. */
export function laneOfNotice({ platform, target }: Pick<Notice, 'platform' | 'target'>): string {
  return `${platform}:${JSON.stringify(target)}`;
}

/** Which notices are left out: `lanes` as `laneOfNotice` names them, `platforms` by name. */
export interface BusyNotices {
  readonly lanes?: readonly string[];
  readonly platforms?: readonly string[];
}

function isFree(of: ExpressionBuilder<Tables, 'notices'>, { lanes = [], platforms = [] }: BusyNotices) {
  const lane = sql<string>`notices.platform || ':' || notices.target`;
  return of.and([
    ...(lanes.length === 0 ? [] : [of(lane, 'not in', lanes)]),
    ...(platforms.length === 0 ? [] : [of('notices.platform', 'not in', platforms)]),
  ]);
}

/**
 * Pending notices whose time has come, the longest due first; of those that go to one target only the oldest, so that
 * nobody hears of a sanction after it was lifted.
 */
export async function dueNotices(
  db: Handle,
  { now, limit, ...busy }: BusyNotices & { readonly now: number; readonly limit: number },
): Promise<readonly Notice[]> {
  const rows = await db
    .selectFrom('notices')
    .selectAll('notices')
    .where('state', '=', 'pending')
    .where('nextAttemptAt', '<=', now)
    .where((of) => isFree(of, busy))
    .where((of) =>
      of.not(
        of.exists(
          of
            .selectFrom('notices as older')
            .select('older.id')
            .where('older.state', '=', 'pending')
            .whereRef('older.platform', '=', 'notices.platform')
            .whereRef('older.target', '=', 'notices.target')
            .where((both) =>
              both(both.refTuple('older.createdAt', 'older.id'), '<', both.refTuple('notices.createdAt', 'notices.id')),
            ),
        ),
      ),
    )
    .orderBy('nextAttemptAt')
    .orderBy('id')
    .limit(limit)
    .execute();
  return rows.map(toNotice);
}

/**
 * Cards that stand somewhere and are not finished: their cases may have moved on, or lost their picture.
 * @param now those whose edit waits for its next try then are left out.
 */
export async function standingCards(
  db: Handle,
  { now = Number.MAX_SAFE_INTEGER, ...busy }: BusyNotices & { readonly now?: number } = {},
): Promise<readonly Notice[]> {
  const rows = await standing(db)
    .selectAll('notices')
    .where('nextAttemptAt', '<=', now)
    .where((of) => isFree(of, busy))
    .orderBy('createdAt')
    .orderBy('id')
    .execute();
  return rows.map(toNotice);
}

/** When the next edit of a card is tried again that waits at `after` (Unix ms); undefined where none does. */
export async function nextEditAt(db: Handle, after: number): Promise<number | undefined> {
  const row = await standing(db)
    .select((of) => of.fn.min('nextAttemptAt').as('at'))
    .where('nextAttemptAt', '>', after)
    .executeTakeFirst();
  return row?.at ?? undefined;
}

/** Of open cases, and of decided ones whose picture is gone. */
function standing(db: Handle) {
  return db
    .selectFrom('notices')
    .where('kind', '=', 'card')
    .where('state', '=', 'sent')
    .where('shows', 'is not', null)
    .where((of) => {
      const picture = of
        .selectFrom('cases')
        .innerJoin('jobs', 'jobs.id', 'cases.jobId')
        .select('jobs.id')
        .whereRef('cases.id', '=', 'notices.caseId');
      return of.or([of('shows', 'not like', 'decided%'), of.not(of.exists(picture))]);
    });
}

/** What moves on in a card's case. @property notes of its reports, as they were made; null where one has none. */
export interface CardFacts {
  readonly state: CasesTable['state'];
  readonly kind: CasesTable['kind'];
  readonly jobState: JobState | null;
  readonly notes: readonly (string | null)[];
}

/** By the notices' ids; without those whose case is gone. */
export async function factsOfCards(db: Handle, noticeIds: readonly string[]): Promise<ReadonlyMap<string, CardFacts>> {
  if (noticeIds.length === 0) return new Map();
  const ofCards = db
    .selectFrom('notices')
    .innerJoin('cases', 'cases.id', 'notices.caseId')
    .where('notices.id', 'in', noticeIds);
  const rows = await ofCards
    .leftJoin('jobs', 'jobs.id', 'cases.jobId')
    .select(['notices.id', 'cases.state', 'cases.kind', 'jobs.state as jobState'])
    .execute();
  const reports = await ofCards
    .innerJoin('reports', 'reports.caseId', 'cases.id')
    .select(['notices.id', 'reports.note'])
    .orderBy('reports.at')
    .orderBy('reports.personId')
    .execute();
  const notes = Map.groupBy(reports, ({ id }) => id);
  return new Map(
    rows.map(({ id, ...facts }) => [id, { ...facts, notes: (notes.get(id) ?? []).map(({ note }) => note) }]),
  );
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

/**
 * @param shows what a card says now; null once nothing about it changes any more.
 * @returns false where the notice is gone: the message stands, and nobody knows of it.
 */
export async function markNoticeSent(
  db: Handle,
  id: string,
  { receipt, shows }: { readonly receipt: JsonObject; readonly shows: string | null },
): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('notices')
    .set({ state: 'sent', receipt: JSON.stringify(receipt), shows, reason: null, attemptCount: 0 })
    .where('id', '=', id)
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}

/** A card says this now; later failures are counted anew. @param shows as for `markNoticeSent`. */
export async function setNoticeShows(db: Handle, id: string, shows: string | null): Promise<void> {
  await db.updateTable('notices').set({ shows, reason: null, attemptCount: 0 }).where('id', '=', id).execute();
}

/** What a notice says, or a card's edit, is tried again later. */
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

/** When the next pending notice is due that is not at `after` (Unix ms); undefined where none is. */
export async function nextNoticeAt(db: Handle, after = -1): Promise<number | undefined> {
  const row = await db
    .selectFrom('notices')
    .select((of) => of.fn.min('nextAttemptAt').as('at'))
    .where('state', '=', 'pending')
    .where('nextAttemptAt', '>', after)
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
