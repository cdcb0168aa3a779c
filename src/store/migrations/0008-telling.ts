import { sql } from 'kysely';
import type { SchemaStep } from './ddl.ts';

const isPending = sql<boolean>`state = 'pending'`;

/** In which language people are told something, and which notice to one target is the oldest. */
export const tellingStep: SchemaStep = {
  name: '0008-telling',
  up: async ({ schema }) => {
    await schema.alterTable('identities').addColumn('locale', 'text').execute();
    await schema
      .createIndex('noticesTarget')
      .on('notices')
      .columns(['platform', 'target', 'createdAt', 'id'])
      .where(isPending)
      .execute();
  },
};
