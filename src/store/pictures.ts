import type { Selectable } from 'kysely';
import type { Handle, PictureState, PicturesTable, Tx } from './tables.ts';

/** One picture of a job. */
export type Picture = Readonly<Selectable<PicturesTable>>;

/** Adds a picture, once: returns false where the job has one of this number, with nothing changed. */
export async function insertPicture(tx: Tx, picture: Picture): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await tx
    .insertInto('pictures')
    .values(picture)
    .onConflict((conflict) => conflict.columns(['jobId', 'number']).doNothing())
    .executeTakeFirst();
  return numInsertedOrUpdatedRows === 1n;
}

export async function picturesOfJob(db: Handle, jobId: string): Promise<readonly Picture[]> {
  return db.selectFrom('pictures').selectAll().where('jobId', '=', jobId).orderBy('number').execute();
}

/**
 * Moves a picture, if it still is where the mover believes it to be; a removed one forgets its blobs' names. Their
 * references are let go by whoever removes (`dropBlobRefs`).
 */
export async function movePicture(
  tx: Tx,
  move: { readonly jobId: string; readonly number: number; readonly from: PictureState; readonly to: PictureState },
): Promise<boolean> {
  const gone = move.to === 'removed' ? { pngHash: null, previewHash: null, latentsHash: null } : {};
  const { numUpdatedRows } = await tx
    .updateTable('pictures')
    .set({ state: move.to, ...gone })
    .where('jobId', '=', move.jobId)
    .where('number', '=', move.number)
    .where('state', '=', move.from)
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}
