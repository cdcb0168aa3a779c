import { cp, open, stat } from 'node:fs/promises';
import path from 'node:path';
import { expect, it } from 'vitest';

import { keptLogBytes } from '../../src/store/checkpoints.ts';
import { type Store, sqliteFile } from '../../src/store/store.ts';
import { opened, temporaryFolder } from '../contracts/place.ts';

const writers = 4;
const pagesOfValue = 50;

/** How often the log began anew: the checkpoint sequence number in its header (https://sqlite.org/fileformat2.html#walformat). */
async function beginnings(dataDir: string): Promise<number> {
  await using log = await open(`${sqliteFile(dataDir)}-wal`);
  const header = Buffer.alloc(32);
  await log.read(header);
  return header.readUInt32BE(12);
}

async function write(store: Store, key: string): Promise<void> {
  const value = key.padEnd(pagesOfValue * 4096, '.');
  await store.transaction(async (tx) =>
    tx.insertInto('keyv').values({ namespace: 'test', key, value, expiresAt: null }).execute(),
  );
}

it('begins the log anew while writers never pause, and loses nothing', async () => {
  const dataDir = await temporaryFolder();
  const store = await opened({ dataDir });
  const before = await beginnings(dataDir);
  const written: string[] = [];
  let isEnough = false;
  const writer = async (name: number): Promise<void> => {
    for (let number = 0; !isEnough; number += 1) {
      const key = `${name}:${number}`;
      await write(store, key);
      written.push(key);
      isEnough ||= (await beginnings(dataDir)) >= before + 2;
    }
  };
  await Promise.all(Array.from({ length: writers }, (_, name) => writer(name)));
  expect((await stat(`${sqliteFile(dataDir)}-wal`)).size).toBeLessThan(2 * keptLogBytes);

  // As a power cut would leave it.
  const copy = path.join(await temporaryFolder(), 'copy');
  await cp(dataDir, copy, { recursive: true });
  const other = await opened({ dataDir: copy });
  const found = await other.db.selectFrom('keyv').select('key').where('namespace', '=', 'test').execute();
  expect(found.map(({ key }) => key).toSorted()).toEqual(written.toSorted());
});
