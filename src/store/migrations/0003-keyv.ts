import type { SchemaStep } from './ddl.ts';

/** Settings, cooldowns and caches. */
export const keyvStep: SchemaStep = {
  name: '0003-keyv',
  up: async ({ schema }) => {
    await schema
      .createTable('keyv')
      .addColumn('namespace', 'text', (c) => c.notNull())
      .addColumn('key', 'text', (c) => c.notNull())
      .addColumn('value', 'text', (c) => c.notNull())
      .addColumn('expiresAt', 'bigint')
      .addPrimaryKeyConstraint('keyvKey', ['namespace', 'key'])
      .execute();
    await schema.createIndex('keyvExpiry').on('keyv').column('expiresAt').where('expiresAt', 'is not', null).execute();
  },
};
