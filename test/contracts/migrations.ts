import { sql } from 'kysely';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Refusal } from '../../src/errors.ts';
import { readRemains } from '../../src/moderation/remains.ts';
import { hasJobOfAct } from '../../src/store/acts.ts';
import { openAttempts } from '../../src/store/attempts.ts';
import { auditPage, verifyAudit } from '../../src/store/audit.ts';
import { blobRefs } from '../../src/store/blob-rows.ts';
import { openCaseOfJob, reportsOfCase } from '../../src/store/cases.ts';
import { consentOf } from '../../src/store/consents.ts';
import { deliveriesOfJob } from '../../src/store/deliveries.ts';
import { dueRemovals, forgettingsUnderWay } from '../../src/store/forgettings.ts';
import { jobById } from '../../src/store/jobs.ts';
import { lockFolder } from '../../src/store/lock.ts';
import { migrate, pendingSteps, SCHEMA_STEPS } from '../../src/store/migrate.ts';
import type { SchemaStep } from '../../src/store/migrations/ddl.ts';
import { dueNotices } from '../../src/store/notices.ts';
import { accountsOf } from '../../src/store/people.ts';
import { picturesOfJob } from '../../src/store/pictures.ts';
import { removedPictures } from '../../src/store/removed-pictures.ts';
import { activeSanctions } from '../../src/store/sanctions.ts';
import { openDatabase, type Store } from '../../src/store/store.ts';
import { engineMsOfPerson } from '../../src/store/usage.ts';
import { type NewPlace, opened, type Place } from './place.ts';

async function databaseAt(place: Place) {
  const database = await openDatabase(place);
  let open = true;
  const close = async () => {
    if (open) await database.close();
    open = false;
  };
  onTestFinished(close);
  return { ...database, close };
}

/** Rows as each step's own version wrote them, by text: these never change, whatever later versions look like. */
const DATA_BY_STEP: Readonly<Record<string, readonly string[]>> = {
  '0001-jobs': [
    `insert into people (id, created_at) values ('anna', 1)`,
    `insert into identities (platform, platform_user_id, person_id, created_at) values ('test', 'u', 'anna', 1)`,
    `insert into communities (id, platform, platform_chat_id, created_at) values ('farm', 'test', 'c', 1)`,
    `insert into jobs (id, idempotency_key, state, community_id, person_id, platform, address, prompt, parameters, seed,
      model, model_hash, count, estimated_cost, engine_ms, attempt_count, not_before, submitted_at)
      values ('job', 'key', 'queued', 'farm', 'anna', 'test', '{"chat":"c"}', 'a cow', '{"steps":20}', 7, 'calf', 'h', 1,
      20.5, 0, 0, 0, 1767225600000)`,
    `insert into attempts (token, job_id, number, engine, started_at, engine_ms) values ('t', 'job', 1, 'cpu', 2, 0)`,
    `insert into usage (job_id, community_id, person_id, engine_ms, at) values ('job', 'farm', 'anna', 5.5, 3)`,
    `insert into audit (seq, at, actor, action, subject, reason, detail, prev_hash, hash) values (1, 5, 'person:anna',
      'job.queued', 'job:job', 'asked', '{"count":1}', '', 'd9b11003b37dc99e8019692908b3605fe0bcc053273cbe726b3f31b004c77503')`,
    `update audit_head set seq = 1, hash = 'd9b11003b37dc99e8019692908b3605fe0bcc053273cbe726b3f31b004c77503'`,
  ],
  '0002-results': [
    `insert into blobs (hash, bytes, media_type, created_at, touched_at) values ('abc', 3, 'image/png', 1, 1)`,
    `insert into blob_refs (hash, owner_kind, owner_id, role) values ('abc', 'job', 'job', 'photo')`,
    `insert into pictures (job_id, number, state, seed, width_px, height_px, png_hash, engine_ms, created_at)
      values ('job', 0, 'kept', 7, 64, 64, 'abc', 5.5, 4)`,
    `insert into deliveries (id, job_id, subject, adapter, lane, address, state, attempt_count, next_attempt_at, created_at)
      values ('d', 'job', 'result', 'test', 'test:c', '{}', 'pending', 0, 4, 4)`,
  ],
  '0003-keyv': [`insert into keyv (namespace, key, value) values ('settings', 'a', '{"value":1}')`],
  '0004-failure-details': [
    `insert into jobs (id, idempotency_key, state, community_id, person_id, platform, address, prompt, parameters, seed,
      model, model_hash, count, estimated_cost, engine_ms, attempt_count, not_before, submitted_at, failure_code,
      failure_reason, failure_details)
      values ('refused', 'other', 'refused', 'farm', 'anna', 'test', '{"chat":"c"}', 'a cow', '{}', 7, 'calf', 'h', 1,
      20.5, 0, 0, 0, 1767225600000, 'cow.count', 'At most 2.', '{"limit":2}')`,
    `insert into deliveries (id, job_id, subject, adapter, lane, address, state, attempt_count, next_attempt_at, created_at,
      reason, reason_code)
      values ('e', 'refused', 'refused:0', 'test', 'test:c', '{}', 'undeliverable', 1, 4, 4, 'Gone.', 'chat-gone')`,
  ],
  '0005-consents': [
    `insert into consents (person_id, version, at) values ('anna', 1, 7)`,
    `insert into forgettings (person_id, at, work) values ('anna', 8, '{}')`,
    `insert into removals (id, platform, address, attempt_count, next_attempt_at, created_at) values ('r', 'test', '{}', 0, 9, 9)`,
  ],
  '0006-audit-community': [
    `insert into audit (seq, at, actor, action, subject, reason, detail, community, prev_hash, hash) values (2, 6,
      'person:carl', 'settings.changed', 'community:farm', 'asked', '{}', 'farm',
      'd9b11003b37dc99e8019692908b3605fe0bcc053273cbe726b3f31b004c77503',
      '3deec6bcc4439f08171a940dc47586b655ff0f6d1cc284b8a8a51baf46cf08b3')`,
    `update audit_head set seq = 2, hash = '3deec6bcc4439f08171a940dc47586b655ff0f6d1cc284b8a8a51baf46cf08b3'`,
  ],
  '0007-moderation': [
    `insert into cases (id, kind, community_id, person_id, job_id, reason, state, opened_at, reminder_count)
      values ('case', 'report', 'farm', 'anna', 'job', 'sexual', 'open', 5, 0)`,
    `insert into reports (case_id, person_id, reason, at) values ('case', 'bert', 'sexual', 5)`,
    `insert into sanctions (id, kind, community_id, person_id, reason, imposed_by, at)
      values ('s', 'ban', 'farm', 'anna', 'sexual', 'person:carl', 6)`,
    `insert into removed_pictures (id, hashes, source, at) values ('r', '{}', 'removed', 6)`,
    `insert into notices (id, subject, kind, platform, target, detail, state, attempt_count, next_attempt_at, created_at)
      values ('n', 'card:case', 'card', 'test', '{}', '{}', 'pending', 0, 5, 5)`,
  ],
  '0008-telling': [
    `insert into people (id, created_at) values ('dora', 1)`,
    `insert into identities (platform, platform_user_id, person_id, locale, created_at) values ('test', 'd', 'dora', 'de', 1)`,
  ],
  '0009-acts': [
    `insert into acts (platform, request_id, taken_by, at, is_done, job_id) values ('test', 'u1', 'b', 9, 0, 'job')`,
  ],
  '0010-remains': [
    `insert into cases (id, kind, community_id, person_id, job_id, reason, state, opened_at, reminder_count, remains)
      values ('late', 'report', 'farm', 'anna', 'deleted', 'hate', 'open', 5, 0,
        '{"hashes":[],"photos":[],"overdue":"withdrawn"}')`,
  ],
};

/** The same rows as today's version reads them. */
const EXPECTED_BY_STEP: Readonly<Record<string, (store: Store) => Promise<void>>> = {
  '0001-jobs': async ({ db }) => {
    expect(await jobById(db, 'job')).toMatchObject({
      seq: 1,
      address: { chat: 'c' },
      parameters: { steps: 20 },
      seed: 7,
      estimatedCost: 20.5,
      submittedAt: 1_767_225_600_000,
    });
    expect(await openAttempts(db)).toMatchObject([{ token: 't', jobId: 'job' }]);
    expect(await engineMsOfPerson(db, 'anna', 0)).toBe(5.5);
  },
  '0002-results': async ({ db }) => {
    expect(await picturesOfJob(db, 'job')).toMatchObject([{ pngHash: 'abc', engineMs: 5.5 }]);
    expect(await blobRefs(db, 'abc')).toMatchObject([{ ownerKind: 'job', ownerId: 'job', role: 'photo' }]);
    expect(await deliveriesOfJob(db, 'job')).toMatchObject([{ id: 'd', state: 'pending' }]);
  },
  '0003-keyv': async (store) => {
    expect(await store.keyv('settings').get('a')).toBe(1);
  },
  '0004-failure-details': async ({ db }) => {
    expect(await jobById(db, 'refused')).toMatchObject({ failureCode: 'cow.count', failureDetails: { limit: 2 } });
    expect(await deliveriesOfJob(db, 'refused')).toMatchObject([{ reason: 'Gone.', reasonCode: 'chat-gone' }]);
  },
  '0005-consents': async ({ db }) => {
    expect(await consentOf(db, 'anna')).toEqual({ personId: 'anna', version: 1, at: 7 });
    expect(await forgettingsUnderWay(db)).toEqual([{ personId: 'anna', at: 8, work: {} }]);
    expect(await dueRemovals(db, { now: 9, limit: 1 })).toMatchObject([{ id: 'r', address: {} }]);
  },
  '0006-audit-community': async ({ db }) => {
    expect(await auditPage(db, { community: 'farm' }, { limit: 9 })).toMatchObject([{ seq: 2, community: 'farm' }]);
  },
  '0007-moderation': async ({ db }) => {
    expect(await openCaseOfJob(db, 'job')).toMatchObject({ id: 'case', reason: 'sexual', reminderCount: 0 });
    expect(await reportsOfCase(db, 'case')).toMatchObject([{ personId: 'bert' }]);
    expect(await activeSanctions(db, { personId: 'anna', at: 7 })).toMatchObject([{ id: 's', until: null }]);
    expect(await removedPictures(db, {})).toMatchObject([{ id: 'r', communityId: null }]);
    expect(await dueNotices(db, { now: 5, limit: 1 })).toMatchObject([{ subject: 'card:case', target: {} }]);
  },
  '0008-telling': async ({ db }) => {
    expect(await accountsOf(db, 'dora')).toEqual([{ platform: 'test', platformUserId: 'd', locale: 'de' }]);
    expect(await accountsOf(db, 'anna')).toMatchObject([{ locale: null }]);
  },
  '0009-acts': async ({ db }) => {
    expect(await hasJobOfAct(db, { platform: 'test', requestId: 'u1' })).toBe(true);
  },
  '0010-remains': async ({ db }) => {
    const late = await openCaseOfJob(db, 'deleted');
    expect(readRemains(late?.remains ?? '')).toEqual({ hashes: [], photos: [], overdue: 'withdrawn' });
  },
};

/** How every database comes forward from every version that there was. */
export function migrationsContract(newPlace: NewPlace): void {
  describe('migrations', () => {
    it('have data of their own version to be tested with', () => {
      const names = SCHEMA_STEPS.map((step) => step.name);
      expect(Object.keys(DATA_BY_STEP)).toEqual(names);
      expect(Object.keys(EXPECTED_BY_STEP)).toEqual(names);
    });

    for (let known = 0; known <= SCHEMA_STEPS.length; known++) {
      const steps = SCHEMA_STEPS.slice(0, known);
      it(`come forward from ${steps.at(-1)?.name ?? 'nothing'} with all that was there`, async () => {
        const place = await newPlace();
        const { db, dialect, close } = await databaseAt(place);
        for (let i = 0; i < known; i++) {
          await migrate(db, dialect, SCHEMA_STEPS.slice(0, i + 1));
          for (const statement of DATA_BY_STEP[SCHEMA_STEPS[i]?.name ?? ''] ?? []) await sql.raw(statement).execute(db);
        }
        await close();
        const store = await opened(place);
        expect(await pendingSteps(store.db)).toEqual([]);
        // Rows hash as they did in the version that wrote them.
        const rows = steps.filter(({ name }) => name === '0001-jobs' || name === '0006-audit-community').length;
        expect(await verifyAudit(store.db)).toEqual({ rows, brokenAt: undefined });
        for (const { name } of steps) await EXPECTED_BY_STEP[name]?.(store);
      });
    }

    it('run once when several programs start at the same time', async () => {
      const place = await newPlace();
      const first = await databaseAt(place);
      const second = await databaseAt(place);
      await Promise.all([migrate(first.db, first.dialect), migrate(second.db, second.dialect)]);
      expect(await pendingSteps(first.db)).toEqual([]);
    });

    it('are not run by a tool under a bot that runs', async () => {
      const place = await newPlace();
      const { db, dialect, close } = await databaseAt(place);
      await migrate(db, dialect, SCHEMA_STEPS.slice(0, 1));
      const bot = lockFolder(place.dataDir);
      onTestFinished(() => bot.release());
      await expect(opened(place, { role: 'tool' })).rejects.toMatchObject({ code: 'store.in-use' });
      expect(await pendingSteps(db)).toHaveLength(SCHEMA_STEPS.length - 1);
      await close();
      await bot.release();
      const tool = await opened(place, { role: 'tool' });
      expect(await pendingSteps(tool.db)).toEqual([]);
      // It took the bot's place for the moment only.
      await opened(place);
    });

    it('leave the database as it was when a step fails', async () => {
      const { db, dialect } = await databaseAt(await newPlace());
      const broken: SchemaStep = {
        name: '9999-broken',
        up: async (tx) => {
          await tx.schema.createTable('half').addColumn('id', 'text').execute();
          throw new Error('the step has a mistake');
        },
      };
      await expect(migrate(db, dialect, [...SCHEMA_STEPS, broken])).rejects.toThrow(/step 9999-broken/);
      const tables = await db.introspection.getTables();
      expect(tables.map((table) => table.name)).not.toContain('half');
      expect(await pendingSteps(db)).toEqual(SCHEMA_STEPS.map((step) => step.name));
      await migrate(db, dialect);
      expect(await pendingSteps(db)).toEqual([]);
    });

    it('are refused on a database of a newer version, which stays as it is', async () => {
      const place = await newPlace();
      const { db, dialect, close } = await databaseAt(place);
      const later: SchemaStep = { name: '9999-later', up: async () => {} };
      await migrate(db, dialect, [...SCHEMA_STEPS, later]);
      await close();
      const refusal = await opened(place).catch((error: unknown) => error);
      expect(refusal).toBeInstanceOf(Refusal);
      expect(refusal).toMatchObject({
        code: 'store.newer',
        message: expect.stringMatching(/newer version.*9999-later/),
      });
      // The refused one let go of the folder.
      await expect(opened(place)).rejects.toThrow(/newer version/);
    });
  });
}
