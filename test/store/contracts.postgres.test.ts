import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe } from 'vitest';
import { auditContract } from '../contracts/audit.ts';
import { backupContract } from '../contracts/backup.ts';
import { blobsContract } from '../contracts/blobs.ts';
import { jobsContract } from '../contracts/jobs.ts';
import { keyvContract } from '../contracts/keyv.ts';
import { migrationsContract } from '../contracts/migrations.ts';
import { outboxContract } from '../contracts/outbox.ts';
import { peopleContract } from '../contracts/people.ts';
import { temporaryFolder } from '../contracts/place.ts';
import { type PostgresServer, startPostgres } from '../contracts/postgres-server.ts';

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
  auditContract(onPostgres);
  blobsContract(onPostgres);
  migrationsContract(onPostgres);
  keyvContract(onPostgres, lastingPlace);
  backupContract(onPostgres, onSqlite);
});

// Here because it needs the server as well: a backup of one database can be restored to the other.
describe('on SQLite', () => {
  backupContract(onSqlite, onPostgres);
});
