import { access, readdir, readFile, rename, stat, truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { Fault, Refusal } from '../../src/errors.ts';
import {
  addBlobRef,
  blobRefs,
  dropBlobRefs,
  dropExpiredBlobRefs,
  expireBlobRefs,
  forgetBlob,
} from '../../src/store/blob-rows.ts';
import type { Store } from '../../src/store/store.ts';
import { type NewPlace, opened, StoppedClock } from './place.ts';

const photo = Buffer.from('the bytes of a photo');
const photoHash = 'f8f8aee10e5d22e8ac3b2dd8d3cf8a7f4b1d2b9b7a3ba0f4a6b0a4a2ac4a6a2e';
const owner = { ownerKind: 'job', ownerId: 'one' };

async function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}

async function filesUnder(store: Store): Promise<readonly string[]> {
  const entries = await readdir(path.join(store.dataDir, 'blobs'), { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => entry.name);
}

/** What the blobs must do over every database. */
export function blobsContract(newPlace: NewPlace): void {
  describe('blobs', () => {
    it('are stored once under their SHA-256, for this user only', async () => {
      const store = await opened(await newPlace());
      const info = await store.blobs.put(Buffer.from('hello'), 'image/png');
      // printf hello | sha256sum
      expect(info.hash).toBe('2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824');
      expect(await store.blobs.put(Buffer.from('hello'), 'image/png')).toEqual(info);
      expect(await filesUnder(store)).toEqual([info.hash]);
      expect((await store.blobs.get(info.hash)).toString()).toBe('hello');
      expect(await store.blobs.info(info.hash)).toEqual({ ...info, bytes: 5, mediaType: 'image/png' });
      const file = store.blobs.pathOf(info.hash);
      expect((await stat(file)).mode & 0o777).toBe(0o600);
      expect((await stat(path.dirname(file))).mode & 0o777).toBe(0o700);
      expect((await stat(path.join(store.dataDir, 'blobs'))).mode & 0o777).toBe(0o700);
    });

    it('are stored once when many store them at the same time', async () => {
      const store = await opened(await newPlace());
      const infos = await Promise.all(Array.from({ length: 8 }, () => store.blobs.put(photo, 'image/jpeg')));
      expect(new Set(infos.map((info) => info.hash)).size).toBe(1);
      expect(await filesUnder(store)).toHaveLength(1);
    });

    it('are refused when too large, and named by nothing but a hash', async () => {
      const store = await opened(await newPlace(), { maxBlobBytes: 4 });
      const refusal = await store.blobs.put(Buffer.from('hello'), 'image/png').catch((error: unknown) => error);
      expect(refusal).toBeInstanceOf(Refusal);
      expect(refusal).toMatchObject({ code: 'blob.too-large', details: { maxBytes: 4, bytes: 5 } });
      expect(() => store.blobs.pathOf(`../${photoHash}`)).toThrow(Fault);
    });

    it('are reported as damaged, put aside, and healed by the next put', async () => {
      const store = await opened(await newPlace());
      const { hash } = await store.blobs.put(photo, 'image/jpeg');
      await truncate(store.blobs.pathOf(hash), 7);
      const fault = await store.blobs.get(hash).catch((error: unknown) => error);
      expect(fault).toBeInstanceOf(Fault);
      expect(fault).toMatchObject({ mayPass: false, message: expect.stringContaining('damaged') });
      expect((await readFile(path.join(store.dataDir, 'blobs', 'damaged', hash))).length).toBe(7);
      await expect(store.blobs.get(hash)).rejects.toThrow(/missing/);
      await store.blobs.put(photo, 'image/jpeg');
      expect(await store.blobs.get(hash)).toEqual(photo);
    });

    it('are written anew by a put that finds them damaged', async () => {
      const store = await opened(await newPlace());
      const { hash } = await store.blobs.put(photo, 'image/jpeg');
      await writeFile(store.blobs.pathOf(hash), 'rot');
      await store.blobs.put(photo, 'image/jpeg');
      expect(await store.blobs.get(hash)).toEqual(photo);
    });

    it('stay while somebody needs them and go after the grace when nobody does', async () => {
      const clock = new StoppedClock();
      const store = await opened(await newPlace(), { clock: clock.read });
      const { hash } = await store.blobs.put(photo, 'image/jpeg');
      const graceMs = 1_000;
      const sweep = () => store.blobs.sweep({ graceMs, limit: 10 });
      expect(await sweep()).toEqual({ removed: 0, more: false });
      await store.transaction((tx) => addBlobRef(tx, { hash, ...owner, role: 'photo' }));
      await store.transaction((tx) => addBlobRef(tx, { hash, ...owner, ownerId: 'two', role: 'photo' }));
      clock.now += 10 * graceMs;
      expect(await sweep()).toEqual({ removed: 0, more: false });
      expect(await store.transaction((tx) => dropBlobRefs(tx, owner, clock.now))).toEqual([hash]);
      clock.now += 10 * graceMs;
      expect(await sweep()).toEqual({ removed: 0, more: false });
      await store.transaction((tx) => dropBlobRefs(tx, { ...owner, ownerId: 'two', role: 'photo' }, clock.now));
      clock.now += graceMs - 1;
      expect(await sweep()).toEqual({ removed: 0, more: false });
      clock.now += 1;
      expect(await sweep()).toEqual({ removed: 1, more: false });
      expect(await filesUnder(store)).toEqual([]);
      expect(await store.blobs.info(hash)).toBeUndefined();
    });

    it('are swept in batches and go at once when asked', async () => {
      const store = await opened(await newPlace());
      const hashes: string[] = [];
      for (const text of ['a', 'b', 'c', 'd'])
        hashes.push((await store.blobs.put(Buffer.from(text), 'image/png')).hash);
      const [first = '', second = ''] = hashes;
      await store.transaction((tx) => addBlobRef(tx, { hash: second, ...owner, role: 'png' }));
      expect(await store.blobs.removeUnreferenced([first, second])).toBe(1);
      expect(await store.blobs.sweep({ graceMs: 0, limit: 1 })).toEqual({ removed: 1, more: true });
      expect(await store.blobs.sweep({ graceMs: 0, limit: 9 })).toEqual({ removed: 1, more: false });
      expect(await filesUnder(store)).toEqual([second]);
    });

    it('are whole after puts and sweeps of the same bytes at the same time', async () => {
      const store = await opened(await newPlace());
      for (let round = 0; round < 20; round++) {
        const keep = async () => {
          const { hash } = await store.blobs.put(photo, 'image/jpeg');
          // The sweeps here have no grace, so the reference may come too late; then the row is gone with the file.
          return store
            .transaction((tx) => addBlobRef(tx, { hash, ...owner, ownerId: `round-${round}`, role: 'photo' }))
            .then(
              () => hash,
              () => undefined,
            );
        };
        const sweep = () => store.blobs.sweep({ graceMs: 0, limit: 10 });
        const [kept] = await Promise.all([keep(), sweep(), sweep(), sweep()]);
        const content = kept === undefined ? undefined : await store.blobs.get(kept);
        const files = await filesUnder(store);
        expect({ content, files }).toEqual(
          kept === undefined ? { content: undefined, files: [] } : { content: photo, files: [kept] },
        );
        await store.transaction((tx) => dropBlobRefs(tx, { ...owner, ownerId: `round-${round}` }, 0));
      }
    });

    it('are spared by a sweep that had them on its list when they are put anew', async () => {
      const clock = new StoppedClock();
      const store = await opened(await newPlace(), { clock: clock.read });
      const listedUntil = clock.now;
      clock.now += 1;
      const { hash } = await store.blobs.put(photo, 'image/jpeg');
      expect(await store.transaction((tx) => forgetBlob(tx, hash, listedUntil))).toBe(false);
      expect(await store.transaction((tx) => forgetBlob(tx, hash, clock.now))).toBe(true);
    });

    it('take no reference to what is not there', async () => {
      const store = await opened(await newPlace());
      await expect(
        store.transaction((tx) => addBlobRef(tx, { hash: photoHash, ...owner, role: 'photo' })),
      ).rejects.toThrow(/foreign key/i);
    });

    it('lose references whose time has come', async () => {
      const clock = new StoppedClock();
      const store = await opened(await newPlace(), { clock: clock.read });
      const { hash } = await store.blobs.put(photo, 'image/jpeg');
      const soon = clock.now + 50;
      await store.transaction(async (tx) => {
        await addBlobRef(tx, { hash, ...owner, role: 'photo' }, soon);
        await addBlobRef(tx, { hash, ...owner, role: 'png' });
        await addBlobRef(tx, { hash, ...owner, ownerId: 'two', role: 'photo' }, soon);
        expect(await expireBlobRefs(tx, { ...owner, ownerId: 'two' }, soon + 1)).toBe(1);
      });
      expect(await store.transaction((tx) => dropExpiredBlobRefs(tx, soon - 1, 10))).toBe(0);
      expect(await store.transaction((tx) => dropExpiredBlobRefs(tx, soon, 10))).toBe(1);
      expect((await blobRefs(store.db, hash)).map((ref) => `${ref.ownerId} ${ref.role}`)).toEqual([
        'one png',
        'two photo',
      ]);
    });

    it('are cleared up behind a process that died in the middle of a put or a sweep', async () => {
      const place = await newPlace();
      const before = await opened(place);
      const { hash } = await before.blobs.put(photo, 'image/jpeg');
      const gone = await before.blobs.put(Buffer.from('gone'), 'image/jpeg');
      await before.blobs.removeUnreferenced([gone.hash]);
      const folder = path.join(place.dataDir, 'blobs');
      // A sweep that died between moving the file and the end of its transaction, one that died after it, and a put
      // that died while writing.
      await rename(before.blobs.pathOf(hash), path.join(folder, 'leaving', `${hash}.x`));
      await writeFile(path.join(folder, 'leaving', `${gone.hash}.y`), 'gone');
      await writeFile(path.join(folder, 'incoming', 'half'), 'ha');
      await before.close();
      const after = await opened(place);
      expect(await filesUnder(after)).toEqual([hash]);
      expect(await after.blobs.get(hash)).toEqual(photo);
      expect(await exists(path.join(folder, 'incoming', 'half'))).toBe(false);
    });
  });
}
