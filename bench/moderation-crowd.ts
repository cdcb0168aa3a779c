/** `npm run bench -- moderation-crowd -- --pictures 200`: a crowd moderates while the bot is killed again and again. */
import { parseArgs } from 'node:util';

import { runCrowd } from './crowd/run.ts';
import { printRows } from './rows.ts';

export async function run(flags: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...flags],
    options: {
      moderators: { type: 'string', default: '50' },
      pictures: { type: 'string', default: '200' },
      kills: { type: 'string', default: '40' },
      acts: { type: 'string', default: '4000' },
      seed: { type: 'string', default: '1' },
      database: { type: 'string' },
      json: { type: 'boolean', default: false },
    },
  });
  const { amiss, ...result } = await runCrowd({
    moderators: Number(values.moderators),
    pictures: Number(values.pictures),
    kills: Number(values.kills),
    acts: Number(values.acts),
    seed: Number(values.seed),
    databaseUrl: values.database,
    patienceMs: 180_000,
  });
  printRows([{ ...result, chainWhole: String(result.chainWhole), amiss: amiss.length }], values.json);
  for (const sentence of amiss) console.error(sentence);
  if (result.undecided + result.twice + amiss.length > 0 || !result.chainWhole) process.exitCode = 1;
}
