import type { Selectable } from 'kysely';
import type { Handle, RemovedPicturesTable, Tx } from './tables.ts';

/** Fields as in `RemovedPicturesTable`. */
export type RemovedPicture = Readonly<Selectable<RemovedPicturesTable>>;

export async function insertRemovedPicture(tx: Tx, picture: RemovedPicture): Promise<void> {
  await tx.insertInto('removedPictures').values(picture).execute();
}

/** @param scope `communityId`: of one community (null: what is removed everywhere); left out: all. */
export async function removedPictures(
  db: Handle,
  scope: { readonly communityId?: string | null },
): Promise<readonly RemovedPicture[]> {
  let query = db.selectFrom('removedPictures').selectAll();
  if (scope.communityId === null) query = query.where('communityId', 'is', null);
  else if (scope.communityId !== undefined) query = query.where('communityId', '=', scope.communityId);
  return query.orderBy('at').orderBy('id').execute();
}

export async function countRemovedPictures(db: Handle): Promise<number> {
  const { count } = await db
    .selectFrom('removedPictures')
    .select((of) => of.fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow();
  return count;
}

/** A page in the order of ids; the next begins after the last. */
export async function removedPicturesAfter(db: Handle, id: string, limit: number): Promise<readonly RemovedPicture[]> {
  return db.selectFrom('removedPictures').selectAll().where('id', '>', id).orderBy('id').limit(limit).execute();
}
