import { setTimeout as delay } from 'node:timers/promises';

import type { Command } from 'commander';

import { askBot } from '../jobs/control.ts';
import type { CommunityRow, EngineRow, QueueOverview } from '../jobs/overview.ts';
import { inWords } from '../queue/admission.ts';
import { countDeliveries } from '../store/deliveries.ts';
import { countJobsByState } from '../store/jobs.ts';
import type { Store } from '../store/store.ts';
import { printJson } from './output.ts';
import { interruptible, withToolStore } from './tool-store.ts';

const ANSWER_TIMEOUT_MS = 3_000;
const REFRESH_MS = 1_000;
const CLEAR_SCREEN = '\u001B[H\u001B[2J';

/** What can be said without a bot: the database's own counts. */
interface WithoutBot {
  readonly isRunning: false;
  readonly waitingJobs: number;
  readonly undelivered: number;
}

type Seen = ({ readonly isRunning: true } & QueueOverview) | WithoutBot;

/** `cowbot queue`: who waits, who used what, what the engines do. */
export function addQueueCommand(program: Command): void {
  program
    .command('queue')
    .description('show the queue: shares, waits and engines; on a terminal until Ctrl-C')
    .option('--once', 'once, also on a terminal')
    .option('--json', 'one JSON object, once')
    .action(async (flags: { once?: true; json?: true }) => {
      const isLive = process.stdout.isTTY && flags.once === undefined && flags.json === undefined;
      await interruptible((signal) => withToolStore((store) => show(store, { ...flags, isLive }, signal)));
    });
}

async function show(
  store: Store,
  { json, isLive }: { readonly json?: true; readonly isLive: boolean },
  signal: AbortSignal,
): Promise<void> {
  const showOnce = async (): Promise<void> => {
    const seen = await look(store);
    if (json) printJson(seen);
    else console.log(`${isLive ? CLEAR_SCREEN : ''}${textOf(seen)}`);
  };
  await showOnce();
  if (!isLive) return;
  while (!signal.aborted) {
    await delay(REFRESH_MS, undefined, { signal }).catch(() => {});
    if (!signal.aborted) await showOnce();
  }
}

async function look(store: Store): Promise<Seen> {
  const answer = await askBot(store, { kind: 'queue' }, ANSWER_TIMEOUT_MS);
  // The bot's own words, from the same program.
  if (answer !== undefined) return { isRunning: true, ...(answer as unknown as QueueOverview) };
  const { queued, running, checking } = await countJobsByState(store.db);
  const undelivered = await countDeliveries(store.db, 'pending');
  return { isRunning: false, waitingJobs: queued + running + checking, undelivered };
}

function textOf(seen: Seen): string {
  if (!seen.isRunning) {
    const { waitingJobs, undelivered } = seen;
    return `No bot answers. ${waitingJobs} jobs and ${undelivered} results wait for the next one.`;
  }
  const { waiting, running, undelivered, engines, communities, moreCommunities } = seen;
  return [
    `${waiting} pictures wait, ${running} are being painted, ${undelivered} results are on their way`,
    ...engines.map(engineLine),
    '',
    columns(['community', 'weight', 'share', 'waiting', 'running', 'waited', 'starts in', 'used in 1 h']),
    ...communities.map(communityLine),
    ...(moreCommunities > 0 ? [`and ${moreCommunities} more communities`] : []),
  ].join('\n');
}

function engineLine({ name, state, jobId, phase, done, total }: EngineRow): string {
  return jobId === null ? `engine ${name}: ${state}` : `engine ${name}: ${jobId}, ${phase ?? 'load'} ${done}/${total}`;
}

function communityLine(row: CommunityRow): string {
  const { id, weight, share, waiting, running, waitedMs, startsInMs, usedLastHourMs } = row;
  return columns([
    id,
    String(weight),
    `${Math.round(share * 100)} %`,
    String(waiting),
    String(running),
    waitedMs === null ? '-' : inWords(waitedMs),
    startsInMs === null ? '-' : inWords(startsInMs),
    `${(usedLastHourMs / 1000).toFixed(1)} s`,
  ]);
}

function columns([id, ...others]: readonly string[]): string {
  return [id.padEnd(36), ...others.map((text) => text.padStart(11))].join(' ');
}
