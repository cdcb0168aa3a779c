import type { Command } from 'commander';

import { inWords } from '../queue/admission.ts';
import { type Case, openCases, reportsOfCase } from '../store/cases.ts';
import { printJson } from './output.ts';
import { withToolStore } from './tool-store.ts';
import { checkCommunity } from './whose.ts';

interface ListFlags {
  readonly community?: string;
  readonly json?: true;
}

/** `cowbot cases list`: what waits for a moderator. */
export function addCasesCommand(program: Command): void {
  const cases = program.command('cases').description('look at what waits for a moderator');
  cases
    .command('list')
    .description('open cases, the oldest first: how long they are open, and when they are decided by themselves')
    .option('--community <id>', 'of one community')
    .option('--json', 'one JSON object a line')
    .action(list);
}

async function list({ community, json }: ListFlags): Promise<void> {
  await withToolStore(async (store) => {
    if (community !== undefined) await checkCommunity(store, community);
    const found = await openCases(store.db, community === undefined ? {} : { communityId: community });
    const now = Date.now();
    for (const one of found) {
      const { length: reports } = await reportsOfCase(store.db, one.id);
      if (json) printJson(summaryOf(one, reports, now));
      else console.log(lineOf(one, reports, now));
    }
    if (found.length === 0 && json === undefined) console.error('No open cases.');
  });
}

/** Without anybody's words: a list is often shown to others. */
function summaryOf(one: Case, reports: number, now: number) {
  const { id, kind, reason, communityId, personId, jobId, sanctionId, openedAt, dueAt } = one;
  const dueInMs = dueAt === null ? null : dueAt - now;
  return {
    id,
    kind,
    reason,
    communityId,
    personId,
    jobId,
    sanctionId,
    reports,
    openedAt,
    ageMs: now - openedAt,
    dueAt,
    dueInMs,
  };
}

function lineOf({ id, kind, reason, communityId, openedAt, dueAt }: Case, reports: number, now: number): string {
  const due = dueAt === null ? 'until somebody decides' : dueAt <= now ? 'due now' : `due in ${inWords(dueAt - now)}`;
  const told = reports === 0 ? '' : `, ${reports} reports`;
  return `${id}  ${kind.padEnd(9)}  open for ${inWords(now - openedAt)}, ${due}  in ${communityId}: ${reason}${told}`;
}
