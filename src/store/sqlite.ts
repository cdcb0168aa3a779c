import { closeSync, openSync } from 'node:fs';
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';
import {
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  type Kysely,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely';
import { Fault, shown } from '../errors.ts';
import { keptLogBytes } from './checkpoints.ts';
import { fileTrouble, isSqliteBusy, sqliteTrouble } from './trouble.ts';

/**
 * How long SQLite itself may wait for another process's lock. It waits on the thread of the event loop, so it gets a
 * moment only; the rest of the waiting is done asynchronously.
 */
const BLOCKING_WAIT_MS = 10;
const RETRY_DELAY_MS = 15;

/** More statements than the store has; the oldest goes when there are more (batches of changing length make new ones). */
const MAX_CACHED_STATEMENTS = 300;

/**
 * @property busyTimeoutMs how long a statement or transaction waits for another process before it is a Fault.
 * @property syncs who brings commits to the disk: `sqlite` does it at each, on this thread; `owner` of the database does
 * it with `WalSync` and `Checkpoints`.
 */
export interface SqliteOptions {
  readonly file: string;
  readonly busyTimeoutMs: number;
  readonly syncs: 'sqlite' | 'owner';
}

/**
 * Opens a database file, made with mode 0600 where there is none (SQLite gives its side files the same mode).
 * @throws Fault in a sentence where the folder is read-only, the disk full, or the file no database.
 */
export async function openSqlite(options: SqliteOptions): Promise<DatabaseSync> {
  const { file } = options;
  try {
    closeSync(openSync(file, 'a', 0o600));
  } catch (error) {
    throw fileTrouble(error, file);
  }
  const database = new DatabaseSync(file, { timeout: BLOCKING_WAIT_MS });
  try {
    await patiently(options, () => {
      // FULL: a commit is on the disk when it returns, also in WAL mode; NORMAL leaves that to `WalSync`, and itself keeps
      // the order of log and database only (https://sqlite.org/pragma.html#pragma_synchronous).
      // secure_delete: what is deleted is overwritten.
      // The owner's log is written back by `Checkpoints` long before this connection would have to.
      database.exec(
        `pragma journal_mode = wal; pragma synchronous = ${options.syncs === 'sqlite' ? 'full' : 'normal'}; ` +
          'pragma foreign_keys = on; pragma secure_delete = on; ' +
          `pragma wal_autocheckpoint = ${options.syncs === 'sqlite' ? 4_000 : 32_000}; ` +
          `pragma journal_size_limit = ${keptLogBytes}; pragma cache_size = -32768; ` +
          'pragma temp_store = memory',
      );
    });
  } catch (error) {
    database.close();
    throw error;
  }
  return database;
}

/** Tries again while another process holds the lock, without holding up the event loop. */
async function patiently<T>({ file, busyTimeoutMs }: SqliteOptions, work: () => T): Promise<T> {
  const tries = Math.ceil(busyTimeoutMs / (BLOCKING_WAIT_MS + RETRY_DELAY_MS));
  for (let attempt = 1; ; attempt++) {
    try {
      return work();
    } catch (error) {
      if (!isSqliteBusy(error) || attempt >= tries) throw sqliteTrouble(error, file);
    }
    await delay(RETRY_DELAY_MS);
  }
}

/**
 * Kysely over one `node:sqlite` connection; transactions queue up for it, so that none sees half of another.
 * @param onCommit called after every transaction, and every statement of its own, that may have written.
 */
export function sqliteDialect(
  database: DatabaseSync,
  options: SqliteOptions,
  onCommit: () => void = () => {},
): Dialect {
  return {
    createDriver: () => new NodeSqliteDriver(database, options, onCommit),
    createQueryCompiler: () => new SqliteQueryCompiler(),
    createAdapter: () => new TransactionalSqliteAdapter(),
    createIntrospector: (db: Kysely<unknown>) => new SqliteIntrospector(db),
  };
}

/** SQLite takes back DDL with its transaction; Kysely's own adapter leaves a migration half done when it fails. */
class TransactionalSqliteAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true;
  }
}

class NodeSqliteDriver implements Driver {
  readonly #database: DatabaseSync;
  readonly #options: SqliteOptions;
  readonly #onCommit: () => void;
  readonly #connection: NodeSqliteConnection;

  constructor(database: DatabaseSync, options: SqliteOptions, onCommit: () => void) {
    this.#database = database;
    this.#options = options;
    this.#onCommit = onCommit;
    this.#connection = new NodeSqliteConnection(database, options, onCommit);
  }

  async init(): Promise<void> {}

  async acquireConnection(): Promise<DatabaseConnection> {
    return this.#connection;
  }

  async beginTransaction(): Promise<void> {
    // IMMEDIATE: a deferred transaction that first reads and then writes fails at once, beyond any waiting, when another
    // process wrote in between (SQLITE_BUSY_SNAPSHOT, https://sqlite.org/isolation.html).
    await patiently(this.#options, () => this.#database.exec('begin immediate'));
  }

  async commitTransaction(): Promise<void> {
    await patiently(this.#options, () => this.#database.exec('commit'));
    this.#onCommit();
  }

  async rollbackTransaction(): Promise<void> {
    // A full disk makes SQLite roll back by itself; a second rollback would hide the reason.
    if (this.#database.isTransaction) this.#database.exec('rollback');
  }

  async releaseConnection(): Promise<void> {}

  async destroy(): Promise<void> {
    this.#connection.forget();
    if (this.#database.isOpen) this.#database.close();
  }
}

class NodeSqliteConnection implements DatabaseConnection {
  readonly #database: DatabaseSync;
  readonly #options: SqliteOptions;
  readonly #onCommit: () => void;
  readonly #statements = new Map<string, { statement: StatementSync; reads: boolean }>();

  constructor(database: DatabaseSync, options: SqliteOptions, onCommit: () => void) {
    this.#database = database;
    this.#options = options;
    this.#onCommit = onCommit;
  }

  async executeQuery<R>({ sql, parameters }: CompiledQuery): Promise<QueryResult<R>> {
    const values = parameters.map(bindable);
    return patiently(this.#options, () => {
      const { statement, reads } = this.#prepared(sql);
      // The rows are what the query's type says: Kysely derives both from the same tables.
      if (reads) return { rows: statement.all(...values) as R[] };
      const { changes } = statement.run(...values);
      if (!this.#database.isTransaction) this.#onCommit();
      return { numAffectedRows: BigInt(changes), rows: [] };
    });
  }

  // oxlint-disable-next-line require-yield -- the contract asks for a generator
  async *streamQuery<R>(): AsyncIterableIterator<QueryResult<R>> {
    // A stream would hold the only connection for as long as its reader likes.
    throw new Fault('The store reads in pages; it has no streams.');
  }

  forget(): void {
    this.#statements.clear();
  }

  #prepared(sql: string): { statement: StatementSync; reads: boolean } {
    const known = this.#statements.get(sql);
    if (known !== undefined) {
      this.#statements.delete(sql);
      this.#statements.set(sql, known);
      return known;
    }
    const statement = this.#database.prepare(sql);
    const entry = { statement, reads: statement.columns().length > 0 };
    this.#statements.set(sql, entry);
    if (this.#statements.size > MAX_CACHED_STATEMENTS) {
      const oldest = this.#statements.keys().next();
      if (!oldest.done) this.#statements.delete(oldest.value);
    }
    return entry;
  }
}

function bindable(value: unknown): SQLInputValue {
  if (value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint')
    return value;
  throw new Fault(`Expected text, a number or null for an SQL parameter, got ${shown(value)}.`);
}
