import { createHash, randomUUID } from 'node:crypto';
import { type FileHandle, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { Fault, Refusal } from '../errors.ts';
import type { BlobCipher } from './blob-cipher.ts';
import { announceBlob, blobInfo, type BlobInfo, forgetBlob, touchBlob, unreferencedBlobs } from './blob-rows.ts';
import { makeFolder } from './folders.ts';
import type { Handle } from './tables.ts';
import { fileCode, fileTrouble, isStillReferred } from './trouble.ts';

/** @property folder where the files go; made with mode 0700. */
export interface BlobOptions {
  readonly db: Handle;
  readonly folder: string;
  /** Now, in Unix ms. */
  readonly clock: () => number;
  /** A larger blob is refused. */
  readonly maxBytes: number;
  /** Seals what is written from now on; files that are plain are read all the same. */
  readonly cipher?: BlobCipher | undefined;
}

/** What a sweep did. */
export interface Sweep {
  readonly removed: number;
  /** Whether there may be more to do. */
  readonly more: boolean;
}

/**
 * Photos, pictures and latents, each under the SHA-256 of its bytes (of the plain ones where files are sealed): `ab/abcd…`. What is written is on the disk when
 * `put` returns; what is read is what was written, or a Fault.
 *
 * The order of steps keeps rows and files together whatever dies in between. A put announces its row before it looks at
 * the file; a sweep deletes the row and moves the file out of the way in one transaction. So a put of the same bytes
 * either comes first, and the sweep spares it, or comes after, finds no file and writes one.
 */
export class Blobs {
  readonly #options: BlobOptions;
  readonly #incoming: string;
  readonly #leaving: string;
  readonly #damaged: string;

  constructor(options: BlobOptions) {
    this.#options = options;
    this.#incoming = path.join(options.folder, 'incoming');
    this.#leaving = path.join(options.folder, 'leaving');
    this.#damaged = path.join(options.folder, 'damaged');
  }

  /** Where a blob's file lies, also when there is none. @throws Fault where `hash` is no SHA-256 in hexadecimal. */
  pathOf(hash: string): string {
    if (!/^[0-9a-f]{64}$/.test(hash)) throw new Fault('Expected 64 hexadecimal digits for `hash`.');
    return path.join(this.#options.folder, hash.slice(0, 2), hash);
  }

  /**
   * Stores bytes; the same bytes are stored once. Without a reference (`addBlobRef`) they stay for a sweep's grace.
   * Never inside a transaction: it waits for the disk and for the database.
   * @throws Refusal `blob.too-large`. @throws Fault that may pass where the disk is full or the folder read-only.
   */
  async put(content: Uint8Array, mediaType: string): Promise<BlobInfo> {
    const { db, clock, maxBytes } = this.#options;
    if (content.byteLength > maxBytes) {
      throw new Refusal('blob.too-large', `Expected at most ${maxBytes} bytes for a file, got ${content.byteLength}.`, {
        maxBytes,
        bytes: content.byteLength,
      });
    }
    const info: BlobInfo = { hash: sha256(content), bytes: content.byteLength, mediaType };
    const file = this.pathOf(info.hash);
    do {
      await announceBlob(db, info, clock());
      // A file that rotted is written anew: this put promises these bytes.
      if (!(await this.#holds(info.hash))) {
        await this.#write(file, this.#options.cipher?.seal(content, info.hash) ?? content).catch((error: unknown) => {
          throw fileTrouble(error, file);
        });
      }
      // Whoever removed the same bytes at once, without grace, may have come between the row and the file.
    } while (!((await touchBlob(db, info.hash, clock())) && (await isFile(file))));
    return info;
  }

  /**
   * Reads a blob and checks it against its name.
   * @throws Fault where it is missing, cannot be read, or is no longer what was written; a damaged file is put aside
   * into `damaged`, so that a later put heals it and whoever looks into it can.
   */
  async get(hash: string): Promise<Buffer> {
    const file = this.pathOf(hash);
    const content = await readFile(file).catch((error: unknown) => {
      if (fileCode(error) === 'ENOENT') throw new Fault(`The stored file ${hash} is missing.`, { cause: error });
      throw fileTrouble(error, file);
    });
    const plain = plainBlob(content, hash, this.#options.cipher);
    if (plain !== undefined) return plain;
    await makeFolder(this.#damaged)
      .then(() => rename(file, path.join(this.#damaged, hash)))
      // On a read-only disk the damaged file stays where it is; it is reported all the same.
      .catch(() => undefined);
    throw new Fault(
      `The stored file ${hash} is damaged: its bytes are no longer those that were written. It was put aside in ` +
        `${this.#damaged}; look at the disk, and restore the last backup if more is damaged.`,
    );
  }

  /** What the database knows about a blob; undefined: there is none. */
  async info(hash: string): Promise<BlobInfo | undefined> {
    return blobInfo(this.#options.db, hash);
  }

  /**
   * Removes a batch of blobs that nobody needs.
   * @param graceMs spares what was put or let go less than this ago: the time that a request has between storing a
   * photo and writing down its job, and that a backup has to copy what its database names.
   */
  async sweep({ graceMs, limit, signal }: { graceMs: number; limit: number; signal?: AbortSignal }): Promise<Sweep> {
    const touchedUntil = this.#options.clock() - graceMs;
    const hashes = await unreferencedBlobs(this.#options.db, touchedUntil, limit);
    const removed = await this.#remove(hashes, touchedUntil, signal);
    return { removed, more: hashes.length === limit };
  }

  /** Removes those of `hashes` that nobody needs, at once: for what someone asked to be deleted. Returns how many. */
  async removeUnreferenced(hashes: readonly string[]): Promise<number> {
    return this.#remove(hashes, this.#options.clock());
  }

  /**
   * Clears up behind a process that died: half-written files go, and what a sweep had moved away without finishing goes
   * or comes back, as the database says. Only while no other process writes blobs.
   */
  async recover(): Promise<void> {
    for (const name of await filesIn(this.#incoming)) await rm(path.join(this.#incoming, name), { force: true });
    for (const name of await filesIn(this.#leaving)) {
      const hash = name.slice(0, 64);
      const away = path.join(this.#leaving, name);
      const wanted = (await this.info(hash)) !== undefined && !(await this.#holds(hash));
      if (wanted) await moveFile(away, this.pathOf(hash));
      else await rm(away, { force: true });
    }
  }

  async #remove(hashes: readonly string[], touchedUntil: number, signal?: AbortSignal): Promise<number> {
    let removed = 0;
    for (const hash of hashes) {
      signal?.throwIfAborted();
      const away = path.join(this.#leaving, `${hash}.${randomUUID()}`);
      const file = this.pathOf(hash);
      const gone = await this.#options.db
        .transaction()
        .execute(async (tx) => {
          if (!(await forgetBlob(tx, hash, touchedUntil))) return false;
          await makeFolder(this.#leaving);
          await rename(file, away).catch((error: unknown) => {
            if (fileCode(error) !== 'ENOENT') throw fileTrouble(error, file);
          });
          return true;
        })
        .catch((error: unknown) => {
          if (isStillReferred(error)) return false;
          throw error;
        });
      if (!gone) continue;
      removed++;
      await rm(away, { force: true });
      // What was put aside as damaged is still most of it.
      await rm(path.join(this.#damaged, hash), { force: true });
    }
    return removed;
  }

  async #holds(hash: string): Promise<boolean> {
    const file = this.pathOf(hash);
    try {
      return plainBlob(await readFile(file), hash, this.#options.cipher) !== undefined;
    } catch (error) {
      if (fileCode(error) === 'ENOENT') return false;
      throw fileTrouble(error, file);
    }
  }

  async #write(file: string, content: Uint8Array): Promise<void> {
    await makeFolder(this.#incoming);
    const temporary = path.join(this.#incoming, randomUUID());
    try {
      await using handle = await open(temporary, 'wx', 0o600);
      await handle.writeFile(content);
      await handle.sync();
    } catch (error) {
      await rm(temporary, { force: true });
      throw error;
    }
    await moveFile(temporary, file);
  }
}

export function sha256(content: Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

/** What a blob's file holds; undefined where that is not what was written, or sealed with another key. */
export function plainBlob(file: Buffer, hash: string, cipher: BlobCipher | undefined): Buffer | undefined {
  const opened = cipher?.open(file, hash) ?? file;
  return sha256(opened) === hash ? opened : undefined;
}

/** Moves a file to its name for good: the folder's entry is on the disk as well, and so is a new folder's own. */
async function moveFile(from: string, to: string): Promise<void> {
  const folder = path.dirname(to);
  const made = await makeFolder(folder);
  await rename(from, to);
  await syncFolder(folder);
  if (made !== undefined) await syncFolder(path.dirname(folder));
}

async function syncFolder(folder: string): Promise<void> {
  let handle: FileHandle;
  try {
    handle = await open(folder, 'r');
  } catch (error) {
    // Windows opens no folders; NTFS keeps its entries in a journal.
    if (process.platform === 'win32') return;
    throw error;
  }
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function isFile(file: string): Promise<boolean> {
  return stat(file).then(
    (entry) => entry.isFile(),
    () => false,
  );
}

async function filesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (fileCode(error) === 'ENOENT') return [];
    throw fileTrouble(error, folder);
  }
}
