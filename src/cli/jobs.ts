import type { Command } from 'commander';

import { Refusal } from '../errors.ts';
import { askBot, type Wish } from '../jobs/control.ts';
import { attemptsOfJob } from '../store/attempts.ts';
import { auditPage } from '../store/audit.ts';
import { deliveriesOfJob } from '../store/deliveries.ts';
import { type Job, jobById, listJobs } from '../store/jobs.ts';
import { picturesOfJob } from '../store/pictures.ts';
import type { Handle } from '../store/tables.ts';
import { JOB_STATES, type JobState } from '../store/tables.ts';
import { numeric } from './generate.ts';
import { printJson } from './output.ts';
import { withToolStore } from './tool-store.ts';

/** A running job stops before its next network call, which takes seconds on a slow machine; an answer comes before. */
const ANSWER_TIMEOUT_MS = 5_000;

interface ListFlags {
  readonly state?: string[];
  readonly person?: string;
  readonly community?: string;
  readonly limit: number;
  readonly json?: true;
}

/** `cowbot jobs …`: what was asked for and what became of it, while the bot runs or not. */
export function addJobsCommand(program: Command): void {
  const jobs = program.command('jobs').description('look at jobs, cancel them, try failed ones again');
  jobs
    .command('list')
    .description('jobs, the newest first')
    .option('--state <name...>', JOB_STATES.join(', '))
    .option('--person <id>', 'of one person')
    .option('--community <id>', 'of one community')
    .option('--limit <number>', 'how many at most', numeric('limit'), 50)
    .option('--json', 'one JSON object a line')
    .action(list);
  jobs
    .command('show')
    .description('everything about a job: how it was asked for, its attempts, pictures, deliveries and trail')
    .argument('<id>')
    .option('--json', 'one JSON object')
    .action(show);
  jobs
    .command('cancel')
    .description('cancel a job that waits or runs')
    .argument('<id>')
    .option('--json', 'one JSON object')
    .action((id: string, flags: { json?: true }) => wishFor({ kind: 'cancel', jobId: id }, flags));
  jobs
    .command('retry')
    .description('put a failed job back into the queue')
    .argument('<id>')
    .option('--json', 'one JSON object')
    .action((id: string, flags: { json?: true }) => wishFor({ kind: 'retry', jobId: id }, flags));
}

async function list({ state, person, community, limit, json }: ListFlags): Promise<void> {
  const filter = {
    ...(state === undefined ? {} : { states: state.map(parseState) }),
    ...(person === undefined ? {} : { personId: person }),
    ...(community === undefined ? {} : { communityId: community }),
  };
  const found = await withToolStore((store) => listJobs(store.db, filter, { limit }));
  for (const job of found) {
    if (json) printJson(summaryOf(job));
    else console.log(lineOf(job));
  }
  if (found.length === 0 && json === undefined) console.error('No jobs.');
}

async function show(id: string, { json }: { readonly json?: true }): Promise<void> {
  const found = await withToolStore((store) => detailsOf(store.db, id));
  if (json) printJson(found);
  // Every field has a name that says what it is; a layout of its own would only hide some.
  else console.log(JSON.stringify(found, null, 2));
}

async function detailsOf(db: Handle, id: string) {
  const job = await requireJob(db, id);
  return {
    ...job,
    attempts: await attemptsOfJob(db, id),
    pictures: await picturesOfJob(db, id),
    deliveries: await deliveriesOfJob(db, id),
    trail: (await auditPage(db, { subject: `job:${id}` }, { limit: 1000 })).toReversed(),
  };
}

async function wishFor(
  wish: Extract<Wish, { readonly jobId: string }>,
  { json }: { readonly json?: true },
): Promise<void> {
  const { answered, job } = await withToolStore(async (store) => {
    await requireJob(store.db, wish.jobId);
    const answered = await askBot(store, wish, ANSWER_TIMEOUT_MS);
    return { answered: answered !== undefined, job: await requireJob(store.db, wish.jobId) };
  });
  if (json) printJson({ ...summaryOf(job), answered });
  else console.log(lineOf(job));
  if (!answered) console.error('No bot answered; the next one that runs on this data does it.');
}

async function requireJob(db: Handle, id: string): Promise<Job> {
  const job = await jobById(db, id);
  if (job === undefined) throw new Refusal('job.unknown', `There is no job ${id}; \`cowbot jobs list\` shows them.`);
  return job;
}

function parseState(name: string): JobState {
  const state = JOB_STATES.find((known) => known === name);
  if (state === undefined) {
    throw new Refusal('job.state', `Expected one of ${JOB_STATES.join(', ')} for \`state\`, got "${name}".`);
  }
  return state;
}

/** Without the prompt: a list is often shown to others. */
function summaryOf({ id, state, communityId, personId, count, submittedAt, endedAt, engineMs, failureReason }: Job) {
  return { id, state, communityId, personId, count, submittedAt, endedAt, engineMs, failureReason };
}

function lineOf({ id, state, communityId, personId, count, submittedAt, failureReason }: Job): string {
  const at = new Date(submittedAt).toISOString().slice(0, 19);
  const line = `${id}  ${state.padEnd(9)}  ${at}Z  ${count} for ${personId} in ${communityId}`;
  return failureReason === null ? line : `${line}: ${failureReason}`;
}
