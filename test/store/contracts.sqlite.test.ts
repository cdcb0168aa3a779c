import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe } from 'vitest';
import { actsContract } from '../contracts/acts.ts';
import { auditContract } from '../contracts/audit.ts';
import { blobsContract } from '../contracts/blobs.ts';
import { jobsContract } from '../contracts/jobs.ts';
import { keyvContract } from '../contracts/keyv.ts';
import { migrationsContract } from '../contracts/migrations.ts';
import { noticesContract } from '../contracts/notices.ts';
import { outboxContract } from '../contracts/outbox.ts';
import { peopleContract } from '../contracts/people.ts';
import { settingsContract } from '../contracts/settings.ts';
import { temporaryFolder } from '../contracts/place.ts';

describe('on SQLite', () => {
  const lasting: string[] = [];
  afterAll(async () => {
    for (const folder of lasting) await rm(folder, { recursive: true, force: true });
  });
  const newPlace = async () => ({ dataDir: await temporaryFolder() });
  const lastingPlace = async () => {
    const dataDir = await mkdtemp(path.join(tmpdir(), 'cowbot-'));
    lasting.push(dataDir);
    return { dataDir };
  };
  jobsContract(newPlace);
  outboxContract(newPlace);
  peopleContract(newPlace);
  noticesContract(newPlace);
  actsContract(newPlace);
  auditContract(newPlace);
  blobsContract(newPlace);
  migrationsContract(newPlace);
  settingsContract(newPlace);
  keyvContract(newPlace, lastingPlace);
});

describe('on SQLite, with files encrypted', () => {
  const blobKey = Buffer.alloc(32, 7);
  blobsContract(async () => ({ dataDir: await temporaryFolder(), blobKey }));
});
