import { sql } from 'kysely';
import type { DialectName, Handle, Tables, Tx } from './tables.ts';

/** SQLite binds at most 32,766 values a statement; the widest table has 26 columns. */
const ROWS_A_STATEMENT = 500;

/** Each table with the columns that put its rows in one order; a table comes after those that its rows refer to. */
const ORDERED_BY: { readonly [Name in keyof Tables]: readonly (keyof Tables[Name] & string)[] } = {
  people: ['id'],
  identities: ['platform', 'platformUserId'],
  communities: ['id'],
  jobs: ['seq'],
  attempts: ['token'],
  pictures: ['jobId', 'number'],
  deliveries: ['id'],
  usage: ['seq'],
  audit: ['seq'],
  auditHead: ['id'],
  blobs: ['hash'],
  blobRefs: ['ownerKind', 'ownerId', 'role', 'hash'],
  keyv: ['namespace', 'key'],
  acts: ['platform', 'requestId'],
  consents: ['personId'],
  forgettings: ['personId'],
  removals: ['id'],
  cases: ['id'],
  reports: ['caseId', 'personId'],
  sanctions: ['id'],
  removedPictures: ['id'],
  notices: ['id'],
};

const TABLE_NAMES = Object.keys(ORDERED_BY) as readonly (keyof Tables)[];

/** Whether there is nothing in the tables but what an empty database starts with. */
export async function isEmpty(db: Handle): Promise<boolean> {
  for (const table of TABLE_NAMES) {
    if (table === 'auditHead') continue;
    if (
      (
        await db
          .selectFrom(table)
          .select(sql<number>`1`.as('one'))
          .limit(1)
          .execute()
      ).length > 0
    )
      return false;
  }
  return true;
}

/**
 * Copies all rows between two databases of the same schema version, whichever kinds they are.
 * @param from should not change meanwhile: a transaction that sees one moment.
 * @param into empty but for what the schema itself puts there.
 * @returns how many rows each table had.
 */
export async function copyTables(
  from: Handle,
  into: Tx,
  intoDialect: DialectName,
  signal?: AbortSignal,
): Promise<Readonly<Record<string, number>>> {
  const counts: Record<string, number> = {};
  await into.deleteFrom('auditHead').execute();
  for (const table of TABLE_NAMES) counts[table] = await copyTable(from, into, table, signal);
  if (intoDialect === 'postgres') await advanceCounters(into);
  return counts;
}

async function copyTable(from: Handle, into: Tx, table: keyof Tables, signal?: AbortSignal): Promise<number> {
  // A table's name that is known only when it runs has no row type; the rows go from one table to the same one.
  const source = from.withTables<Record<string, Record<string, unknown>>>();
  const target = into.withTables<Record<string, Record<string, unknown>>>();
  const key: readonly string[] = ORDERED_BY[table];
  let after: Record<string, unknown> | undefined;
  for (let copied = 0; ;) {
    signal?.throwIfAborted();
    let query = source.selectFrom(table).selectAll();
    if (after !== undefined) {
      const columns = sql.join(key.map((column) => sql.ref(column)));
      const values = sql.join(key.map((column) => sql.val(after?.[column])));
      query = query.where(sql<boolean>`(${columns}) > (${values})`);
    }
    for (const column of key) query = query.orderBy(sql.ref(column));
    const rows = await query.limit(ROWS_A_STATEMENT).execute();
    after = rows.at(-1);
    if (after === undefined) return copied;
    await target.insertInto(table).values(rows).execute();
    copied += rows.length;
  }
}

/** PostgreSQL counts on from where it was when numbers are given: the next row would take a number that is taken. */
async function advanceCounters(tx: Tx): Promise<void> {
  for (const table of ['jobs', 'usage']) {
    await sql`select setval(pg_get_serial_sequence(${table}, 'seq'),
      coalesce((select max(seq) from ${sql.table(table)}), 0) + 1, false)`.execute(tx);
  }
}
