import type { SchemaStep } from './ddl.ts';

/** In which community an audited act was: moderators see the trail of theirs. */
export const auditCommunityStep: SchemaStep = {
  name: '0006-audit-community',
  up: async ({ schema }) => {
    await schema.alterTable('audit').addColumn('community', 'text').execute();
    await schema.createIndex('auditCommunity').on('audit').columns(['community', 'seq']).execute();
  },
};
