import { afterAll, beforeAll, expect, it } from 'vitest';
import { type CrowdOptions, runCrowd } from '../../bench/crowd/run.ts';
import { type PostgresServer, startPostgres } from '../contracts/postgres-server.ts';

let server: PostgresServer;
beforeAll(async () => {
  server = await startPostgres();
});
afterAll(() => server?.stop());

const few: CrowdOptions = { moderators: 20, pictures: 24, kills: 4, acts: 700, seed: 5, patienceMs: 90_000 };

it('ends every case in one decision, and every picture in one state, whoever acts and whatever is killed', async () => {
  const result = await runCrowd(few);
  expect(result).toMatchObject({ undecided: 0, twice: 0, chainWhole: true, amiss: [] });
  // Enough came together for the rest to mean something.
  expect(result.cases).toBeGreaterThan(10);
  expect(result.sanctions).toBeGreaterThan(0);
});

it('does so on PostgreSQL, where everybody is at it at the same time', async () => {
  const result = await runCrowd({ ...few, kills: 3, databaseUrl: await server.newDatabase() });
  expect(result).toMatchObject({ undecided: 0, twice: 0, chainWhole: true, amiss: [] });
  expect(result.cases).toBeGreaterThan(10);
});
