import { createHash } from 'node:crypto';
import { type Selectable, sql } from 'kysely';
import { toObject } from './json.ts';
import type { AuditTable, Handle, JsonObject, Tx } from './tables.ts';

/** Who did what to whom or what, why and when. Ids only: never a name, a prompt or a token. */
export interface AuditEntry {
  /** Unix ms. */
  readonly at: number;
  /** `system`, or whose act it was: `person:ID`. */
  readonly actor: string;
  /** `job.running`, `settings.changed`. */
  readonly action: string;
  /** `job:ID`. */
  readonly subject: string;
  readonly reason: string;
  readonly detail: JsonObject;
  /** Id of the community that it was done in. */
  readonly community?: string | undefined;
}

export type AuditRow = AuditEntry & { readonly seq: number; readonly hash: string };

/**
 * Adds a row to the trail. Each row holds the hash of the one before, so that a change or a gap shows. The head of the
 * chain is locked until the transaction ends, which puts writers in one order.
 * @returns the row's number.
 */
export async function appendAudit(tx: Tx, entry: AuditEntry): Promise<number> {
  const head = await tx
    .updateTable('auditHead')
    .set((of) => ({ seq: of('seq', '+', 1) }))
    .where('id', '=', 1)
    .returning(['seq', 'hash'])
    .executeTakeFirstOrThrow();
  const detail = JSON.stringify(entry.detail);
  const row = { ...entry, detail, community: entry.community ?? null, seq: head.seq, prevHash: head.hash };
  const hash = linkHash(row);
  await tx
    .insertInto('audit')
    .values({ ...row, hash })
    .execute();
  await tx.updateTable('auditHead').set({ hash }).where('id', '=', 1).execute();
  return head.seq;
}

/** Every condition that is given has to hold. */
export interface AuditFilter {
  readonly community?: string | undefined;
  /** A whole action, or the first word of several: `job` is `job.queued`, `job.done`. */
  readonly action?: string | undefined;
  readonly actor?: string | undefined;
  readonly subject?: string | undefined;
  /** Beginning of the actor's or of the subject's name: `person:3f2a` is what this person did and what was done to them. */
  readonly party?: string | undefined;
  /** Actions whose actor is nobody's business: `party` does not find them by it. */
  readonly hiddenActors?: readonly string[] | undefined;
  /** Unix ms; from this moment on. */
  readonly from?: number | undefined;
  /** Unix ms; before this moment. */
  readonly to?: number | undefined;
}

/** Where a page lies: the newest rows before `beforeSeq`, or the oldest after `afterSeq`. */
export interface AuditPlace {
  readonly beforeSeq?: number | undefined;
  readonly afterSeq?: number | undefined;
  readonly limit: number;
}

/** A page of the trail, the newest first. */
export async function auditPage(
  db: Handle,
  filter: AuditFilter,
  { beforeSeq, afterSeq, limit }: AuditPlace,
): Promise<readonly AuditRow[]> {
  const { community, action, actor, subject, party, hiddenActors = [], from, to } = filter;
  let query = db
    .selectFrom('audit')
    .select(['seq', 'at', 'actor', 'action', 'subject', 'reason', 'detail', 'community', 'hash']);
  if (beforeSeq !== undefined) query = query.where('seq', '<', beforeSeq);
  if (afterSeq !== undefined) query = query.where('seq', '>', afterSeq);
  if (community !== undefined) query = query.where('community', '=', community);
  if (action !== undefined) {
    query = query.where((row) => row.or([row('action', '=', action), beginsWith('action', `${action}.`)]));
  }
  if (actor !== undefined) query = query.where('actor', '=', actor);
  if (subject !== undefined) query = query.where('subject', '=', subject);
  if (party !== undefined) {
    query = query.where((row) => {
      const acted = beginsWith('actor', party);
      const isHidden = row('action', 'in', [...hiddenActors]);
      const found = hiddenActors.length === 0 ? acted : row.and([acted, row.not(isHidden)]);
      return row.or([found, beginsWith('subject', party)]);
    });
  }
  if (from !== undefined) query = query.where('at', '>=', from);
  if (to !== undefined) query = query.where('at', '<', to);
  const isForward = afterSeq !== undefined;
  const found = await query
    .orderBy('seq', isForward ? 'asc' : 'desc')
    .limit(limit)
    .execute();
  return (isForward ? found.toReversed() : found).map(toAuditRow);
}

/** Whether the trail has a row with this hash, or was pruned up to it. */
export async function hasAuditHash(db: Handle, hash: string): Promise<boolean> {
  const row = await db.selectFrom('audit').select('seq').where('hash', '=', hash).executeTakeFirst();
  return row !== undefined || (await auditHead(db)).prunedHash === hash;
}

export async function auditRow(db: Handle, seq: number): Promise<AuditRow | undefined> {
  return (await auditPage(db, {}, { beforeSeq: seq + 1, afterSeq: seq - 1, limit: 1 }))[0];
}

function beginsWith(column: keyof AuditTable, text: string) {
  return sql<boolean>`substr(${sql.ref(column)}, 1, ${text.length}) = ${text}`;
}

function toAuditRow({ community, detail, ...row }: Omit<Selectable<AuditTable>, 'prevHash'>): AuditRow {
  const where = community === null ? {} : { community };
  return { ...row, ...where, detail: toObject(detail, 'audit.detail') };
}

const VERIFY_PAGE = 500;

/** How many rows of the trail hold, and the number of the first that does not: changed, missing or added. */
export interface AuditVerdict {
  readonly rows: number;
  readonly brokenAt: number | undefined;
}

/**
 * Number and hash of the newest row. Whoever writes them down outside of the database can show later that even somebody
 * who may write all of it did not begin the chain anew.
 */
export async function auditTip(db: Handle): Promise<{ readonly seq: number; readonly hash: string }> {
  const { seq, hash } = await auditHead(db);
  return { seq, hash };
}

/** Follows the chain from its oldest remaining row to its head. */
export async function verifyAudit(db: Handle): Promise<AuditVerdict> {
  for (;;) {
    const head = await auditHead(db);
    const verdict = await followChain(db, head);
    // A pruning in between takes rows away from under the reader: that is no break.
    if (verdict.brokenAt === undefined || (await auditHead(db)).prunedSeq === head.prunedSeq) return verdict;
  }
}

async function auditHead(db: Handle) {
  return db.selectFrom('auditHead').selectAll().where('id', '=', 1).executeTakeFirstOrThrow();
}

async function followChain(db: Handle, head: Awaited<ReturnType<typeof auditHead>>): Promise<AuditVerdict> {
  let seq = head.prunedSeq;
  let hash = head.prunedHash;
  for (;;) {
    const page = await db
      .selectFrom('audit')
      .selectAll()
      .where('seq', '>', seq)
      // Rows that were added while this runs belong to a later head.
      .where('seq', '<=', head.seq)
      .orderBy('seq')
      .limit(VERIFY_PAGE)
      .execute();
    for (const row of page) {
      if (row.seq !== seq + 1 || row.prevHash !== hash || row.hash !== linkHash(row)) {
        return { rows: seq - head.prunedSeq, brokenAt: seq + 1 };
      }
      ({ seq, hash } = row);
    }
    if (page.length < VERIFY_PAGE) break;
  }
  const whole = seq === head.seq && hash === head.hash;
  return { rows: seq - head.prunedSeq, brokenAt: whole ? undefined : seq + 1 };
}

/**
 * Removes the oldest rows from before a time, at most `limit`; the chain then begins at the first that stays.
 * @returns how many rows went.
 */
export async function pruneAudit(tx: Tx, before: number, limit: number): Promise<number> {
  const oldest = await tx.selectFrom('audit').select(['seq', 'at', 'hash']).orderBy('seq').limit(limit).execute();
  const keptFrom = oldest.findIndex((row) => row.at >= before);
  const going = keptFrom === -1 ? oldest : oldest.slice(0, keptFrom);
  const last = going.at(-1);
  if (last === undefined) return 0;
  await tx.deleteFrom('audit').where('seq', '<=', last.seq).execute();
  await tx.updateTable('auditHead').set({ prunedSeq: last.seq, prunedHash: last.hash }).where('id', '=', 1).execute();
  return going.length;
}

/**
 * SHA-256 over the row's fields in this order, as JSON, so that no two rows share a text. A community is the last where
 * there is one: rows without hash as they did before there was the column.
 */
function linkHash(row: Omit<Selectable<AuditTable>, 'hash'>): string {
  const { prevHash, seq, at, actor, action, subject, reason, detail, community } = row;
  const fields = [prevHash, seq, at, actor, action, subject, reason, detail];
  const whole = community === null ? fields : [...fields, community];
  return createHash('sha256').update(JSON.stringify(whole)).digest('hex');
}
