import type { Command } from 'commander';

import { askBot } from '../jobs/control.ts';
import { numeric } from './generate.ts';
import { printJson } from './output.ts';
import { withToolStore } from './tool-store.ts';
import { checkCommunity } from './whose.ts';

const ANSWER_TIMEOUT_MS = 3_000;

/** `cowbot weight COMMUNITY NUMBER`: a share of the engines, against the 1 that everybody has. */
export function addWeightCommand(program: Command): void {
  program
    .command('weight')
    .description('give a community, or a person in it, a larger or smaller share of the engines; everybody has 1')
    .argument('<community>', 'its id, as `cowbot queue` shows it')
    .argument('<number>', 'from 0.01 to 100', numeric('weight'))
    .option('--person <id>', 'the share of one person in this community, against the others in it')
    .option('--json', 'one JSON object')
    .action(async (community: string, weight: number, { person, json }: { person?: string; json?: true }) => {
      const answer = await withToolStore(async (store) => {
        await checkCommunity(store, community);
        return askBot(store, { kind: 'weight', community, person: person ?? null, weight }, ANSWER_TIMEOUT_MS);
      });
      const answered = answer !== undefined;
      if (json) printJson({ community, person: person ?? null, weight, answered });
      else console.log(`${person ?? community}: weight ${weight}`);
      if (!answered) console.error('No bot answered; the next one that runs on this data does it.');
    });
}
