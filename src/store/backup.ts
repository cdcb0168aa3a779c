import { constants } from 'node:fs';
import { copyFile, link, open, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { sql } from 'kysely';
import { Fault, Refusal } from '../errors.ts';
import { neededBlobs } from './blob-rows.ts';
import type { BlobCipher } from './blob-cipher.ts';
import { plainBlob } from './blobs.ts';
import { copyTables } from './copy-tables.ts';
import { makeFolder } from './folders.ts';
import { migrate } from './migrate.ts';
import { openSqliteFile, sqliteFile, type Store } from './store.ts';
import type { Handle } from './tables.ts';
import { fileCode, fileTrouble } from './trouble.ts';

const BLOB_PAGE = 200;

/** What a finished backup says about itself in `backup.json`, which is written last. */
export interface BackupManifest {
  readonly format: 1;
  /** ISO 8601, UTC. */
  readonly madeAt: string;
  readonly blobs: number;
  readonly bytes: number;
  /** Files that the database names and the store had lost or found damaged; the backup is whole but for them. */
  readonly missingBlobs: readonly string[];
}

/** @property madeAt Unix ms, for the manifest. @property signal ends the copying; the folder is then no backup. */
export interface BackupOptions {
  readonly madeAt: number;
  readonly signal?: AbortSignal;
}

/**
 * Copies database and blobs into a new or empty folder, while a bot may be running: first the database as it is at one
 * moment, then the files that it names. The copy of the database is an SQLite file whichever database the store is on,
 * so that a backup can be restored to either. Files are linked where the disk is the same (they never change once
 * written), else copied; each is checked first.
 *
 * Copying the database takes the thread of the event loop: for the command line's own process, not for a bot's.
 * @throws Refusal `backup.not-empty`. @throws Fault where a folder cannot be read or written; `mayPass` where it can change.
 */
export async function backup(store: Store, folder: string, options: BackupOptions): Promise<BackupManifest> {
  const { madeAt, signal } = options;
  await emptyFolder(folder);
  await copyDatabase(store, sqliteFile(folder), signal);
  const copy = await openSqliteFile(sqliteFile(folder));
  try {
    const blobs = await copyBlobs(store, copy.db, path.join(folder, 'blobs'), signal);
    const manifest: BackupManifest = { format: 1, madeAt: new Date(madeAt).toISOString(), ...blobs };
    // Leaves one file: what WAL keeps beside it is folded in.
    await sql`pragma journal_mode = delete`.execute(copy.db);
    await writeSynced(path.join(folder, 'backup.json'), `${JSON.stringify(manifest, null, 2)}\n`);
    return manifest;
  } finally {
    await copy.close();
  }
}

async function emptyFolder(folder: string): Promise<void> {
  await makeFolder(folder);
  const names = await readdir(folder).catch((error: unknown) => {
    throw fileTrouble(error, folder);
  });
  if (names.length > 0) {
    throw new Refusal(
      'backup.not-empty',
      `Expected a new or empty folder for the backup, but ${folder} has files in it.`,
      {
        folder,
      },
    );
  }
}

async function copyDatabase(store: Store, file: string, signal?: AbortSignal): Promise<void> {
  if (store.dialect === 'sqlite') {
    // Reads one moment in one transaction of its own, and leaves no page of what was deleted.
    await sql`vacuum into ${file}`.execute(store.db);
    await sync(file);
    return;
  }
  const copy = await openSqliteFile(file);
  try {
    await migrate(copy.db, 'sqlite');
    await store.db
      .transaction()
      .setIsolationLevel('repeatable read')
      .setAccessMode('read only')
      .execute((from) => copy.db.transaction().execute((into) => copyTables(from, into, 'sqlite', signal)));
  } finally {
    await copy.close();
  }
}

async function copyBlobs(
  store: Store,
  copy: Handle,
  folder: string,
  signal?: AbortSignal,
): Promise<Pick<BackupManifest, 'blobs' | 'bytes' | 'missingBlobs'>> {
  let blobs = 0;
  let bytes = 0;
  const missingBlobs: string[] = [];
  let after = '';
  for (;;) {
    const page = await neededBlobs(copy, after, BLOB_PAGE);
    for (const { hash, bytes: size } of page) {
      signal?.throwIfAborted();
      after = hash;
      const to = path.join(folder, hash.slice(0, 2), hash);
      const intact = await copyChecked(store, hash, to);
      if (!intact) missingBlobs.push(hash);
      else {
        blobs++;
        bytes += size;
      }
    }
    if (page.length < BLOB_PAGE) return { blobs, bytes, missingBlobs };
  }
}

/** Returns false where the store's file is lost or damaged: the rest of the backup is worth having all the same. */
async function copyChecked(store: Store, hash: string, to: string): Promise<boolean> {
  try {
    await store.blobs.get(hash);
  } catch (error) {
    if (error instanceof Fault && !error.mayPass) return false;
    throw error;
  }
  try {
    await makeFolder(path.dirname(to));
    await linkOrCopy(store.blobs.pathOf(hash), to);
    return true;
  } catch (error) {
    // Swept since it was read: nobody needs it any more.
    if (fileCode(error) === 'ENOENT') return false;
    throw fileTrouble(error, to);
  }
}

async function linkOrCopy(from: string, to: string): Promise<void> {
  try {
    await link(from, to);
  } catch (error) {
    // Another disk, or one that knows no links.
    if (!['EXDEV', 'EPERM', 'ENOTSUP', 'EMLINK', 'ENOSYS'].includes(fileCode(error) ?? '')) throw error;
    await copyFile(from, to, constants.COPYFILE_EXCL);
    await sync(to);
  }
}

/**
 * What a backup says about itself.
 * @throws Refusal `restore.no-backup` where the folder holds no finished backup that this version can read.
 */
export async function readManifest(folder: string): Promise<BackupManifest> {
  const refuse = (cause: unknown) =>
    new Refusal(
      'restore.no-backup',
      `Expected a finished backup in ${folder}, made by \`cowbot backup\`, but its backup.json is missing or unreadable.`,
      { folder },
      { cause },
    );
  try {
    const manifest = JSON.parse(await readFile(path.join(folder, 'backup.json'), 'utf8')) as BackupManifest;
    if (manifest.format === 1 && Array.isArray(manifest.missingBlobs)) return manifest;
  } catch (error) {
    throw refuse(error);
  }
  throw refuse(undefined);
}

/** Copies a blob out of a backup, sealed as it is. @throws Fault where its bytes are no longer those that were backed up. */
export async function restoreBlob(
  from: string,
  to: string,
  hash: string,
  cipher: BlobCipher | undefined,
): Promise<void> {
  try {
    const content = await readFile(from);
    if (plainBlob(content, hash, cipher) === undefined)
      throw new Fault(`The backup's file ${from} is damaged; use another backup.`);
    await makeFolder(path.dirname(to));
    await writeSynced(to, content);
  } catch (error) {
    throw fileCode(error) === 'ENOENT'
      ? new Fault(`The backup's file ${from} is missing; use another backup.`, { cause: error })
      : fileTrouble(error, to);
  }
}

async function writeSynced(file: string, content: string | Uint8Array): Promise<void> {
  await writeFile(file, content, { mode: 0o600, flush: true });
}

async function sync(file: string): Promise<void> {
  const handle = await open(file, 'r+');
  try {
    await handle.chmod(0o600);
    await handle.sync();
  } finally {
    await handle.close();
  }
}
