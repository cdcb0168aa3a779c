import type { Kysely } from 'kysely';
import { Migrator } from 'kysely/migration';
import { Fault, Refusal } from '../errors.ts';
import { jobsStep } from './migrations/0001-jobs.ts';
import { resultsStep } from './migrations/0002-results.ts';
import { keyvStep } from './migrations/0003-keyv.ts';
import { failureDetailsStep } from './migrations/0004-failure-details.ts';
import { consentsStep } from './migrations/0005-consents.ts';
import { auditCommunityStep } from './migrations/0006-audit-community.ts';
import { moderationStep } from './migrations/0007-moderation.ts';
import { tellingStep } from './migrations/0008-telling.ts';
import { actsStep } from './migrations/0009-acts.ts';
import { remainsStep } from './migrations/0010-remains.ts';
import type { SchemaStep } from './migrations/ddl.ts';
import type { DialectName, Handle } from './tables.ts';

/** Every step from an empty database to today's, in order. A new table group or column is a new step at the end. */
export const SCHEMA_STEPS: readonly SchemaStep[] = [
  jobsStep,
  resultsStep,
  keyvStep,
  failureDetailsStep,
  consentsStep,
  auditCommunityStep,
  moderationStep,
  tellingStep,
  actsStep,
  remainsStep,
];

/** Kysely's own table of what was run; its names are its own. */
type MigrationTables = { kysely_migration: { name: string } };

/**
 * Names of the steps that a database still needs, in order.
 * @throws Refusal `store.newer` where a newer version of the program has taken steps that this one does not know.
 */
export async function pendingSteps(db: Handle, steps = SCHEMA_STEPS): Promise<readonly string[]> {
  const known = steps.map((step) => step.name);
  const taken = await takenSteps(db);
  const unknown = taken.filter((name) => !known.includes(name));
  if (unknown.length > 0) {
    throw new Refusal(
      'store.newer',
      `This database was written by a newer version of cowbot (it knows ${unknown.join(', ')}). ` +
        'Install that version or a later one, or restore a backup that was made before the update.',
      { steps: unknown.join(', ') },
    );
  }
  return known.filter((name) => !taken.includes(name));
}

async function takenSteps(db: Handle): Promise<readonly string[]> {
  const tables = await db.introspection.getTables({ withInternalKyselyTables: true });
  if (!tables.some((table) => table.name === 'kysely_migration')) return [];
  const rows = await db
    .withoutPlugins()
    .withTables<MigrationTables>()
    .selectFrom('kysely_migration')
    .select('name')
    .orderBy('name')
    .execute();
  return rows.map((row) => row.name);
}

/**
 * Brings a database forward to the last of `steps`. All missing steps are one transaction: whoever fails or dies in
 * between leaves the database as it was. Programs that start at the same time wait for each other: on PostgreSQL by an
 * advisory lock, on SQLite by the write lock that the transaction takes before it looks at what is missing.
 * @throws Refusal as `pendingSteps`. @throws Fault where a step fails.
 */
export async function migrate(db: Handle, dialect: DialectName, steps = SCHEMA_STEPS): Promise<void> {
  if ((await pendingSteps(db, steps)).length === 0) return;
  const migrator = new Migrator({
    db,
    provider: {
      getMigrations: async () =>
        Object.fromEntries(steps.map(({ name, up }) => [name, { up: (tx: Kysely<unknown>) => up(tx, dialect) }])),
    },
  });
  const { error, results } = await migrator.migrateToLatest();
  if (error === undefined) return;
  if (error instanceof Fault) throw error;
  const failed = results?.find((result) => result.status === 'Error')?.migrationName ?? 'the first';
  throw new Fault(`Bringing the database forward failed at step ${failed}; the database is as it was before.`, {
    cause: error,
  });
}
