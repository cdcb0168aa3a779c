import type { SchemaStep } from './ddl.ts';

/** What people agreed to, whom we are just forgetting, and the messages that are still to be taken away. */
export const consentsStep: SchemaStep = {
  name: '0005-consents',
  up: async ({ schema }) => {
    await schema
      .createTable('consents')
      .addColumn('personId', 'text', (c) => c.primaryKey().references('people.id').onDelete('cascade'))
      .addColumn('version', 'bigint', (c) => c.notNull())
      .addColumn('at', 'bigint', (c) => c.notNull())
      .execute();
    await schema
      .createTable('forgettings')
      .addColumn('personId', 'text', (c) => c.primaryKey())
      .addColumn('at', 'bigint', (c) => c.notNull())
      .addColumn('work', 'text', (c) => c.notNull())
      .execute();
    await schema
      .createTable('removals')
      .addColumn('id', 'text', (c) => c.primaryKey())
      .addColumn('platform', 'text', (c) => c.notNull())
      .addColumn('address', 'text', (c) => c.notNull())
      .addColumn('attemptCount', 'bigint', (c) => c.notNull())
      .addColumn('nextAttemptAt', 'bigint', (c) => c.notNull())
      .addColumn('createdAt', 'bigint', (c) => c.notNull())
      .execute();
    await schema.createIndex('removalsDue').on('removals').columns(['nextAttemptAt', 'id']).execute();
  },
};
