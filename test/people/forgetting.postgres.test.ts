import { afterAll, beforeAll, expect, it } from 'vitest';
import { sql } from 'kysely';
import { createForgetting } from '../../src/people/forget.ts';
import { createLog } from '../../src/log.ts';
import { verifyAudit } from '../../src/store/audit.ts';
import { byteNeedles, foundIn, uniquePhoto } from '../contracts/data-folder.ts';
import { temporaryFolder } from '../contracts/place.ts';
import { type PostgresServer, startPostgres } from '../contracts/postgres-server.ts';
import { startBot } from '../jobs/bot.ts';

let server: PostgresServer;
beforeAll(async () => {
  server = await startPostgres();
});
afterAll(() => server?.stop());

it('forgets somebody on PostgreSQL: no row and no file is left', async () => {
  const bot = await startBot({ place: { dataDir: await temporaryFolder(), databaseUrl: await server.newDatabase() } });
  bot.engine.isQuick = true;
  const photo = await uniquePhoto(9);
  const prompt = 'a "lighthouse" of Brobdingnag';
  const wish = { prompt, photos: [{ keep: 'whole' as const }], parameters: {}, seed: 7, count: 1 };
  const first = await bot.ask(prompt, { wish, photos: [{ photo }] });
  await bot.becomes(first.id, 'done');
  const child = await bot.ask(prompt, {
    wish,
    photos: [{ photo }],
    personId: 'bert',
    parentId: first.id,
    idempotencyKey: 'child',
  });
  await bot.becomes(child.id, 'done');
  const own = await bot.ask('a harbour', { personId: 'bert' });
  await bot.becomes(own.id, 'done');
  const rowsWith = async (text: string): Promise<readonly string[]> => {
    const found: string[] = [];
    for (const { name } of await bot.store.db.introspection.getTables()) {
      const { rows } = await sql<{ row: string }>`select t::text as row from ${sql.table(name)} t`.execute(
        bot.store.db,
      );
      if (rows.some(({ row }) => row.includes(text))) found.push(name);
    }
    return found;
  };
  expect(await rowsWith('Brobdingnag')).toEqual(['deliveries', 'jobs']);
  expect(await rowsWith('user-anna')).toEqual(['identities']);
  const forgetting = createForgetting({
    store: bot.store,
    jobs: bot.jobs,
    progress: { end: async () => {} },
    adapters: new Map([['test', { remove: async () => ({ kind: 'sent', receipt: {} }) }]]),
    giveUpAfterMs: 1,
    clock: bot.clock.read,
    log: createLog('silent'),
  });
  const { counts, messagesRemoved } = await forgetting.forget('anna');
  await forgetting.close();
  expect({ counts, messagesRemoved }).toMatchObject({
    counts: { jobs: 1, othersJobs: 1, photos: 1 },
    messagesRemoved: 2,
  });
  expect(await rowsWith('Brobdingnag')).toEqual([]);
  expect(await rowsWith('user-anna')).toEqual([]);
  expect(await foundIn(bot.place.dataDir, byteNeedles('photo', photo))).toEqual([]);
  expect(await bot.stateOf(own.id)).toBe('done');
  expect((await verifyAudit(bot.store.db)).brokenAt).toBeUndefined();
});
