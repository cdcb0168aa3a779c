import type { Selectable } from 'kysely';
import type { ConsentsTable, Handle, Tx } from './tables.ts';

/** Which version of the terms somebody agreed to, and when (Unix ms). */
export type Consent = Readonly<Selectable<ConsentsTable>>;

export async function consentOf(db: Handle, personId: string): Promise<Consent | undefined> {
  return db.selectFrom('consents').selectAll().where('personId', '=', personId).executeTakeFirst();
}

/** Writes a consent down; returns false, with nothing changed, where this version or a later one is agreed to already. */
export async function insertConsent(tx: Tx, consent: Consent): Promise<boolean> {
  const { version, at } = consent;
  const { numInsertedOrUpdatedRows = 0n } = await tx
    .insertInto('consents')
    .values(consent)
    .onConflict((conflict) =>
      conflict.column('personId').doUpdateSet({ version, at }).where('consents.version', '<', version),
    )
    .executeTakeFirst();
  return numInsertedOrUpdatedRows === 1n;
}

/** Of two people who become one the later version counts. */
export async function mergeConsents(
  tx: Tx,
  { from, into }: { readonly from: string; readonly into: string },
): Promise<void> {
  const consent = await consentOf(tx, from);
  if (consent !== undefined) await insertConsent(tx, { ...consent, personId: into });
}
