import type { Selectable } from 'kysely';
import type { AttemptOutcome, AttemptsTable, Handle, Tx } from './tables.ts';

/** One try of an engine at a job; its token is what a result must carry to be accepted. */
export type Attempt = Readonly<Selectable<AttemptsTable>>;

/** @throws the database's own complaint where the job has an attempt of this number already. */
export async function startAttempt(
  tx: Tx,
  attempt: Pick<Attempt, 'token' | 'jobId' | 'number' | 'engine' | 'startedAt'>,
): Promise<void> {
  await tx
    .insertInto('attempts')
    .values({ ...attempt, endedAt: null, outcome: null, reason: null, engineMs: 0 })
    .execute();
}

/** Ends an attempt once; returns false where it had ended before, with nothing changed. */
export async function endAttempt(
  tx: Tx,
  end: {
    readonly token: string;
    readonly outcome: AttemptOutcome;
    readonly reason: string | null;
    readonly engineMs: number;
    readonly endedAt: number;
  },
): Promise<boolean> {
  const { token, ...changes } = end;
  const { numUpdatedRows } = await tx
    .updateTable('attempts')
    .set(changes)
    .where('token', '=', token)
    .where('endedAt', 'is', null)
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}

/** Attempts without an end: after a start these are the ones whose process died. */
export async function openAttempts(db: Handle): Promise<readonly Attempt[]> {
  return db.selectFrom('attempts').selectAll().where('endedAt', 'is', null).orderBy('token').execute();
}

/** A job's attempts, the first one first. */
export async function attemptsOfJob(db: Handle, jobId: string): Promise<readonly Attempt[]> {
  return db.selectFrom('attempts').selectAll().where('jobId', '=', jobId).orderBy('number').execute();
}
