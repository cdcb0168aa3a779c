import { mergeConsents } from './consents.ts';
import type { Handle, Tx } from './tables.ts';

/** A person on a platform, by the platform's own id. */
export interface Identity {
  readonly platform: string;
  readonly platformUserId: string;
}

/**
 * The person behind an identity; one that is seen for the first time becomes the person `newPersonId`.
 * @returns the person's id.
 */
export async function ensurePerson(
  tx: Tx,
  {
    platform,
    platformUserId,
    newPersonId,
    at,
    locale = null,
  }: Identity & { readonly newPersonId: string; readonly at: number; readonly locale?: string | null },
): Promise<string> {
  const known = await personByIdentity(tx, { platform, platformUserId });
  if (known !== undefined) return known;
  await tx.insertInto('people').values({ id: newPersonId, createdAt: at }).execute();
  const inserted = await tx
    .insertInto('identities')
    .values({ platform, platformUserId, personId: newPersonId, locale, createdAt: at })
    .onConflict((conflict) => conflict.columns(['platform', 'platformUserId']).doNothing())
    .returning('personId')
    .executeTakeFirst();
  if (inserted !== undefined) return inserted.personId;
  // Another process saw the same identity for the first time at the same moment and was faster.
  await tx.deleteFrom('people').where('id', '=', newPersonId).execute();
  const first = await tx
    .selectFrom('identities')
    .select('personId')
    .where('platform', '=', platform)
    .where('platformUserId', '=', platformUserId)
    .executeTakeFirstOrThrow();
  return first.personId;
}

export async function personByIdentity(db: Handle, identity: Identity): Promise<string | undefined> {
  return (await accountOf(db, identity))?.personId;
}

/** @property locale of the person's client, as the platform named it last; null where it never has. */
export interface Account extends Identity {
  readonly locale: string | null;
}

export async function accountOf(
  db: Handle,
  { platform, platformUserId }: Identity,
): Promise<(Account & { readonly personId: string }) | undefined> {
  return db
    .selectFrom('identities')
    .select(['platform', 'platformUserId', 'personId', 'locale'])
    .where('platform', '=', platform)
    .where('platformUserId', '=', platformUserId)
    .executeTakeFirst();
}

export async function accountsOf(db: Handle, personId: string): Promise<readonly Account[]> {
  return db
    .selectFrom('identities')
    .select(['platform', 'platformUserId', 'locale'])
    .where('personId', '=', personId)
    .orderBy('platform')
    .orderBy('platformUserId')
    .execute();
}

export async function setLocale(db: Handle, { platform, platformUserId }: Identity, locale: string): Promise<void> {
  await db
    .updateTable('identities')
    .set({ locale })
    .where('platform', '=', platform)
    .where('platformUserId', '=', platformUserId)
    .execute();
}

export async function identitiesOf(db: Handle, personId: string): Promise<readonly Identity[]> {
  const accounts = await accountsOf(db, personId);
  return accounts.map(({ platform, platformUserId }) => ({ platform, platformUserId }));
}

/** Makes one person of two: identities, jobs, usage, cases and sanctions of `from` become `into`'s, and `from` is gone. */
export async function mergePeople(
  tx: Tx,
  { from, into }: { readonly from: string; readonly into: string },
): Promise<void> {
  if (from === into) return;
  const personId = into;
  await tx.updateTable('identities').set({ personId }).where('personId', '=', from).execute();
  await tx.updateTable('jobs').set({ personId }).where('personId', '=', from).execute();
  await tx.updateTable('usage').set({ personId }).where('personId', '=', from).execute();
  await tx.updateTable('cases').set({ personId }).where('personId', '=', from).execute();
  await tx.updateTable('sanctions').set({ personId }).where('personId', '=', from).execute();
  await tx.updateTable('notices').set({ personId }).where('personId', '=', from).execute();
  // Who reported the same picture under both names reported it once.
  const own = tx.selectFrom('reports').select('caseId').where('personId', '=', into);
  await tx.deleteFrom('reports').where('personId', '=', from).where('caseId', 'in', own).execute();
  await tx.updateTable('reports').set({ personId }).where('personId', '=', from).execute();
  await mergeConsents(tx, { from, into });
  await tx.deleteFrom('people').where('id', '=', from).execute();
}

/** @returns how many there were. */
export async function deleteIdentities(tx: Tx, personId: string): Promise<number> {
  return Number((await tx.deleteFrom('identities').where('personId', '=', personId).executeTakeFirst()).numDeletedRows);
}

/** The row alone. @throws the database's own complaint where jobs or identities refer to it. */
export async function deletePerson(tx: Tx, personId: string): Promise<void> {
  await tx.deleteFrom('people').where('id', '=', personId).execute();
}

export async function isKnown(db: Handle, personId: string): Promise<boolean> {
  return (await db.selectFrom('people').select('id').where('id', '=', personId).executeTakeFirst()) !== undefined;
}
