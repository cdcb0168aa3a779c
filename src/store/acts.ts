/** What people did, by the platform's own ids: a platform that did not hear our answer tells of it again. */
import type { Identity } from './people.ts';
import type { Handle, Tx } from './tables.ts';

export interface ActId {
  readonly platform: string;
  readonly requestId: string;
}

/**
 * Takes an act for a process, if nobody has. One that another process has taken and not done is taken over: there is one
 * bot at a time, so that process is dead.
 * @param takenBy names this process. @param at Unix ms.
 * @returns whether it is this one's now.
 */
export async function takeAct(
  db: Handle,
  { platform, requestId }: ActId,
  { takenBy, at }: { readonly takenBy: string; readonly at: number },
): Promise<boolean> {
  const row = await db
    .insertInto('acts')
    .values({ platform, requestId, takenBy, at, isDone: 0, jobId: null })
    .onConflict((conflict) =>
      conflict
        .columns(['platform', 'requestId'])
        .doUpdateSet({ takenBy, at })
        .where('acts.isDone', '=', 0)
        .where('acts.takenBy', '!=', takenBy),
    )
    .returning('requestId')
    .executeTakeFirst();
  return row !== undefined;
}

export async function markActDone(db: Handle, act: ActId): Promise<void> {
  await ofAct(db, act).set({ isDone: 1 }).execute();
}

/** Nothing came of it: whoever is told of it again may do it. */
export async function giveActBack(db: Handle, { platform, requestId }: ActId): Promise<void> {
  await db
    .deleteFrom('acts')
    .where('platform', '=', platform)
    .where('requestId', '=', requestId)
    .where('isDone', '=', 0)
    .execute();
}

/** The job that the act is about to make. */
export async function setJobOfAct(db: Handle, act: ActId, jobId: string): Promise<void> {
  await ofAct(db, act).set({ jobId }).execute();
}

/** Whether the act has made its job already, in a process that died before it could say so. */
export async function hasJobOfAct(db: Handle, { platform, requestId }: ActId): Promise<boolean> {
  const row = await db
    .selectFrom('acts')
    .innerJoin('jobs', 'jobs.id', 'acts.jobId')
    .select('jobs.id')
    .where('acts.platform', '=', platform)
    .where('acts.requestId', '=', requestId)
    .executeTakeFirst();
  return row !== undefined;
}

/** What somebody wrote in a private chat is named by the chat, and so by them. @returns how many are gone. */
export async function eraseActsOf(tx: Tx, identities: readonly Identity[]): Promise<number> {
  let count = 0;
  for (const { platform, platformUserId } of identities) {
    const { numDeletedRows } = await tx
      .deleteFrom('acts')
      .where('platform', '=', platform)
      .where('requestId', 'like', `%:${platformUserId}:%`)
      .executeTakeFirst();
    count += Number(numDeletedRows);
  }
  return count;
}

/** Forgets acts that were taken before a time, at most `limit`; returns how many. */
export async function dropActs(tx: Tx, before: number, limit: number): Promise<number> {
  const old = tx
    .selectFrom('acts')
    .select(['platform', 'requestId'])
    .where('at', '<', before)
    .orderBy('at')
    .limit(limit);
  const rows = await old.execute();
  for (const { platform, requestId } of rows) {
    await tx.deleteFrom('acts').where('platform', '=', platform).where('requestId', '=', requestId).execute();
  }
  return rows.length;
}

function ofAct(db: Handle, { platform, requestId }: ActId) {
  return db.updateTable('acts').where('platform', '=', platform).where('requestId', '=', requestId);
}
