import { randomUUID } from 'node:crypto';
import type { Selectable } from 'kysely';
import { toObject } from './json.ts';
import type { Handle, JsonObject, RemovalsTable, Tx } from './tables.ts';

/** Somebody who is being forgotten. @property work what is to be done and what was, in the words of whoever does it. */
export interface ForgettingRow {
  readonly personId: string;
  /** Unix ms. */
  readonly at: number;
  readonly work: JsonObject;
}

/** A message of the bot's that is to be taken away; JSON read. */
export type Removal = Readonly<Omit<Selectable<RemovalsTable>, 'address'>> & { readonly address: JsonObject };

/** What was begun and not ended: by a process that died, or at this moment. */
export async function forgettingsUnderWay(db: Handle): Promise<readonly ForgettingRow[]> {
  const rows = await db.selectFrom('forgettings').selectAll().orderBy('at').orderBy('personId').execute();
  return rows.map((row) => ({ ...row, work: toObject(row.work, 'forgettings.work') }));
}

export async function saveForgetting(tx: Tx, { personId, at, work }: ForgettingRow): Promise<void> {
  const text = JSON.stringify(work);
  await tx
    .insertInto('forgettings')
    .values({ personId, at, work: text })
    .onConflict((conflict) => conflict.column('personId').doUpdateSet({ work: text }))
    .execute();
}

export async function endForgetting(tx: Tx, personId: string): Promise<void> {
  await tx.deleteFrom('forgettings').where('personId', '=', personId).execute();
}

export async function insertRemoval(
  tx: Tx,
  removal: Pick<Removal, 'platform' | 'address' | 'createdAt'>,
): Promise<string> {
  const { platform, address, createdAt } = removal;
  const id = randomUUID();
  await tx
    .insertInto('removals')
    .values({ id, platform, address: JSON.stringify(address), attemptCount: 0, nextAttemptAt: createdAt, createdAt })
    .execute();
  return id;
}

/** Removals whose time has come, the longest due first. */
export async function dueRemovals(
  db: Handle,
  { now, limit }: { readonly now: number; readonly limit: number },
): Promise<readonly Removal[]> {
  const rows = await db
    .selectFrom('removals')
    .selectAll()
    .where('nextAttemptAt', '<=', now)
    .orderBy('nextAttemptAt')
    .orderBy('id')
    .limit(limit)
    .execute();
  return rows.map((row) => ({ ...row, address: toObject(row.address, 'removals.address') }));
}

export async function postponeRemoval(db: Handle, id: string, nextAttemptAt: number): Promise<void> {
  await db
    .updateTable('removals')
    .set((of) => ({ attemptCount: of('attemptCount', '+', 1), nextAttemptAt }))
    .where('id', '=', id)
    .execute();
}

export async function deleteRemoval(db: Handle, id: string): Promise<void> {
  await db.deleteFrom('removals').where('id', '=', id).execute();
}

/** When the next removal is due (Unix ms); undefined: there is none. */
export async function nextRemovalAt(db: Handle): Promise<number | undefined> {
  const row = await db
    .selectFrom('removals')
    .select((of) => of.fn.min('nextAttemptAt').as('at'))
    .executeTakeFirst();
  return row?.at ?? undefined;
}
