import type { SchemaStep } from './ddl.ts';

/** An owner may delete a picture while moderators have a case of it: what they need to decide stays until they have. */
export const remainsStep: SchemaStep = {
  name: '0010-remains',
  up: async ({ schema }) => {
    await schema.alterTable('cases').addColumn('remains', 'text').execute();
  },
};
