import type { SchemaStep } from './ddl.ts';

/** What people did and the platforms may tell twice. */
export const actsStep: SchemaStep = {
  name: '0009-acts',
  up: async ({ schema }) => {
    await schema
      .createTable('acts')
      .addColumn('platform', 'text', (c) => c.notNull())
      .addColumn('requestId', 'text', (c) => c.notNull())
      .addColumn('takenBy', 'text', (c) => c.notNull())
      .addColumn('at', 'bigint', (c) => c.notNull())
      .addColumn('isDone', 'bigint', (c) => c.notNull())
      .addColumn('jobId', 'text')
      .addPrimaryKeyConstraint('actsOnce', ['platform', 'requestId'])
      .execute();
    await schema.createIndex('actsAt').on('acts').column('at').execute();
  },
};
