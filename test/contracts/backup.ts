import { appendFile, mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { appendAudit, verifyAudit } from '../../src/store/audit.ts';
import { backup, readManifest } from '../../src/store/backup.ts';
import { addBlobRef } from '../../src/store/blob-rows.ts';
import { insertJob, jobById, waitingJobs } from '../../src/store/jobs.ts';
import { restore } from '../../src/store/restore.ts';
import type { Store } from '../../src/store/store.ts';
import { type NewPlace, opened, temporaryFolder } from './place.ts';
import { newJob, settle } from './rows.ts';

const madeAt = Date.UTC(2026, 1, 3, 4, 5, 6);
const photo = Buffer.from('the bytes of a photo');

async function withWork(store: Store): Promise<string> {
  await settle(store);
  const hash = await needed(store, photo);
  await store.transaction(async (tx) => {
    for (let i = 0; i < 600; i++) {
      await insertJob(tx, newJob(`job-${i}`, { parentId: i === 0 ? null : 'job-0', photoHash: hash }));
    }
    await appendAudit(tx, { at: 1, actor: 'system', action: 'a', subject: 's', reason: '', detail: {} });
  });
  await store.keyv('settings').set('language', 'de');
  return hash;
}

async function needed(store: Store, content: Buffer): Promise<string> {
  const { hash } = await store.blobs.put(content, 'image/jpeg');
  await store.transaction((tx) => addBlobRef(tx, { hash, ownerKind: 'job', ownerId: hash, role: 'photo' }));
  return hash;
}

async function expectWork(store: Store, hash: string): Promise<void> {
  expect(await waitingJobs(store.db, { state: 'queued', afterSeq: 0, limit: 999 })).toHaveLength(600);
  expect(await jobById(store.db, 'job-599')).toMatchObject({
    ...newJob('job-599'),
    parentId: 'job-0',
    photoHash: hash,
  });
  expect(await store.blobs.get(hash)).toEqual(photo);
  expect(await verifyAudit(store.db)).toEqual({ rows: 1, brokenAt: undefined });
  expect(await store.keyv('settings').get('language')).toBe('de');
  // New rows take new numbers.
  expect((await insertJob(store.db, newJob('one more'))).job.seq).toBe(601);
}

/** Backup and restore over every database. @param otherPlace of the other database, which a backup can go to as well. */
export function backupContract(newPlace: NewPlace, otherPlace: NewPlace): void {
  describe('backup', () => {
    for (const [name, destination] of [
      ['the same kind of database', newPlace],
      ['the other kind of database', otherPlace],
    ] as const) {
      it(`brings everything back into ${name}`, async () => {
        const folder = path.join(await temporaryFolder(), 'backup');
        const here = await newPlace();
        const running = await opened(here);
        const hash = await withWork(running);
        const tool = await opened(here, { role: 'tool' });
        const manifest = await backup(tool, folder, { madeAt });
        expect(manifest).toEqual({
          format: 1,
          madeAt: '2026-02-03T04:05:06.000Z',
          blobs: 1,
          bytes: photo.length,
          missingBlobs: [],
        });
        expect((await readdir(folder)).sort()).toEqual(['backup.json', 'blobs', 'cowbot.db']);
        expect((await stat(path.join(folder, 'cowbot.db'))).mode & 0o777).toBe(0o600);
        const place = await destination();
        expect(await restore({ folder, ...place, replace: false, now: madeAt })).toEqual({
          manifest,
          movedTo: undefined,
        });
        await expectWork(await opened(place), hash);
      });
    }

    it('is consistent while jobs come in', async () => {
      const folder = path.join(await temporaryFolder(), 'backup');
      const here = await newPlace();
      const running = await opened(here);
      await settle(running);
      const stop = new AbortController();
      const writing = (async () => {
        for (let i = 0; !stop.signal.aborted; i++) {
          const { hash } = await running.blobs.put(Buffer.from(`photo ${i}`), 'image/jpeg');
          await running.transaction(async (tx) => {
            await insertJob(tx, newJob(`job-${i}`, { photoHash: hash }));
            await addBlobRef(tx, { hash, ownerKind: 'job', ownerId: `job-${i}`, role: 'photo' });
            await appendAudit(tx, { at: i, actor: 'system', action: 'a', subject: `job:${i}`, reason: '', detail: {} });
          });
        }
      })();
      const tool = await opened(here, { role: 'tool' });
      const manifest = await backup(tool, folder, { madeAt }).finally(() => stop.abort());
      await writing;
      expect(manifest.missingBlobs).toEqual([]);
      const place = await newPlace();
      await restore({ folder, ...place, replace: false, now: madeAt });
      const restored = await opened(place);
      const jobs = await waitingJobs(restored.db, { state: 'queued', afterSeq: 0, limit: 99_999 });
      expect(await verifyAudit(restored.db)).toEqual({ rows: jobs.length, brokenAt: undefined });
      for (const { id } of jobs) {
        const job = await jobById(restored.db, id);
        expect((await restored.blobs.get(job?.photoHash ?? '')).toString()).toBe(`photo ${id.slice(4)}`);
      }
    });

    it('names what the store had lost and keeps the rest', async () => {
      const folder = await temporaryFolder();
      const store = await opened(await newPlace());
      const kept = await needed(store, photo);
      const lost = await needed(store, Buffer.from('lost'));
      const damaged = await needed(store, Buffer.from('damaged'));
      await rm(store.blobs.pathOf(lost));
      await appendFile(store.blobs.pathOf(damaged), '!');
      const { missingBlobs, blobs } = await backup(store, folder, { madeAt });
      expect({ missingBlobs, blobs }).toEqual({ missingBlobs: [lost, damaged].sort(), blobs: 1 });
      const place = await newPlace();
      await restore({ folder, ...place, replace: false, now: madeAt });
      expect(await (await opened(place)).blobs.get(kept)).toEqual(photo);
    });

    it('goes to an empty folder only', async () => {
      const folder = await temporaryFolder();
      await writeFile(path.join(folder, 'holiday.jpg'), '');
      const store = await opened(await newPlace());
      await expect(backup(store, folder, { madeAt })).rejects.toMatchObject({ code: 'backup.not-empty' });
    });

    it('that was not finished, or has a damaged file, is not restored', async () => {
      const folder = await temporaryFolder();
      const store = await opened(await newPlace());
      const hash = await needed(store, photo);
      await backup(store, folder, { madeAt });
      await rm(path.join(folder, 'blobs', hash.slice(0, 2), hash));
      await writeFile(path.join(folder, 'blobs', hash.slice(0, 2), hash), 'rot');
      const place = await newPlace();
      await expect(restore({ folder, ...place, replace: false, now: 1 })).rejects.toThrow(
        /damaged; use another backup/,
      );
      await rm(path.join(folder, 'backup.json'));
      await expect(readManifest(folder)).rejects.toMatchObject({ code: 'restore.no-backup' });
    });
  });

  describe('restore', () => {
    it('overwrites nothing, unless told to move it aside', async () => {
      const folder = await temporaryFolder();
      const source = await opened(await newPlace());
      const hash = await withWork(source);
      await backup(source, folder, { madeAt });
      const place = await newPlace();
      await mkdir(path.join(place.dataDir, 'blobs'), { recursive: true });
      await writeFile(path.join(place.dataDir, 'cowbot.db'), 'something else');
      const attempt = (replace: boolean) => restore({ folder, ...place, replace, now: madeAt });
      await expect(attempt(false)).rejects.toMatchObject({ code: 'restore.not-empty' });
      const { movedTo } = await attempt(true);
      expect(await readdir(movedTo ?? '')).toEqual(['blobs', 'cowbot.db']);
      await expectWork(await opened(place), hash);
    });

    it('is refused while a bot runs on the folder', async () => {
      const folder = await temporaryFolder();
      const store = await opened(await newPlace());
      await backup(store, folder, { madeAt });
      await expect(restore({ folder, dataDir: store.dataDir, replace: true, now: 1 })).rejects.toMatchObject({
        code: 'store.in-use',
      });
    });
  });
}
