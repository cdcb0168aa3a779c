import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { actsContract } from '../contracts/acts.ts';
import { auditContract } from '../contracts/audit.ts';
import { backupContract } from '../contracts/backup.ts';
import { blobsContract } from '../contracts/blobs.ts';
import { jobsContract } from '../contracts/jobs.ts';
import { keyvContract } from '../contracts/keyv.ts';
import { migrationsContract } from '../contracts/migrations.ts';
import { noticesContract } from '../contracts/notices.ts';
import { outboxContract } from '../contracts/outbox.ts';
import { peopleContract } from '../contracts/people.ts';
import { opened, temporaryFolder } from '../contracts/place.ts';
import { type PostgresServer, startPostgres } from '../contracts/postgres-server.ts';
import { settingsContract } from '../contracts/settings.ts';

let server: PostgresServer;
beforeAll(async () => {
  server = await startPostgres();
});
afterAll(() => server?.stop());

const onSqlite = async () => ({ dataDir: await temporaryFolder() });
const onPostgres = async () => ({ dataDir: await temporaryFolder(), databaseUrl: await server.newDatabase() });

describe('on PostgreSQL', () => {
  const lasting: string[] = [];
  afterAll(async () => {
    for (const folder of lasting) await rm(folder, { recursive: true, force: true });
  });
  const lastingPlace = async () => {
    const dataDir = await mkdtemp(path.join(tmpdir(), 'cowbot-'));
    lasting.push(dataDir);
    return { dataDir, databaseUrl: await server.newDatabase() };
  };
  jobsContract(onPostgres);
  outboxContract(onPostgres);
  peopleContract(onPostgres);
  noticesContract(onPostgres);
  actsContract(onPostgres);
  auditContract(onPostgres);
  blobsContract(onPostgres);
  migrationsContract(onPostgres);
  settingsContract(onPostgres);
  keyvContract(onPostgres, lastingPlace);
  backupContract(onPostgres, onSqlite);
});

describe('a PostgreSQL that', () => {
  it('drops its connections is asked again by the next query', async () => {
    const place = await onPostgres();
    const store = await opened(place);
    const admin = new Client({ connectionString: place.databaseUrl });
    await admin.connect();
    const others = 'from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()';
    const cut = store.transaction(async (tx) => {
      await admin.query(`select pg_terminate_backend(pid) ${others}`);
      await tx.selectFrom('people').selectAll().execute();
    });
    await expect(cut).rejects.toMatchObject({ mayPass: true, message: expect.stringContaining('cannot be reached') });
    await admin.end();
    expect(await store.db.selectFrom('people').selectAll().execute()).toEqual([]);
  });

  it('has a bot already is refused to another one with a folder of its own, and free after a close', async () => {
    const { dataDir, databaseUrl } = await onPostgres();
    const first = await opened({ dataDir, databaseUrl });
    const elsewhere = { dataDir: await temporaryFolder(), databaseUrl };
    await expect(opened(elsewhere)).rejects.toMatchObject({
      code: 'store.in-use',
      message: expect.stringContaining('already running on the PostgreSQL database'),
    });
    await opened({ dataDir, databaseUrl }, { role: 'tool' });
    await first.close();
    await opened(elsewhere);
  });

  it('is not there, or refuses, is named in a sentence', async () => {
    const dataDir = await temporaryFolder();
    const nowhere = `postgresql://cow@localhost/cow?host=${encodeURIComponent(dataDir)}`;
    await expect(opened({ dataDir, databaseUrl: nowhere })).rejects.toMatchObject({
      mayPass: true,
      message: expect.stringContaining('DATABASE_URL'),
    });
    const missing = (await server.newDatabase()).replace('/cow_', '/no_');
    await expect(opened({ dataDir, databaseUrl: missing })).rejects.toMatchObject({
      mayPass: false,
      message: expect.stringContaining('DATABASE_URL'),
    });
  });
});

// Here because it needs the server as well: a backup of one database can be restored to the other.
describe('on SQLite', () => {
  backupContract(onSqlite, onPostgres);
});
