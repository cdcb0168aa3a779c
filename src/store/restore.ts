import { copyFile, mkdir, readdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { sql } from 'kysely';
import { Refusal } from '../errors.ts';
import { type BackupManifest, readManifest, restoreBlob } from './backup.ts';
import { type BlobCipher, checkBlobKey, createBlobCipher } from './blob-cipher.ts';
import { neededBlobs } from './blob-rows.ts';
import { copyTables, isEmpty } from './copy-tables.ts';
import { makeFolder } from './folders.ts';
import { lockFolder } from './lock.ts';
import { migrate, pendingSteps } from './migrate.ts';
import { openKeyv } from './settings.ts';
import { BLOB_KEY_NAMESPACE, openDatabase, openSqliteFile, sqliteFile } from './store.ts';
import type { Handle } from './tables.ts';
import { fileTrouble } from './trouble.ts';

const BLOB_PAGE = 200;

/** @property databaseUrl as for `openStore`. @property replace moves what a used data folder holds aside. */
export interface RestoreOptions {
  readonly folder: string;
  readonly dataDir: string;
  readonly databaseUrl?: string | undefined;
  readonly replace: boolean;
  /** As for `openStore`. */
  readonly blobKey?: Uint8Array | undefined;
  /** Unix ms, names the folder that the replaced data goes to. */
  readonly now: number;
  readonly signal?: AbortSignal;
}

/** @property movedTo where the replaced data lies now; undefined: there was none. */
export interface Restored {
  readonly manifest: BackupManifest;
  readonly movedTo: string | undefined;
}

/**
 * Puts a backup into a data folder that no bot is using, and into PostgreSQL where `databaseUrl` names one (whose tables
 * must be empty). Files come before the database: a restore that is interrupted leaves no database that names files
 * which are not there.
 * @throws Refusal `restore.no-backup`, `restore.not-empty`, `store.in-use`, `store.newer`. @throws Fault where a file of
 * the backup is missing or damaged, or the disk makes trouble.
 */
export async function restore(options: RestoreOptions): Promise<Restored> {
  const { folder, dataDir } = options;
  const manifest = await readManifest(folder);
  await makeFolder(dataDir);
  const lock = lockFolder(dataDir);
  try {
    if (usesPostgres(options)) await requireEmptyPostgres(options);
    const movedTo = await clearFolder(options);
    const incoming = path.join(dataDir, 'restoring.db');
    await copyFile(sqliteFile(folder), incoming).catch((error: unknown) => {
      throw fileTrouble(error, incoming);
    });
    const copy = await openSqliteFile(incoming);
    try {
      await pendingSteps(copy.db);
      const cipher = options.blobKey === undefined ? undefined : createBlobCipher(options.blobKey);
      const keys = openKeyv<string>({ db: copy.db, clock: () => options.now }, BLOB_KEY_NAMESPACE);
      checkBlobKey(cipher, (await hasTable(copy.db, 'keyv')) ? await keys.get('key') : undefined);
      await restoreBlobs(copy.db, manifest, options, cipher);
      if (usesPostgres(options)) await intoPostgres(copy.db, options);
      await sql`pragma journal_mode = delete`.execute(copy.db);
    } finally {
      await copy.close();
    }
    await settle(options, incoming);
    return { manifest, movedTo };
  } finally {
    await lock.release();
  }
}

function usesPostgres({ databaseUrl }: RestoreOptions): boolean {
  return databaseUrl !== undefined && databaseUrl !== '';
}

/** Returns where the old data went. The lock's own file stays: it is held. */
async function clearFolder({ dataDir, replace, now }: RestoreOptions): Promise<string | undefined> {
  const isData = (name: string) => name === 'blobs' || name.startsWith('cowbot.db') || name.startsWith('restoring.db');
  const old = (await readdir(dataDir)).filter(isData);
  if (old.length === 0) return undefined;
  if (!replace) {
    throw new Refusal(
      'restore.not-empty',
      `The data folder ${dataDir} holds data already. Restore into a new folder, or say --replace to move what it holds aside.`,
      { folder: dataDir },
    );
  }
  const aside = path.join(dataDir, `replaced-${new Date(now).toISOString().replaceAll(':', '-')}`);
  try {
    await mkdir(aside, { mode: 0o700 });
    for (const name of old) await rename(path.join(dataDir, name), path.join(aside, name));
  } catch (error) {
    throw fileTrouble(error, aside);
  }
  return aside;
}

async function restoreBlobs(
  copy: Handle,
  manifest: BackupManifest,
  options: RestoreOptions,
  cipher: BlobCipher | undefined,
): Promise<void> {
  const missing = new Set(manifest.missingBlobs);
  let after = '';
  for (;;) {
    const page = await neededBlobs(copy, after, BLOB_PAGE);
    for (const { hash } of page) {
      options.signal?.throwIfAborted();
      after = hash;
      if (missing.has(hash)) continue;
      const name = path.join('blobs', hash.slice(0, 2), hash);
      await restoreBlob(path.join(options.folder, name), path.join(options.dataDir, name), hash, cipher);
    }
    if (page.length < BLOB_PAGE) return;
  }
}

async function hasTable(db: Handle, name: string): Promise<boolean> {
  return (await db.introspection.getTables()).some((table) => table.name === name);
}

async function requireEmptyPostgres({ dataDir, databaseUrl }: RestoreOptions): Promise<void> {
  const { db, close } = await openDatabase({ dataDir, databaseUrl });
  try {
    await migrate(db, 'postgres');
    if (await isEmpty(db)) return;
  } finally {
    await close();
  }
  throw new Refusal(
    'restore.not-empty',
    'The PostgreSQL database that DATABASE_URL names has rows in it. Restore into a new, empty database.',
  );
}

async function intoPostgres(copy: Handle, { dataDir, databaseUrl, signal }: RestoreOptions): Promise<void> {
  await migrate(copy, 'sqlite');
  const { db, close } = await openDatabase({ dataDir, databaseUrl });
  try {
    await db.transaction().execute((into) => copyTables(copy, into, 'postgres', signal));
  } finally {
    await close();
  }
}

/** On SQLite the copy becomes the database; on PostgreSQL it has done its work. */
async function settle(options: RestoreOptions, incoming: string): Promise<void> {
  const final = sqliteFile(options.dataDir);
  try {
    if (usesPostgres(options)) await rm(incoming);
    else await rename(incoming, final);
  } catch (error) {
    throw fileTrouble(error, final);
  }
}

/**
 * Removes what restores have moved aside, and what a restore left that was cut off. Only while the folder is the bot's own.
 * @param before Unix ms: spares what was moved aside later.
 * @returns how many there were.
 */
export async function dropReplaced(dataDir: string, before: number): Promise<number> {
  let dropped = 0;
  for (const name of await readdir(dataDir)) {
    const [, day, time] = /^replaced-(\d{4}-\d\d-\d\d)T(.*)$/.exec(name) ?? [];
    const movedAt = day === undefined ? undefined : Date.parse(`${day}T${time?.replaceAll('-', ':')}`);
    const isLeft = name.startsWith('restoring.db');
    if (!isLeft && (movedAt === undefined || movedAt > before)) continue;
    try {
      await rm(path.join(dataDir, name), { recursive: true, force: true });
    } catch (error) {
      throw fileTrouble(error, dataDir);
    }
    dropped += 1;
  }
  return dropped;
}
