import { type CreateTableBuilder, type Kysely, sql } from 'kysely';
import type { DialectName } from '../tables.ts';

/**
 * A step forward of the schema. Steps are never changed once released: they name tables and columns by text, not by the
 * types of today's rows. Column types are chosen so that both databases read them alike: `text`, `bigint` (64 bits),
 * `double precision`.
 */
export interface SchemaStep {
  /** Sorts after every earlier step's name. */
  readonly name: string;
  readonly up: (db: Kysely<unknown>, dialect: DialectName) => Promise<void>;
}

/** Adds `seq`, a primary key that grows by itself; SQLite wants this type by exactly this name for it. */
export function withSeq<Table extends string>(
  table: CreateTableBuilder<Table>,
  dialect: DialectName,
): CreateTableBuilder<Table, 'seq'> {
  return dialect === 'sqlite'
    ? table.addColumn('seq', 'integer', (column) => column.primaryKey().autoIncrement())
    : table.addColumn('seq', 'bigint', (column) => column.primaryKey().generatedByDefaultAsIdentity());
}

export const double = sql`double precision`;
