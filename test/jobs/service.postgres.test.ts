import { afterAll, beforeAll, expect, it } from 'vitest';
import { attemptsOfJob } from '../../src/store/attempts.ts';
import { verifyAudit } from '../../src/store/audit.ts';
import { deliveriesOfJob } from '../../src/store/deliveries.ts';
import { countJobsByState, jobById } from '../../src/store/jobs.ts';
import { picturesOfJob } from '../../src/store/pictures.ts';
import { temporaryFolder } from '../contracts/place.ts';
import { type PostgresServer, startPostgres } from '../contracts/postgres-server.ts';
import { killed, startBot, submission } from './bot.ts';
import { StubEngine } from '../fakes/stub-engine.ts';

let server: PostgresServer;
beforeAll(async () => {
  server = await startPostgres();
});
afterAll(() => server?.stop());

it('does on PostgreSQL what it does on SQLite: each once, over a kill, with several engines', async () => {
  const place = { dataDir: await temporaryFolder(), databaseUrl: await server.newDatabase() };
  const first = await startBot({ place });
  const twins = await Promise.all([1, 2, 3].map(async () => first.jobs.submit(submission('twin', { count: 2 }))));
  expect(twins.filter(({ isNew }) => isNew)).toHaveLength(1);
  await first.paints('twin');
  const cancelled = await first.ask('cancelled', { personId: 'bert' });
  expect(await first.jobs.cancel(cancelled.id, 'person:bert')).toBe(true);
  const others = await Promise.all(['a', 'b', 'c'].map(async (prompt) => first.ask(prompt, { personId: 'bert' })));

  const engines = [new StubEngine(), new StubEngine(), new StubEngine()];
  for (const engine of engines) engine.isQuick = true;
  const second = await startBot({ ...(await killed(first)), engines });
  const [{ job }] = twins;
  for (const { id } of [job, ...others]) await second.becomes(id, 'done');
  expect(await countJobsByState(second.store.db)).toMatchObject({ done: 4, cancelled: 1, queued: 0, running: 0 });
  expect((await picturesOfJob(second.store.db, job.id)).map(({ seed }) => seed)).toEqual([7, 8]);
  const outcomes = (await attemptsOfJob(second.store.db, job.id)).map(({ outcome }) => String(outcome));
  expect(outcomes.toSorted()).toEqual(['done', 'done', 'lost']);
  expect(await deliveriesOfJob(second.store.db, job.id)).toHaveLength(1);
  expect(await jobById(second.store.db, job.id)).toMatchObject({ engineMs: 200, attemptCount: 3 });
  expect((await verifyAudit(second.store.db)).brokenAt).toBeUndefined();
});
