/** `npm run bench -- crash -- --jobs 1000`: kills the bot and its engine while they work, and counts what went wrong. */
import { parseArgs } from 'node:util';

import { runCrash } from './crash/run.ts';
import { printRows } from './rows.ts';

export async function run(flags: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...flags],
    options: {
      jobs: { type: 'string', default: '1000' },
      kills: { type: 'string' },
      seed: { type: 'string', default: '1' },
      json: { type: 'boolean', default: false },
    },
  });
  const jobs = Number(values.jobs);
  const kills = Number(values.kills ?? Math.ceil(jobs / 10));
  const result = await runCrash({ jobs, kills, seed: Number(values.seed), pictureMs: 15, patienceMs: 20_000 });
  printRows([{ ...result, auditOk: String(result.auditOk) }], values.json);
  const { lost, twice, stuck, auditOk, blobsUnaccounted } = result;
  if (lost + twice + stuck + blobsUnaccounted > 0 || !auditOk) process.exitCode = 1;
}
