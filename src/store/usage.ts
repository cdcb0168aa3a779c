import type { Handle, Tx } from './tables.ts';

/** Engine time that one attempt cost a person in a community, written when it was measured. */
export interface Usage {
  readonly jobId: string;
  readonly communityId: string;
  readonly personId: string;
  readonly engineMs: number;
  /** Unix ms. */
  readonly at: number;
}

export async function addUsage(tx: Tx, usage: Usage): Promise<void> {
  await tx.insertInto('usage').values(usage).execute();
}

/** Where the next page of `usageSince` begins. */
export interface UsageCursor {
  readonly at: number;
  readonly seq: number;
}

/** A page of the history of use since a time, the oldest first: what the fair shares are rebuilt from. */
export async function usageSince(
  db: Handle,
  { since, after, limit }: { readonly since: number; readonly after?: UsageCursor; readonly limit: number },
): Promise<readonly (Usage & UsageCursor)[]> {
  let query = db
    .selectFrom('usage')
    .select(['seq', 'jobId', 'communityId', 'personId', 'engineMs', 'at'])
    .where('at', '>=', since);
  if (after !== undefined)
    query = query.where((of) => of(of.refTuple('at', 'seq'), '>', of.tuple(after.at, after.seq)));
  return query.orderBy('at').orderBy('seq').limit(limit).execute();
}

/** What a person used since a time, in milliseconds of engine time. */
export async function engineMsOfPerson(db: Handle, personId: string, since: number): Promise<number> {
  const { total } = await db
    .selectFrom('usage')
    .select((of) => of.fn.sum<number | null>('engineMs').as('total'))
    .where('personId', '=', personId)
    .where('at', '>=', since)
    .executeTakeFirstOrThrow();
  return total ?? 0;
}

/** Forgets use before a time, at most `limit` rows; returns how many. */
export async function forgetUsage(tx: Tx, before: number, limit: number): Promise<number> {
  const { numDeletedRows } = await tx
    .deleteFrom('usage')
    .where('seq', 'in', (of) =>
      of.selectFrom('usage').select('seq').where('at', '<', before).orderBy('at').orderBy('seq').limit(limit),
    )
    .executeTakeFirst();
  return Number(numDeletedRows);
}

/** Forgets what a person used; returns how many rows. */
export async function forgetUsageOf(tx: Tx, personId: string): Promise<number> {
  return Number((await tx.deleteFrom('usage').where('personId', '=', personId).executeTakeFirst()).numDeletedRows);
}
