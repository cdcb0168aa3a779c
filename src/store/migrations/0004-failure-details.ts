import type { SchemaStep } from './ddl.ts';

/** What the sentences of failures are filled with, so that they can be said in the person's language. */
export const failureDetailsStep: SchemaStep = {
  name: '0004-failure-details',
  up: async ({ schema }) => {
    await schema.alterTable('jobs').addColumn('failureDetails', 'text').execute();
    await schema.alterTable('deliveries').addColumn('reasonCode', 'text').execute();
  },
};
