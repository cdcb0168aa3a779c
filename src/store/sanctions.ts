import type { Selectable } from 'kysely';
import type { Handle, SanctionKind, SanctionsTable, Tx } from './tables.ts';

/** Fields as in `SanctionsTable`. */
export type Sanction = Readonly<Selectable<SanctionsTable>>;

export async function insertSanction(
  tx: Tx,
  sanction: Omit<Sanction, 'liftedAt' | 'identityHash'> & { readonly personId: string },
): Promise<void> {
  await tx
    .insertInto('sanctions')
    .values({ ...sanction, identityHash: null, liftedAt: null })
    .execute();
}

export async function sanctionById(db: Handle, id: string): Promise<Sanction | undefined> {
  return db.selectFrom('sanctions').selectAll().where('id', '=', id).executeTakeFirst();
}

/**
 * What is in force at a time: one person's or anybody's; in one community and everywhere, or (no community named) all;
 * the newest first. Warnings are always in force and hinder nothing.
 */
export async function activeSanctions(
  db: Handle,
  { personId, communityId, at }: { readonly personId?: string; readonly communityId?: string; readonly at: number },
): Promise<readonly Sanction[]> {
  let query = db
    .selectFrom('sanctions')
    .selectAll()
    .where('liftedAt', 'is', null)
    .where((where) => where.or([where('until', 'is', null), where('until', '>', at)]));
  if (personId !== undefined) query = query.where('personId', '=', personId);
  if (communityId !== undefined) {
    query = query.where((where) =>
      where.or([where('communityId', 'is', null), where('communityId', '=', communityId)]),
    );
  }
  return query.orderBy('at', 'desc').orderBy('id').execute();
}

/** All of somebody's in one community and everywhere, lapsed and lifted ones too: their record. */
export async function sanctionRecord(
  db: Handle,
  { personId, communityId }: { readonly personId: string; readonly communityId: string },
): Promise<Readonly<Partial<Record<SanctionKind, number>>>> {
  const rows = await db
    .selectFrom('sanctions')
    .select((of) => ['kind', of.fn.countAll<number>().as('count')])
    .where('personId', '=', personId)
    .where((where) => where.or([where('communityId', 'is', null), where('communityId', '=', communityId)]))
    .groupBy('kind')
    .execute();
  return Object.fromEntries(rows.map(({ kind, count }) => [kind, count]));
}

/** What a case led to, lifted or not; mutes of reporters are others'. */
export async function sanctionOfCase(db: Handle, caseId: string): Promise<Sanction | undefined> {
  return db
    .selectFrom('sanctions')
    .selectAll()
    .where('caseId', '=', caseId)
    .where('kind', '!=', 'mute')
    .executeTakeFirst();
}

/** Who was muted for their reports in a case. */
export async function mutedFor(db: Handle, caseId: string): Promise<ReadonlySet<string>> {
  const rows = await db
    .selectFrom('sanctions')
    .select('personId')
    .where('caseId', '=', caseId)
    .where('kind', '=', 'mute')
    .execute();
  return new Set(rows.flatMap(({ personId }) => personId ?? []));
}

/** Makes a sanction hold everywhere; returns false where it does already or is lifted. */
export async function widenSanction(tx: Tx, id: string): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('sanctions')
    .set({ communityId: null })
    .where('id', '=', id)
    .where('communityId', 'is not', null)
    .where('liftedAt', 'is', null)
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}

/** Ends a sanction early; returns false where it is lifted already. */
export async function liftSanction(tx: Tx, id: string, liftedAt: number): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('sanctions')
    .set({ liftedAt })
    .where('id', '=', id)
    .where('liftedAt', 'is', null)
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}

/** Sanctions of somebody who is forgotten: what is in force stays under the accounts' hashes, the rest goes. @returns how many were the person's. */
export async function detachSanctions(
  tx: Tx,
  {
    personId,
    accountHashes,
    at,
  }: { readonly personId: string; readonly accountHashes: readonly string[]; readonly at: number },
): Promise<number> {
  const kept = await activeSanctions(tx, { personId, at });
  const { numDeletedRows } = await tx.deleteFrom('sanctions').where('personId', '=', personId).executeTakeFirst();
  for (const sanction of kept) {
    for (const identityHash of accountHashes) {
      const id = `${sanction.id}:${identityHash.slice(0, 16)}`;
      const row = { ...sanction, id, personId: null, identityHash, caseId: null };
      await tx.insertInto('sanctions').values(row).execute();
    }
  }
  return Number(numDeletedRows);
}

/** Somebody came back under an account with that hash: the sanctions are theirs again. */
export async function attachSanctions(tx: Tx, identityHash: string, personId: string): Promise<number> {
  const { numUpdatedRows } = await tx
    .updateTable('sanctions')
    .set({ personId, identityHash: null })
    .where('identityHash', '=', identityHash)
    .executeTakeFirst();
  return Number(numUpdatedRows);
}
