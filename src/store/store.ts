import { statfs } from 'node:fs/promises';
import path from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import type { Keyv } from 'keyv';
import { CamelCasePlugin, type Dialect, Kysely } from 'kysely';
import { type BlobCipher, checkBlobKey, createBlobCipher } from './blob-cipher.ts';
import { Blobs } from './blobs.ts';
import { Checkpoints } from './checkpoints.ts';
import { makeFolder } from './folders.ts';
import { type BotLock, lockFolder } from './lock.ts';
import { migrate, pendingSteps } from './migrate.ts';
import { lockPostgres, postgresDialect } from './postgres.ts';
import { openKeyv } from './settings.ts';
import { openSqlite, sqliteDialect, type SqliteOptions } from './sqlite.ts';
import type { DialectName, Handle, Tables, Tx } from './tables.ts';
import { fileTrouble, gaveWay } from './trouble.ts';
import { WalSync } from './wal-sync.ts';

const BUSY_TIMEOUT_MS = 5_000;
const MAX_BLOB_BYTES = 64 * 1024 * 1024;
const TRANSACTION_TRIES = 5;

/**
 * @property dataDir made with mode 0700 where it is missing. @property databaseUrl of PostgreSQL; empty or undefined:
 * SQLite in the data folder. @property clock now, in Unix ms. @property role `bot` owns data folder and database until
 * the store is closed, `tool` works beside a running bot. @property busyTimeoutMs how long a statement waits for another
 * process (SQLite). @property blobKey 32 bytes: files are encrypted with it; undefined: they are not.
 */
export interface StoreOptions {
  readonly dataDir: string;
  readonly databaseUrl?: string | undefined;
  readonly clock: () => number;
  readonly role: 'bot' | 'tool';
  readonly busyTimeoutMs?: number;
  readonly maxBlobBytes?: number;
  readonly blobKey?: Uint8Array | undefined;
}

/** Everything that outlives the process. */
export interface Store {
  readonly dataDir: string;
  readonly dialect: DialectName;
  /** For reads and single statements; several that belong together go through `transaction`. */
  readonly db: Handle;
  readonly blobs: Blobs;
  /**
   * All or nothing. On SQLite transactions wait for each other on one connection: inside, use `tx` only (`db` would wait
   * for itself) and wait for nothing but the database. On PostgreSQL `work` runs again when it had to give way to
   * another transaction, so it must have no other effect. What it has written is on the disk when it returns.
   */
  transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T>;
  /**
   * The same, for what a person waits for and nobody is promised: it outlives this process at once, but on SQLite a power
   * cut only once a later `transaction` has returned. Single statements are as quick.
   */
  quickTransaction<T>(work: (tx: Tx) => Promise<T>): Promise<T>;
  /** Settings or a cache under a name of their own; see `openKeyv`. */
  keyv<Value>(namespace: string, ttlMs?: number): Keyv<Value>;
  /** Free bytes on the disk of the data folder, for this user. */
  freeBytes(): Promise<number>;
  /** Takes what was deleted out of SQLite's write-ahead log as well; without effect where other programs read. */
  scrub(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Opens the data folder and its database, and brings the database forward to this version's tables.
 * @throws Refusal `store.in-use` where another bot has the folder, `blob.key-missing` and
 * `blob.key-wrong` where the files are encrypted with another key, `store.newer` where the database is ahead of this
 * version. @throws Fault in a sentence where folder or database cannot be used; `mayPass` where that can change.
 */
export async function openStore(options: StoreOptions): Promise<Store> {
  const { dataDir, clock, role } = options;
  await makeFolder(dataDir);
  const lock = role === 'bot' ? await lockFor(options) : undefined;
  try {
    const { db, dialect, sync, scrub, close } = await openDatabase(options);
    const cipher = options.blobKey === undefined ? undefined : createBlobCipher(options.blobKey);
    const blobs = new Blobs({
      db,
      folder: path.join(dataDir, 'blobs'),
      clock,
      maxBytes: options.maxBlobBytes ?? MAX_BLOB_BYTES,
      cipher,
    });
    try {
      await bringForward(db, dialect, options, lock);
      await settleBlobKey(openKeyv({ db, clock }, BLOB_KEY_NAMESPACE), cipher);
      if (role === 'bot') await blobs.recover();
    } catch (error) {
      await close();
      throw error;
    }
    return {
      dataDir,
      dialect,
      db,
      blobs,
      transaction: async (work) => {
        const done = await transactionOn(db, work);
        await sync();
        return done;
      },
      quickTransaction: (work) => transactionOn(db, work),
      keyv: (namespace, ttlMs) => openKeyv({ db, clock }, namespace, ttlMs),
      freeBytes: () => freeBytes(dataDir),
      scrub,
      close: async () => {
        try {
          await close();
        } finally {
          await lock?.release();
        }
      },
    };
  } catch (error) {
    await lock?.release();
    throw error;
  }
}

/** The path of the SQLite database in a data folder. */
export function sqliteFile(dataDir: string): string {
  return path.join(dataDir, 'cowbot.db');
}

interface OpenDatabase {
  readonly db: Handle;
  readonly dialect: DialectName;
  /** Brings to the disk what was committed before. */
  readonly sync: () => Promise<void>;
  /** Takes what was deleted out of the log. */
  readonly scrub: () => Promise<void>;
  readonly close: () => Promise<void>;
}

/** The database alone, with whatever tables it has. */
export async function openDatabase({
  dataDir,
  databaseUrl,
  busyTimeoutMs,
}: Pick<StoreOptions, 'dataDir' | 'databaseUrl' | 'busyTimeoutMs'>): Promise<OpenDatabase> {
  if (databaseUrl !== undefined && databaseUrl !== '') return onDialect(postgresDialect(databaseUrl), 'postgres');
  return openSqliteFile(sqliteFile(dataDir), busyTimeoutMs, 'owner');
}

/** One SQLite file as the store sees it, whatever its tables. */
export async function openSqliteFile(
  file: string,
  busyTimeoutMs = BUSY_TIMEOUT_MS,
  syncs: SqliteOptions['syncs'] = 'sqlite',
): Promise<OpenDatabase> {
  const options = { file, busyTimeoutMs, syncs };
  const database: DatabaseSync = await openSqlite(options);
  if (syncs === 'sqlite') return onDialect(sqliteDialect(database, options), 'sqlite');
  const log = new WalSync(file);
  const dialect = sqliteDialect(database, options, () => checkpoints.noteCommit());
  const opened = onDialect(dialect, 'sqlite');
  const checkpoints = new Checkpoints({ file, alone: (work) => opened.db.connection().execute(work) });
  const close = async (): Promise<void> => {
    await log.close();
    await checkpoints.close();
    await opened.close();
  };
  return { ...opened, sync: () => log.next(), scrub: () => checkpoints.empty(), close };
}

function onDialect(kind: Dialect, dialect: DialectName): OpenDatabase {
  const db = new Kysely<Tables>({ dialect: kind, plugins: [new CamelCasePlugin()] });
  return { db, dialect, sync: async () => {}, scrub: async () => {}, close: () => db.destroy() };
}

/** The data folder, and the database where it is not in there. */
async function lockFor({ dataDir, databaseUrl }: StoreOptions): Promise<BotLock> {
  const folder = lockFolder(dataDir);
  if (databaseUrl === undefined || databaseUrl === '') return folder;
  try {
    const database = await lockPostgres(databaseUrl);
    return {
      release: async () => {
        await database.release();
        await folder.release();
      },
    };
  } catch (error) {
    await folder.release();
    throw error;
  }
}

/** Where the fingerprint of the key lies: in the database, so that backups have it. */
export const BLOB_KEY_NAMESPACE = 'blobs';

/** From the first start with a key on, no other is taken. */
async function settleBlobKey(known: Keyv<string>, cipher: BlobCipher | undefined): Promise<void> {
  const fingerprint = await known.get('key');
  checkBlobKey(cipher, fingerprint);
  if (cipher !== undefined && fingerprint === undefined) await known.set('key', cipher.fingerprint);
}

/** A tool must not change the tables under a bot that runs: where there is something to change, it takes the bot's place. */
async function bringForward(
  db: Handle,
  dialect: DialectName,
  options: StoreOptions,
  lock: BotLock | undefined,
): Promise<void> {
  if ((await pendingSteps(db)).length === 0) return;
  const own = lock ?? (await lockFor(options));
  try {
    await migrate(db, dialect);
  } finally {
    if (lock === undefined) await own.release();
  }
}

async function transactionOn<T>(db: Handle, work: (tx: Tx) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await db.transaction().execute(work);
    } catch (error) {
      if (!gaveWay(error) || attempt === TRANSACTION_TRIES) throw error;
    }
  }
}

async function freeBytes(dataDir: string): Promise<number> {
  try {
    const { bavail, bsize } = await statfs(dataDir);
    return bavail * bsize;
  } catch (error) {
    throw fileTrouble(error, dataDir);
  }
}
