import type { Selectable, Updateable } from 'kysely';
import { toObject } from './json.ts';
import { type Handle, JOB_STATES, type JobState, type JobsTable, type JsonObject, type Tx } from './tables.ts';

/** A job as it stands in the database; fields as in `JobsTable`, JSON read. */
export type Job = Readonly<Omit<Selectable<JobsTable>, 'address' | 'parameters' | 'failureDetails'>> & {
  readonly address: JsonObject;
  readonly parameters: JsonObject;
  readonly failureDetails: JsonObject | null;
};

/** What a request says about the job that it asks for; the rest starts as nothing. */
export type NewJob = Pick<
  Job,
  | 'id'
  | 'idempotencyKey'
  | 'communityId'
  | 'personId'
  | 'platform'
  | 'address'
  | 'prompt'
  | 'parameters'
  | 'seed'
  | 'model'
  | 'modelHash'
  | 'parentId'
  | 'photoHash'
  | 'count'
  | 'estimatedCost'
  | 'submittedAt'
> & { readonly state: JobState };

/** What a dispatcher keeps in memory of each waiting job. */
export type WaitingJob = Pick<
  Job,
  'seq' | 'id' | 'communityId' | 'personId' | 'model' | 'count' | 'estimatedCost' | 'notBefore' | 'submittedAt'
>;

/** What may change beside a job's state. */
export type JobChanges = Pick<
  Updateable<JobsTable>,
  | 'attemptToken'
  | 'attemptCount'
  | 'model'
  | 'modelHash'
  | 'notBefore'
  | 'failureCode'
  | 'failureReason'
  | 'failureDetails'
  | 'startedAt'
  | 'endedAt'
  | 'engineMs'
>;

/**
 * Adds a job, unless there is one for the same request: then that one is given back as it stands.
 * @throws the database's own complaint where the id is taken or person, community or parent do not exist.
 */
export async function insertJob(db: Handle, job: NewJob): Promise<{ readonly job: Job; readonly created: boolean }> {
  const row = await db
    .insertInto('jobs')
    .values({
      ...job,
      address: JSON.stringify(job.address),
      parameters: JSON.stringify(job.parameters),
      engineMs: 0,
      attemptCount: 0,
      attemptToken: null,
      notBefore: 0,
      failureCode: null,
      failureReason: null,
      failureDetails: null,
      startedAt: null,
      endedAt: null,
    })
    .onConflict((conflict) => conflict.column('idempotencyKey').doNothing())
    .returningAll()
    .executeTakeFirst();
  if (row !== undefined) return { job: toJob(row), created: true };
  const earlier = await db
    .selectFrom('jobs')
    .selectAll()
    .where('idempotencyKey', '=', job.idempotencyKey)
    .executeTakeFirstOrThrow();
  return { job: toJob(earlier), created: false };
}

export async function jobById(db: Handle, id: string): Promise<Job | undefined> {
  const row = await db.selectFrom('jobs').selectAll().where('id', '=', id).executeTakeFirst();
  return row === undefined ? undefined : toJob(row);
}

/** Where these jobs' messages stand, in no order; a job that is gone is left out. */
export async function placesOfJobs(
  db: Handle,
  ids: readonly string[],
): Promise<readonly Pick<Job, 'id' | 'platform' | 'address'>[]> {
  if (ids.length === 0) return [];
  const rows = await db.selectFrom('jobs').select(['id', 'platform', 'address']).where('id', 'in', ids).execute();
  return rows.map((row) => ({ ...row, address: toObject(row.address, 'jobs.address') }));
}

/** Undefined where there is no such job. */
export async function communityOfJob(db: Handle, id: string): Promise<string | undefined> {
  const row = await db.selectFrom('jobs').select('communityId').where('id', '=', id).executeTakeFirst();
  return row?.communityId;
}

/**
 * A job's row, kept from others until the transaction ends: what is worked out from it stays true. On SQLite a transaction
 * is alone anyway; on PostgreSQL an update that changes nothing takes the row's lock.
 */
export async function lockJob(tx: Tx, id: string): Promise<Job | undefined> {
  const row = await tx
    .updateTable('jobs')
    .set((of) => ({ attemptCount: of.ref('attemptCount') }))
    .where('id', '=', id)
    .returningAll()
    .executeTakeFirst();
  return row === undefined ? undefined : toJob(row);
}

/** The job that a request (a platform's update or interaction id) made, if it did. */
export async function jobByIdempotencyKey(db: Handle, idempotencyKey: string): Promise<Job | undefined> {
  const row = await db.selectFrom('jobs').selectAll().where('idempotencyKey', '=', idempotencyKey).executeTakeFirst();
  return row === undefined ? undefined : toJob(row);
}

/** A page of the jobs in one state, in the order of submission; the next page begins after the last `seq`. */
export async function waitingJobs(
  db: Handle,
  { state, afterSeq, limit }: { readonly state: JobState; readonly afterSeq: number; readonly limit: number },
): Promise<readonly WaitingJob[]> {
  return db
    .selectFrom('jobs')
    .select(['seq', 'id', 'communityId', 'personId', 'model', 'count', 'estimatedCost', 'notBefore', 'submittedAt'])
    .where('state', '=', state)
    .where('seq', '>', afterSeq)
    .orderBy('seq')
    .limit(limit)
    .execute();
}

/** Jobs that are painted from any of these photos, the oldest first. */
export async function jobsOfPhotos(db: Handle, photoHashes: readonly string[]): Promise<readonly Job[]> {
  const jobs = new Map<string, Job>();
  for (const hash of photoHashes) {
    const rows = await db
      .selectFrom('jobs')
      .selectAll()
      .where((of) =>
        of.or([
          of('photoHash', '=', hash),
          of(
            'id',
            'in',
            of
              .selectFrom('blobRefs')
              .select('ownerId')
              .where('hash', '=', hash)
              .where('ownerKind', '=', 'job')
              .where('role', '=', 'photo'),
          ),
        ]),
      )
      .execute();
    for (const row of rows) jobs.set(row.id, toJob(row));
  }
  return [...jobs.values()].sort((a, b) => a.seq - b.seq);
}

/** Jobs that were made of any of these. */
export async function jobsOfParents(db: Handle, parentIds: readonly string[]): Promise<readonly Job[]> {
  const jobs: Job[] = [];
  for (const parentId of parentIds) {
    const rows = await db.selectFrom('jobs').selectAll().where('parentId', '=', parentId).orderBy('seq').execute();
    jobs.push(...rows.map(toJob));
  }
  return jobs;
}

/** Whose jobs, in which states (none named: all). */
export interface JobFilter {
  readonly personId?: string;
  readonly communityId?: string;
  readonly states?: readonly JobState[];
}

/** A page of jobs, the newest first; the next page begins before the last `seq`. */
export async function listJobs(
  db: Handle,
  filter: JobFilter,
  { beforeSeq = Number.MAX_SAFE_INTEGER, limit }: { readonly beforeSeq?: number; readonly limit: number },
): Promise<readonly Job[]> {
  const page = (state?: JobState) =>
    filtered(db, { ...filter, ...(state === undefined ? {} : { states: [state] }) })
      .selectAll()
      .where('seq', '<', beforeSeq)
      .orderBy('seq', 'desc')
      .limit(limit)
      .execute();
  if (filter.states === undefined) return (await page()).map(toJob);
  // One range of an index a state, then the newest of all of them: `state in (...)` would sort every matching row.
  const pages: Selectable<JobsTable>[] = [];
  for (const state of new Set(filter.states)) pages.push(...(await page(state)));
  return pages
    .sort((a, b) => b.seq - a.seq)
    .slice(0, limit)
    .map(toJob);
}

export async function countJobs(db: Handle, filter: JobFilter): Promise<number> {
  const { count } = await filtered(db, filter)
    .select((of) => of.fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow();
  return count;
}

/** How many jobs are in each state; a state without any counts 0. */
export async function countJobsByState(db: Handle): Promise<Readonly<Record<JobState, number>>> {
  const rows = await db
    .selectFrom('jobs')
    .select((of) => ['state', of.fn.countAll<number>().as('count')])
    .groupBy('state')
    .execute();
  const counts = new Map(rows.map((row) => [row.state, row.count]));
  return Object.fromEntries(JOB_STATES.map((state) => [state, counts.get(state) ?? 0])) as Record<JobState, number>;
}

/**
 * Moves a job, if it still is where the mover believes it to be.
 * @param move `attemptToken` given: only while that attempt is the current one.
 * @returns whether it moved; false: someone else was first, and nothing changed.
 */
export async function moveJob(
  tx: Tx,
  move: {
    readonly id: string;
    readonly from: JobState | readonly JobState[];
    readonly to: JobState;
    readonly attemptToken?: string;
    readonly changes?: JobChanges;
  },
): Promise<boolean> {
  const from = typeof move.from === 'string' ? [move.from] : move.from;
  let update = tx
    .updateTable('jobs')
    .set({ ...move.changes, state: move.to })
    .where('id', '=', move.id)
    .where('state', 'in', from);
  if (move.attemptToken !== undefined) update = update.where('attemptToken', '=', move.attemptToken);
  return (await update.executeTakeFirst()).numUpdatedRows === 1n;
}

/** Writes down why a job will not be shown as it is, before it has ended. */
export async function noteFailure(tx: Tx, id: string, failureCode: string, failureReason: string): Promise<void> {
  await tx.updateTable('jobs').set({ failureCode, failureReason }).where('id', '=', id).execute();
}

/** Adds measured engine time; returns whether there is such a job. */
export async function addEngineMs(tx: Tx, id: string, engineMs: number): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('jobs')
    .set((of) => ({ engineMs: of('engineMs', '+', engineMs) }))
    .where('id', '=', id)
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}

/** For a job that is tried again; of one that has ended only. @returns whether it was there. */
export async function setJobParameters(db: Handle, id: string, parameters: JsonObject): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('jobs')
    .set({ parameters: JSON.stringify(parameters) })
    .where('id', '=', id)
    .where('state', 'in', ['failed', 'cancelled'])
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}

/** Where the placeholder stands now: written once it is posted, and when its chat moves. */
export async function setJobAddress(db: Handle, id: string, address: JsonObject): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('jobs')
    .set({ address: JSON.stringify(address) })
    .where('id', '=', id)
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}

/** A message got another address, as when a group becomes a supergroup: jobs that stood there stand where it is now. */
export async function moveJobAddress(tx: Tx, from: JsonObject, to: JsonObject): Promise<void> {
  await tx
    .updateTable('jobs')
    .set({ address: JSON.stringify(to) })
    .where('address', '=', JSON.stringify(from))
    .execute();
}

/** Ids of jobs that ended before a time, the oldest first: what an expiry sweep takes next. */
export async function endedJobIds(
  db: Handle,
  { endedBefore, limit }: { readonly endedBefore: number; readonly limit: number },
): Promise<readonly string[]> {
  const rows = await db
    .selectFrom('jobs')
    .select('id')
    .where('endedAt', 'is not', null)
    .where('endedAt', '<', endedBefore)
    .orderBy('endedAt')
    .limit(limit)
    .execute();
  return rows.map((row) => row.id);
}

/**
 * Deletes a job with its attempts, pictures and deliveries. Its references to blobs are let go by whoever deletes
 * (`dropBlobRefs`), since only they know under which names they took them.
 */
export async function deleteJob(tx: Tx, id: string): Promise<boolean> {
  const { numDeletedRows } = await tx.deleteFrom('jobs').where('id', '=', id).executeTakeFirst();
  return numDeletedRows === 1n;
}

function filtered(db: Handle, { personId, communityId, states }: JobFilter) {
  let query = db.selectFrom('jobs');
  if (personId !== undefined) query = query.where('personId', '=', personId);
  if (communityId !== undefined) query = query.where('communityId', '=', communityId);
  if (states !== undefined) query = query.where('state', 'in', states);
  return query;
}

function toJob(row: Selectable<JobsTable>): Job {
  return {
    ...row,
    address: toObject(row.address, 'jobs.address'),
    parameters: toObject(row.parameters, 'jobs.parameters'),
    failureDetails: row.failureDetails === null ? null : toObject(row.failureDetails, 'jobs.failureDetails'),
  };
}
