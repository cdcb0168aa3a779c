import { createHash } from 'node:crypto';
import type { Selectable } from 'kysely';
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
  const row = { ...entry, detail: JSON.stringify(entry.detail), seq: head.seq, prevHash: head.hash };
  const hash = linkHash(row);
  await tx
    .insertInto('audit')
    .values({ ...row, hash })
    .execute();
  await tx.updateTable('auditHead').set({ hash }).where('id', '=', 1).execute();
  return head.seq;
}

/** A page of the trail, the newest first; the next page begins before the last `seq`. */
export async function auditPage(
  db: Handle,
  filter: Partial<Pick<AuditEntry, 'actor' | 'action' | 'subject'>>,
  { beforeSeq = Number.MAX_SAFE_INTEGER, limit }: { readonly beforeSeq?: number; readonly limit: number },
): Promise<readonly AuditRow[]> {
  let query = db
    .selectFrom('audit')
    .select(['seq', 'at', 'actor', 'action', 'subject', 'reason', 'detail', 'hash'])
    .where('seq', '<', beforeSeq);
  if (filter.actor !== undefined) query = query.where('actor', '=', filter.actor);
  if (filter.action !== undefined) query = query.where('action', '=', filter.action);
  if (filter.subject !== undefined) query = query.where('subject', '=', filter.subject);
  const rows = await query.orderBy('seq', 'desc').limit(limit).execute();
  return rows.map((row) => ({ ...row, detail: toObject(row.detail, 'audit.detail') }));
}

const VERIFY_PAGE = 500;

/** How many rows of the trail hold, and the number of the first that does not: changed, missing or added. */
export interface AuditVerdict {
  readonly rows: number;
  readonly brokenAt: number | undefined;
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

/** SHA-256 over the row's fields in this order, as JSON, so that no two rows share a text. */
function linkHash(row: Omit<Selectable<AuditTable>, 'hash'>): string {
  const fields = [row.prevHash, row.seq, row.at, row.actor, row.action, row.subject, row.reason, row.detail];
  return createHash('sha256').update(JSON.stringify(fields)).digest('hex');
}
