import { type FileHandle, open } from 'node:fs/promises';

import { Fault } from '../errors.ts';
import { fileCode, fileTrouble } from './trouble.ts';

/**
 * Brings what is committed to the disk without holding up the event loop: one call of the operating system serves all
 * commits that came before it. SQLite itself would wait for the disk at each commit, on the thread that everything runs on.
 * On the disk is the whole log at once, so that nothing is there without what was committed before it.
 */
export class WalSync {
  readonly #file: string;
  #handle: FileHandle | undefined;
  #running: Promise<void> | undefined;
  #following: Promise<void> | undefined;
  #isClosed = false;

  /** @param database its path; SQLite keeps its log beside it as long as it has it open (https://sqlite.org/wal.html). */
  constructor(database: string) {
    this.#file = `${database}-wal`;
  }

  /** Resolves when everything that is committed now is on the disk. @throws Fault where the disk does not take it. */
  async next(): Promise<void> {
    if (this.#isClosed) throw new Fault('The store was closed before this was on the disk.', { mayPass: true });
    // What runs already may have begun before the commit.
    if (this.#running === undefined) return this.#start();
    this.#following ??= this.#running
      .catch(() => {})
      .then(() => {
        this.#following = undefined;
        return this.#start();
      });
    return this.#following;
  }

  /** What runs ends. Whoever comes later is told that it may pass: the next process finds what they have committed. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#following?.catch(() => {});
    await this.#running?.catch(() => {});
    await this.#handle?.close();
    this.#handle = undefined;
  }

  #start(): Promise<void> {
    const running = this.#sync().finally(() => {
      if (this.#running === running) this.#running = undefined;
    });
    this.#running = running;
    return running;
  }

  async #sync(): Promise<void> {
    try {
      this.#handle ??= await open(this.#file, 'r+');
      await this.#handle.datasync();
    } catch (error) {
      // A file system without shared memory: SQLite then keeps no log, and brings each commit to the disk by itself.
      if (fileCode(error) === 'ENOENT') return;
      throw fileTrouble(error, this.#file);
    }
  }
}
