import { copyFile, readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { readConfig } from '../../src/config.ts';
import { backup } from '../../src/store/backup.ts';
import { addBlobRef } from '../../src/store/blob-rows.ts';
import { restore } from '../../src/store/restore.ts';
import { byteNeedles, foundIn, uniquePhoto } from '../contracts/data-folder.ts';
import { opened, temporaryFolder } from '../contracts/place.ts';

const blobKey = Buffer.alloc(32, 1);
const otherKey = Buffer.alloc(32, 2);

describe('encrypted files', () => {
  it('show nothing of what they hold, and are other bytes each time', async () => {
    const photo = await uniquePhoto(20);
    const places = [await temporaryFolder(), await temporaryFolder()];
    const files: Buffer[] = [];
    for (const dataDir of places) {
      const store = await opened({ dataDir, blobKey });
      const { hash, bytes } = await store.blobs.put(photo, 'image/png');
      expect(bytes).toBe(photo.length);
      expect(await store.blobs.get(hash)).toEqual(photo);
      files.push(await readFile(store.blobs.pathOf(hash)));
      expect(await foundIn(dataDir, byteNeedles('photo', photo))).toEqual([]);
    }
    expect(files[0]).not.toEqual(files[1]);
    expect(files[0]).toHaveLength(photo.length + 36);
  });

  it('lie beside plain ones of before the key', async () => {
    const dataDir = await temporaryFolder();
    const plain = await opened({ dataDir });
    const before = await plain.blobs.put(Buffer.from('before the key'), 'image/png');
    await plain.close();
    const store = await opened({ dataDir, blobKey });
    const after = await store.blobs.put(Buffer.from('after the key'), 'image/png');
    // The same bytes again are there already, plain as they are.
    expect(await store.blobs.put(Buffer.from('before the key'), 'image/png')).toEqual(before);
    expect((await store.blobs.get(before.hash)).toString()).toBe('before the key');
    expect((await store.blobs.get(after.hash)).toString()).toBe('after the key');
  });

  it.each([
    ['without the key', undefined, 'blob.key-missing', /set it to the key/],
    ['with another key', otherKey, 'blob.key-wrong', /not the key/],
  ])('are not opened %s, and the folder is free again', async (_, key, code, message) => {
    const dataDir = await temporaryFolder();
    const first = await opened({ dataDir, blobKey });
    const { hash } = await first.blobs.put(Buffer.from('a photo'), 'image/png');
    await first.close();
    await expect(opened({ dataDir, blobKey: key })).rejects.toMatchObject({
      name: 'Refusal',
      code,
      message: expect.stringMatching(message),
    });
    const again = await opened({ dataDir, blobKey });
    expect((await again.blobs.get(hash)).toString()).toBe('a photo');
  });

  it('cannot take each other’s place', async () => {
    const store = await opened({ dataDir: await temporaryFolder(), blobKey });
    const [one, two] = [
      await store.blobs.put(Buffer.from('one'), 'image/png'),
      await store.blobs.put(Buffer.from('two'), 'image/png'),
    ];
    await copyFile(store.blobs.pathOf(one.hash), store.blobs.pathOf(two.hash));
    await expect(store.blobs.get(two.hash)).rejects.toThrow(/damaged/);
  });

  it('stay encrypted in a backup, and come back with their key only', async () => {
    const store = await opened({ dataDir: await temporaryFolder(), blobKey });
    const photo = await uniquePhoto(21);
    const { hash } = await store.blobs.put(photo, 'image/png');
    await store.transaction((tx) => addBlobRef(tx, { hash, ownerKind: 'job', ownerId: 'j', role: 'photo' }));
    const folder = path.join(await temporaryFolder(), 'backup');
    expect(await backup(store, folder, { madeAt: 1 })).toMatchObject({ blobs: 1, missingBlobs: [] });
    expect(await foundIn(folder, byteNeedles('photo', photo))).toEqual([]);
    const dataDir = await temporaryFolder();
    const options = { folder, dataDir, replace: false, now: 1 };
    await expect(restore(options)).rejects.toMatchObject({ code: 'blob.key-missing' });
    await expect(restore({ ...options, blobKey: otherKey, replace: true })).rejects.toMatchObject({
      code: 'blob.key-wrong',
    });
    await restore({ ...options, blobKey, replace: true, now: 2 });
    const restored = await opened({ dataDir, blobKey });
    expect(await restored.blobs.get(hash)).toEqual(photo);
  });
});

describe('COWBOT_BLOB_KEY', () => {
  it('is 32 bytes in either form, and never in the complaint', () => {
    expect(readConfig({ COWBOT_BLOB_KEY: blobKey.toString('hex') }).blobKey).toEqual(blobKey);
    expect(readConfig({ COWBOT_BLOB_KEY: blobKey.toString('base64') }).blobKey).toEqual(blobKey);
    expect(readConfig({}).blobKey).toBeUndefined();
    for (const wrong of ['cafe'.repeat(15), 'nokey', blobKey.toString('base64').slice(4)]) {
      expect(() => readConfig({ COWBOT_BLOB_KEY: wrong })).toThrow(/COWBOT_BLOB_KEY: Expected 32 bytes/);
      expect(() => readConfig({ COWBOT_BLOB_KEY: wrong })).not.toThrow(new RegExp(wrong.slice(0, 5)));
    }
  });
});
