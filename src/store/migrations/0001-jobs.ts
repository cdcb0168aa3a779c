import { sql } from 'kysely';
import { double, type SchemaStep, withSeq } from './ddl.ts';

/** People and communities, their jobs and attempts, what they used, the audit trail. */
export const jobsStep: SchemaStep = {
  name: '0001-jobs',
  up: async (db, dialect) => {
    const { schema } = db;
    await schema
      .createTable('people')
      .addColumn('id', 'text', (c) => c.primaryKey())
      .addColumn('createdAt', 'bigint', (c) => c.notNull())
      .execute();
    await schema
      .createTable('identities')
      .addColumn('platform', 'text', (c) => c.notNull())
      .addColumn('platformUserId', 'text', (c) => c.notNull())
      .addColumn('personId', 'text', (c) => c.notNull().references('people.id').onDelete('cascade'))
      .addColumn('createdAt', 'bigint', (c) => c.notNull())
      .addPrimaryKeyConstraint('identitiesKey', ['platform', 'platformUserId'])
      .execute();
    await schema.createIndex('identitiesPerson').on('identities').column('personId').execute();
    await schema
      .createTable('communities')
      .addColumn('id', 'text', (c) => c.primaryKey())
      .addColumn('platform', 'text', (c) => c.notNull())
      .addColumn('platformChatId', 'text', (c) => c.notNull())
      .addColumn('createdAt', 'bigint', (c) => c.notNull())
      .addUniqueConstraint('communitiesChat', ['platform', 'platformChatId'])
      .execute();

    await withSeq(schema.createTable('jobs'), dialect)
      .addColumn('id', 'text', (c) => c.notNull().unique())
      .addColumn('idempotencyKey', 'text', (c) => c.notNull().unique())
      .addColumn('state', 'text', (c) => c.notNull())
      .addColumn('communityId', 'text', (c) => c.notNull().references('communities.id'))
      .addColumn('personId', 'text', (c) => c.notNull().references('people.id'))
      .addColumn('platform', 'text', (c) => c.notNull())
      .addColumn('address', 'text', (c) => c.notNull())
      .addColumn('prompt', 'text', (c) => c.notNull())
      .addColumn('parameters', 'text', (c) => c.notNull())
      .addColumn('seed', 'bigint', (c) => c.notNull())
      .addColumn('model', 'text', (c) => c.notNull())
      .addColumn('modelHash', 'text', (c) => c.notNull())
      .addColumn('parentId', 'text', (c) => c.references('jobs.id').onDelete('set null'))
      .addColumn('photoHash', 'text')
      .addColumn('count', 'bigint', (c) => c.notNull())
      .addColumn('estimatedCost', double, (c) => c.notNull())
      .addColumn('engineMs', double, (c) => c.notNull())
      .addColumn('attemptCount', 'bigint', (c) => c.notNull())
      .addColumn('attemptToken', 'text')
      .addColumn('notBefore', 'bigint', (c) => c.notNull())
      .addColumn('failureCode', 'text')
      .addColumn('failureReason', 'text')
      .addColumn('submittedAt', 'bigint', (c) => c.notNull())
      .addColumn('startedAt', 'bigint')
      .addColumn('endedAt', 'bigint')
      .execute();
    // Lists end in seq, so that each page of each list is one range of one index whatever the number of rows.
    await schema.createIndex('jobsState').on('jobs').columns(['state', 'seq']).execute();
    await schema.createIndex('jobsPersonState').on('jobs').columns(['personId', 'state', 'seq']).execute();
    await schema.createIndex('jobsPerson').on('jobs').columns(['personId', 'seq']).execute();
    await schema.createIndex('jobsCommunityState').on('jobs').columns(['communityId', 'state', 'seq']).execute();
    await schema.createIndex('jobsCommunity').on('jobs').columns(['communityId', 'seq']).execute();
    await schema.createIndex('jobsParent').on('jobs').column('parentId').where('parentId', 'is not', null).execute();
    await schema.createIndex('jobsEnded').on('jobs').column('endedAt').where('endedAt', 'is not', null).execute();

    await schema
      .createTable('attempts')
      .addColumn('token', 'text', (c) => c.primaryKey())
      .addColumn('jobId', 'text', (c) => c.notNull().references('jobs.id').onDelete('cascade'))
      .addColumn('number', 'bigint', (c) => c.notNull())
      .addColumn('engine', 'text', (c) => c.notNull())
      .addColumn('startedAt', 'bigint', (c) => c.notNull())
      .addColumn('endedAt', 'bigint')
      .addColumn('outcome', 'text')
      .addColumn('reason', 'text')
      .addColumn('engineMs', double, (c) => c.notNull())
      .execute();
    await schema.createIndex('attemptsJob').on('attempts').columns(['jobId', 'number']).unique().execute();
    await schema
      .createIndex('attemptsOpen')
      .on('attempts')
      .columns(['token', 'endedAt'])
      .where('endedAt', 'is', null)
      .execute();

    await withSeq(schema.createTable('usage'), dialect)
      .addColumn('jobId', 'text', (c) => c.notNull())
      .addColumn('communityId', 'text', (c) => c.notNull())
      .addColumn('personId', 'text', (c) => c.notNull())
      .addColumn('engineMs', double, (c) => c.notNull())
      .addColumn('at', 'bigint', (c) => c.notNull())
      .execute();
    await schema.createIndex('usageAt').on('usage').columns(['at', 'seq']).execute();
    await schema.createIndex('usagePerson').on('usage').columns(['personId', 'at']).execute();

    await schema
      .createTable('audit')
      .addColumn('seq', 'bigint', (c) => c.primaryKey())
      .addColumn('at', 'bigint', (c) => c.notNull())
      .addColumn('actor', 'text', (c) => c.notNull())
      .addColumn('action', 'text', (c) => c.notNull())
      .addColumn('subject', 'text', (c) => c.notNull())
      .addColumn('reason', 'text', (c) => c.notNull())
      .addColumn('detail', 'text', (c) => c.notNull())
      .addColumn('prevHash', 'text', (c) => c.notNull())
      .addColumn('hash', 'text', (c) => c.notNull())
      .execute();
    await schema.createIndex('auditSubject').on('audit').columns(['subject', 'seq']).execute();
    await schema.createIndex('auditActor').on('audit').columns(['actor', 'seq']).execute();
    await schema.createIndex('auditAction').on('audit').columns(['action', 'seq']).execute();
    await schema
      .createTable('auditHead')
      .addColumn('id', 'bigint', (c) => c.primaryKey())
      .addColumn('seq', 'bigint', (c) => c.notNull())
      .addColumn('hash', 'text', (c) => c.notNull())
      .addColumn('prunedSeq', 'bigint', (c) => c.notNull())
      .addColumn('prunedHash', 'text', (c) => c.notNull())
      .execute();
    await sql`insert into audit_head (id, seq, hash, pruned_seq, pruned_hash) values (1, 0, '', 0, '')`.execute(db);
  },
};
