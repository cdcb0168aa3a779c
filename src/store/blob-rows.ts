import type { Handle, Tx } from './tables.ts';

/** Something that needs a blob: the blob's file stays as long as one of these rows does. */
export interface BlobRef {
  /** SHA-256 of the bytes, lower-case hexadecimal. */
  readonly hash: string;
  /** `job`, `picture`. */
  readonly ownerKind: string;
  readonly ownerId: string;
  /** What it is needed for: `photo`, `png`. */
  readonly role: string;
}

export type BlobOwner = Pick<BlobRef, 'ownerKind' | 'ownerId'> & { readonly role?: string };

/** What the database knows about a blob. */
export interface BlobInfo {
  readonly hash: string;
  readonly bytes: number;
  readonly mediaType: string;
}

/**
 * Takes a reference to a blob that was put or that has another reference. Taking it again sets its expiry anew.
 * @param expiresAt Unix ms at which the reference ends by itself; null: when it is dropped.
 * @throws the database's own complaint (a foreign key) where there is no such blob.
 */
export async function addBlobRef(tx: Tx, ref: BlobRef, expiresAt: number | null = null): Promise<void> {
  await tx
    .insertInto('blobRefs')
    .values({ ...ref, expiresAt })
    .onConflict((conflict) => conflict.columns(['ownerKind', 'ownerId', 'role', 'hash']).doUpdateSet({ expiresAt }))
    .execute();
}

/** Sets when an owner's references end by themselves (Unix ms; null: never). Returns how many it has. */
export async function expireBlobRefs(tx: Tx, owner: BlobOwner, expiresAt: number | null): Promise<number> {
  let update = tx
    .updateTable('blobRefs')
    .set({ expiresAt })
    .where('ownerKind', '=', owner.ownerKind)
    .where('ownerId', '=', owner.ownerId);
  if (owner.role !== undefined) update = update.where('role', '=', owner.role);
  return Number((await update.executeTakeFirst()).numUpdatedRows);
}

/**
 * Lets go of an owner's blobs. Their files go with the next sweep after the grace, or with `removeUnreferenced`.
 * @returns the hashes let go, whether or not somebody else still needs them.
 */
export async function dropBlobRefs(tx: Tx, owner: BlobOwner, at: number): Promise<readonly string[]> {
  let removal = tx.deleteFrom('blobRefs').where('ownerKind', '=', owner.ownerKind).where('ownerId', '=', owner.ownerId);
  if (owner.role !== undefined) removal = removal.where('role', '=', owner.role);
  const hashes = [...new Set((await removal.returning('hash').execute()).map((row) => row.hash))];
  await touch(tx, hashes, at);
  return hashes;
}

/** Lets go of references whose time has come, at most `limit`; returns how many. */
export async function dropExpiredBlobRefs(tx: Tx, now: number, limit: number): Promise<number> {
  const due = await tx
    .selectFrom('blobRefs')
    .select(['hash', 'ownerKind', 'ownerId', 'role'])
    .where('expiresAt', 'is not', null)
    .where('expiresAt', '<=', now)
    .orderBy('expiresAt')
    .limit(limit)
    .execute();
  let dropped = 0;
  for (const ref of due) {
    const { numDeletedRows } = await tx
      .deleteFrom('blobRefs')
      .where('hash', '=', ref.hash)
      .where('ownerKind', '=', ref.ownerKind)
      .where('ownerId', '=', ref.ownerId)
      .where('role', '=', ref.role)
      .where('expiresAt', '<=', now)
      .executeTakeFirst();
    dropped += Number(numDeletedRows);
  }
  await touch(tx, [...new Set(due.map((ref) => ref.hash))], now);
  return dropped;
}

export async function blobInfo(db: Handle, hash: string): Promise<BlobInfo | undefined> {
  return db.selectFrom('blobs').select(['hash', 'bytes', 'mediaType']).where('hash', '=', hash).executeTakeFirst();
}

/** Who needs a blob. */
export async function blobRefs(db: Handle, hash: string): Promise<readonly BlobRef[]> {
  return db
    .selectFrom('blobRefs')
    .select(['hash', 'ownerKind', 'ownerId', 'role'])
    .where('hash', '=', hash)
    .orderBy('ownerKind')
    .orderBy('ownerId')
    .orderBy('role')
    .execute();
}

/** A page of the blobs that somebody needs, in the order of their hashes; the next page begins after the last one. */
export async function neededBlobs(db: Handle, afterHash: string, limit: number): Promise<readonly BlobInfo[]> {
  return db
    .selectFrom('blobs')
    .select(['hash', 'bytes', 'mediaType'])
    .where('hash', '>', afterHash)
    .where((of) =>
      of.exists(of.selectFrom('blobRefs').select('blobRefs.hash').whereRef('blobRefs.hash', '=', 'blobs.hash')),
    )
    .orderBy('hash')
    .limit(limit)
    .execute();
}

/** Writes down that a blob is about to be there; from now on a sweep spares it for the length of its grace. */
export async function announceBlob(db: Handle, info: BlobInfo, at: number): Promise<void> {
  await db
    .insertInto('blobs')
    .values({ ...info, createdAt: at, touchedAt: at })
    .onConflict((conflict) => conflict.column('hash').doUpdateSet({ touchedAt: at }))
    .execute();
}

/** Counts the grace anew; returns whether the row is there. */
export async function touchBlob(db: Handle, hash: string, at: number): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('blobs')
    .set({ touchedAt: at })
    .where('hash', '=', hash)
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}

/** Hashes that nobody needs and nobody touched after a time, at most `limit`. */
export async function unreferencedBlobs(db: Handle, touchedUntil: number, limit: number): Promise<readonly string[]> {
  const rows = await db
    .selectFrom('blobs')
    .select('hash')
    .where('touchedAt', '<=', touchedUntil)
    .where((of) =>
      of.not(of.exists(of.selectFrom('blobRefs').select('blobRefs.hash').whereRef('blobRefs.hash', '=', 'blobs.hash'))),
    )
    .orderBy('touchedAt')
    .orderBy('hash')
    .limit(limit)
    .execute();
  return rows.map((row) => row.hash);
}

/**
 * Deletes a blob's row where nobody needs it and nobody touched it after a time; returns whether it did.
 * @throws PostgreSQL's complaint (`isStillReferred`) where another transaction has just taken a reference: the row's
 * snapshot did not show it, its foreign key did.
 */
export async function forgetBlob(tx: Tx, hash: string, touchedUntil: number): Promise<boolean> {
  const { numDeletedRows } = await tx
    .deleteFrom('blobs')
    .where('hash', '=', hash)
    .where('touchedAt', '<=', touchedUntil)
    .where((of) =>
      of.not(of.exists(of.selectFrom('blobRefs').select('blobRefs.hash').where('blobRefs.hash', '=', hash))),
    )
    .executeTakeFirst();
  return numDeletedRows === 1n;
}

async function touch(tx: Tx, hashes: readonly string[], at: number): Promise<void> {
  if (hashes.length === 0) return;
  await tx.updateTable('blobs').set({ touchedAt: at }).where('hash', 'in', hashes).execute();
}
