import { sql } from 'kysely';
import type { SchemaStep } from './ddl.ts';

const isOpen = sql<boolean>`state = 'open'`;

/** Cases with their reports and decisions, sanctions, what was removed, and what people are to be told. */
export const moderationStep: SchemaStep = {
  name: '0007-moderation',
  up: async ({ schema }) => {
    await schema
      .createTable('cases')
      .addColumn('id', 'text', (c) => c.primaryKey())
      .addColumn('kind', 'text', (c) => c.notNull())
      .addColumn('communityId', 'text', (c) => c.notNull().references('communities.id'))
      .addColumn('personId', 'text', (c) => c.notNull())
      .addColumn('jobId', 'text')
      .addColumn('sanctionId', 'text')
      .addColumn('reason', 'text', (c) => c.notNull())
      .addColumn('note', 'text')
      .addColumn('state', 'text', (c) => c.notNull())
      .addColumn('openedAt', 'bigint', (c) => c.notNull())
      .addColumn('dueAt', 'bigint')
      .addColumn('reminderCount', 'bigint', (c) => c.notNull())
      .addColumn('decision', 'text')
      .addColumn('decidedBy', 'text')
      .addColumn('decidedAt', 'bigint')
      .execute();
    // However many report a picture, it is one case; so is an appeal against one sanction.
    await schema
      .createIndex('casesOpenJob')
      .unique()
      .on('cases')
      .column('jobId')
      .where(isOpen)
      .where('jobId', 'is not', null)
      .execute();
    await schema
      .createIndex('casesOpenSanction')
      .unique()
      .on('cases')
      .column('sanctionId')
      .where(isOpen)
      .where('sanctionId', 'is not', null)
      .execute();
    await schema.createIndex('casesDue').on('cases').columns(['state', 'dueAt']).execute();
    await schema.createIndex('casesPerson').on('cases').column('personId').execute();

    await schema
      .createTable('reports')
      .addColumn('caseId', 'text', (c) => c.notNull().references('cases.id').onDelete('cascade'))
      .addColumn('personId', 'text', (c) => c.notNull())
      .addColumn('reason', 'text', (c) => c.notNull())
      .addColumn('note', 'text')
      .addColumn('at', 'bigint', (c) => c.notNull())
      .addPrimaryKeyConstraint('reportsKey', ['caseId', 'personId'])
      .execute();
    await schema.createIndex('reportsPerson').on('reports').column('personId').execute();

    await schema
      .createTable('sanctions')
      .addColumn('id', 'text', (c) => c.primaryKey())
      .addColumn('kind', 'text', (c) => c.notNull())
      .addColumn('communityId', 'text')
      .addColumn('personId', 'text')
      .addColumn('identityHash', 'text')
      .addColumn('caseId', 'text')
      .addColumn('reason', 'text', (c) => c.notNull())
      .addColumn('imposedBy', 'text', (c) => c.notNull())
      .addColumn('at', 'bigint', (c) => c.notNull())
      .addColumn('until', 'bigint')
      .addColumn('liftedAt', 'bigint')
      .execute();
    await schema.createIndex('sanctionsPerson').on('sanctions').column('personId').execute();
    await schema
      .createIndex('sanctionsIdentity')
      .on('sanctions')
      .column('identityHash')
      .where('identityHash', 'is not', null)
      .execute();

    await schema
      .createTable('removedPictures')
      .addColumn('id', 'text', (c) => c.primaryKey())
      .addColumn('communityId', 'text')
      .addColumn('hashes', 'text', (c) => c.notNull())
      .addColumn('source', 'text', (c) => c.notNull())
      .addColumn('at', 'bigint', (c) => c.notNull())
      .execute();

    await schema
      .createTable('notices')
      .addColumn('id', 'text', (c) => c.primaryKey())
      .addColumn('subject', 'text', (c) => c.notNull().unique())
      .addColumn('kind', 'text', (c) => c.notNull())
      .addColumn('platform', 'text', (c) => c.notNull())
      .addColumn('target', 'text', (c) => c.notNull())
      .addColumn('personId', 'text')
      .addColumn('communityId', 'text')
      .addColumn('caseId', 'text')
      .addColumn('detail', 'text', (c) => c.notNull())
      .addColumn('state', 'text', (c) => c.notNull())
      .addColumn('attemptCount', 'bigint', (c) => c.notNull())
      .addColumn('nextAttemptAt', 'bigint', (c) => c.notNull())
      .addColumn('reason', 'text')
      .addColumn('createdAt', 'bigint', (c) => c.notNull())
      .addColumn('receipt', 'text')
      .addColumn('shows', 'text')
      .execute();
    await schema.createIndex('noticesDue').on('notices').columns(['state', 'nextAttemptAt', 'id']).execute();
    await schema.createIndex('noticesCase').on('notices').column('caseId').execute();
  },
};
