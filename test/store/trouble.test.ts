import { readFile, stat, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Fault } from '../../src/errors.ts';
import { appendAudit, verifyAudit } from '../../src/store/audit.ts';
import { backup } from '../../src/store/backup.ts';
import { countJobs, insertJob, listJobs } from '../../src/store/jobs.ts';
import { sqliteFile, type Store } from '../../src/store/store.ts';
import { opened, temporaryFolder } from '../contracts/place.ts';
import { newJob, settle } from '../contracts/rows.ts';
import { scribble, smallDisk } from './small-disk.ts';

async function submit(store: Store, id: string): Promise<void> {
  await store.transaction(async (tx) => {
    await insertJob(tx, newJob(id));
    await appendAudit(tx, { at: 1, actor: 'system', action: 'queued', subject: `job:${id}`, reason: '', detail: {} });
  });
}

/** What came of it: the Fault's sentence and whether it may pass. */
async function faultOf(work: Promise<unknown>): Promise<{ readonly sentence: string; readonly mayPass: boolean }> {
  const error = await work.then(
    () => undefined,
    (caught: unknown) => caught,
  );
  expect(error).toBeInstanceOf(Fault);
  return error instanceof Fault
    ? { sentence: error.message, mayPass: error.mayPass }
    : { sentence: '', mayPass: false };
}

describe('a full disk', () => {
  it('fails submits, photos and backups in a sentence, loses nothing, and works again when there is room', async () => {
    const disk = await smallDisk(6);
    const dataDir = path.join(disk.folder, 'data');
    const store = await opened({ dataDir });
    await settle(store);
    await submit(store, 'before');
    const kept = await store.blobs.put(Buffer.from('before'), 'image/jpeg');
    const makeRoom = await disk.fill();
    expect(await store.freeBytes()).toBe(0);

    const full = { sentence: expect.stringContaining('is full'), mayPass: true };
    expect(await faultOf(store.blobs.put(Buffer.alloc(300_000, 1), 'image/jpeg'))).toEqual(full);
    let acknowledged = 0;
    // The log that SQLite writes first has some room of its own.
    const untilFull = async () => {
      for (;;) {
        await submit(store, `job-${acknowledged}`);
        acknowledged++;
      }
    };
    expect(await faultOf(untilFull())).toEqual(full);
    expect(await faultOf(backup(store, path.join(disk.folder, 'backup'), { madeAt: 0 }))).toMatchObject({
      mayPass: true,
    });
    expect(await countJobs(store.db, {})).toBe(1 + acknowledged);
    expect((await store.blobs.get(kept.hash)).toString()).toBe('before');

    await makeRoom();
    await submit(store, 'after');
    const large = await store.blobs.put(Buffer.alloc(300_000, 1), 'image/jpeg');
    expect((await store.blobs.get(large.hash)).length).toBe(300_000);
    expect(await countJobs(store.db, {})).toBe(2 + acknowledged);
    expect(await verifyAudit(store.db)).toEqual({ rows: 2 + acknowledged, brokenAt: undefined });
  });

  it('refuses a start in a sentence', async () => {
    const disk = await smallDisk(1);
    await disk.fill();
    const { sentence, mayPass } = await faultOf(opened({ dataDir: disk.folder }));
    expect({ sentence, mayPass }).toEqual({ sentence: expect.stringMatching(/full|free space/), mayPass: true });
  });
});

describe('a read-only data folder', () => {
  it('refuses a start in a sentence that names it, and starts when it can be written', async () => {
    const disk = await smallDisk(6);
    const before = await opened({ dataDir: disk.folder });
    await settle(before);
    await submit(before, 'before');
    await before.close();
    await disk.setReadOnly(true);
    for (const role of ['bot', 'tool'] as const) {
      const { sentence, mayPass } = await faultOf(opened({ dataDir: disk.folder }, { role }));
      expect({ sentence, mayPass }).toEqual({ sentence: expect.stringContaining('read-only'), mayPass: true });
      expect(sentence).toContain(disk.folder);
    }
    expect(await faultOf(opened({ dataDir: path.join(disk.folder, 'new') }))).toMatchObject({ mayPass: true });
    await disk.setReadOnly(false);
    const after = await opened({ dataDir: disk.folder });
    await submit(after, 'after');
    expect(await countJobs(after.db, {})).toBe(2);
  });
});

describe('a blob folder that becomes read-only', () => {
  it('fails puts in a sentence, still gives what it has, and takes more when it can be written', async () => {
    const disk = await smallDisk(6);
    const dataDir = await temporaryFolder();
    await symlink(disk.folder, path.join(dataDir, 'blobs'));
    const store = await opened({ dataDir });
    const kept = await store.blobs.put(Buffer.from('kept'), 'image/jpeg');
    const damaged = await store.blobs.put(Buffer.from('damaged'), 'image/jpeg');
    await scribble(store.blobs.pathOf(damaged.hash), 0, 3);
    await disk.setReadOnly(true);
    const readOnly = { sentence: expect.stringMatching(/read-only/), mayPass: true };
    expect(await faultOf(store.blobs.put(Buffer.from('more'), 'image/jpeg'))).toEqual(readOnly);
    expect(await faultOf(store.blobs.removeUnreferenced([kept.hash]))).toEqual(readOnly);
    expect((await store.blobs.get(kept.hash)).toString()).toBe('kept');
    expect(await faultOf(store.blobs.get(damaged.hash))).toMatchObject({
      sentence: expect.stringContaining('damaged'),
    });
    await disk.setReadOnly(false);
    const { hash } = await store.blobs.put(Buffer.from('more'), 'image/jpeg');
    expect((await store.blobs.get(hash)).toString()).toBe('more');
    expect(await store.blobs.removeUnreferenced([kept.hash])).toBe(1);
  });
});

describe('a locked database', () => {
  async function withLock() {
    const dataDir = await temporaryFolder();
    const store = await opened({ dataDir }, { busyTimeoutMs: 150 });
    await settle(store);
    const other = new DatabaseSync(sqliteFile(dataDir));
    onTestFinished(() => {
      if (other.isOpen) other.close();
    });
    other.exec('begin immediate');
    return { store, other };
  }

  it('fails a write in a sentence, lets reads pass, and is written again when it is free', async () => {
    const { store, other } = await withLock();
    const { sentence, mayPass } = await faultOf(submit(store, 'one'));
    expect({ sentence, mayPass }).toEqual({
      sentence: expect.stringContaining('locked by another program'),
      mayPass: true,
    });
    expect(await countJobs(store.db, {})).toBe(0);
    other.exec('rollback');
    await submit(store, 'one');
    expect(await countJobs(store.db, {})).toBe(1);
  });

  it('is waited for without holding up the event loop', async () => {
    const { store, other } = await withLock();
    const writing = submit(store, 'one');
    // Only an event loop that goes on can free the lock.
    await delay(50);
    other.exec('rollback');
    await writing;
    expect(await countJobs(store.db, {})).toBe(1);
  });
});

describe('a damaged database', () => {
  it('refuses a start in a sentence when it is no database at all', async () => {
    const dataDir = await temporaryFolder();
    await writeFile(sqliteFile(dataDir), 'not a database, but a text of more than a hundred bytes: '.repeat(9));
    expect(await faultOf(opened({ dataDir }))).toEqual({
      sentence: expect.stringMatching(/is damaged.*cowbot restore/),
      mayPass: false,
    });
  });

  it('says so when a page turns out to be damaged', async () => {
    const dataDir = await temporaryFolder();
    const before = await opened({ dataDir });
    await settle(before);
    for (let i = 0; i < 200; i++) await submit(before, `job-${i}`);
    await before.scrub();
    await before.close();
    const { size } = await stat(sqliteFile(dataDir));
    // The first pages hold the schema; behind them nothing is as it was.
    await scribble(sqliteFile(dataDir), 100 * 4096, size - 100 * 4096);
    const store = await opened({ dataDir });
    expect(await faultOf(listJobs(store.db, {}, { limit: 1000 }))).toEqual({
      sentence: expect.stringContaining('is damaged'),
      mayPass: false,
    });
  });
});

describe('what was deleted', () => {
  it('is not in the database file or its log', async () => {
    const dataDir = await temporaryFolder();
    const store = await opened({ dataDir });
    await settle(store);
    const secret = 'a prompt that nobody may find';
    await insertJob(store.db, newJob('one', { prompt: secret }));
    const files = [sqliteFile(dataDir), `${sqliteFile(dataDir)}-wal`];
    const found = async () => {
      const contents = await Promise.all(files.map((file) => readFile(file)));
      return contents.some((content) => content.includes(secret));
    };
    expect(await found()).toBe(true);
    await store.db.deleteFrom('jobs').execute();
    await store.scrub();
    expect(await found()).toBe(false);
  });
});
