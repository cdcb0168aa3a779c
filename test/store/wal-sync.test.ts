import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, it, onTestFinished } from 'vitest';

import { WalSync } from '../../src/store/wal-sync.ts';
import { opened, temporaryFolder } from '../contracts/place.ts';

async function place() {
  const database = path.join(await temporaryFolder(), 'some.db');
  const sync = new WalSync(database);
  onTestFinished(() => sync.close());
  return { sync, log: `${database}-wal` };
}

it('serves whoever asks, alone or with others, again and again', async () => {
  const { sync, log } = await place();
  await writeFile(log, 'a log');
  await sync.next();
  const together = await Promise.allSettled(Array.from({ length: 50 }, () => sync.next()));
  expect(together.filter(({ status }) => status === 'fulfilled')).toHaveLength(50);
  await expect(sync.next()).resolves.toBeUndefined();
});

it('tells everybody who waits that the disk did not take it, and goes on when it does', async () => {
  const { sync, log } = await place();
  await mkdir(log);
  const tries = await Promise.allSettled([sync.next(), sync.next(), sync.next()]);
  expect(tries.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
  await rm(log, { recursive: true });
  await writeFile(log, 'a log');
  await sync.next();
});

it('has nothing to do where there is no log', async () => {
  const { sync } = await place();
  await expect(sync.next()).resolves.toBeUndefined();
});

it('lets transactions come at once, one after the other', async () => {
  const store = await opened({ dataDir: await temporaryFolder() });
  const count = (): Promise<number> =>
    store.transaction(async (tx) => {
      const { length } = await tx.selectFrom('keyv').select('key').execute();
      await tx
        .insertInto('keyv')
        .values({ namespace: 'count', key: String(length), value: '', expiresAt: null })
        .execute();
      return length;
    });
  const counted = await Promise.all(Array.from({ length: 40 }, count));
  expect(counted).toEqual(Array.from({ length: 40 }, (_, number) => number));
});
