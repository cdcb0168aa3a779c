/** The queue as an operator looks at it: who waits and how long, who used what, what the engines do. Ids and numbers only. */
import { setImmediate as turn } from 'node:timers/promises';

import { countDeliveries } from '../store/deliveries.ts';
import type { Store } from '../store/store.ts';
import type { Jobs } from './service.ts';

export interface CommunityRow {
  readonly id: string;
  readonly weight: number;
  /** Of the engines' time, while all who wait go on waiting: 0..1. */
  readonly share: number;
  /** Pictures. */
  readonly waiting: number;
  readonly running: number;
  /** Since its longest waiting job was asked for; null: none waits. */
  readonly waitedMs: number | null;
  /** Until that job's next picture starts. */
  readonly startsInMs: number | null;
  readonly usedLastHourMs: number;
}

export interface EngineRow {
  readonly name: string;
  readonly state: 'idle' | 'painting' | 'down';
  readonly jobId: string | null;
  readonly phase: string | null;
  readonly done: number;
  readonly total: number;
}

export interface QueueOverview {
  /** Pictures. */
  readonly waiting: number;
  readonly running: number;
  readonly engines: readonly EngineRow[];
  /** Those with most waiting, then those that used most lately; at most 20. */
  readonly communities: readonly CommunityRow[];
  readonly moreCommunities: number;
  /** Results on their way. */
  readonly undelivered: number;
}

const HOUR_MS = 3_600_000;
const MAX_ROWS = 20;

export async function overviewOf(
  store: Store,
  jobs: Pick<Jobs, 'snapshot' | 'place'>,
  now: number,
): Promise<QueueOverview> {
  const { communities, engines, engineDownSince, waitingPictures } = jobs.snapshot();
  const used = await usedLastHour(store, now);
  const present = communities.filter(({ id, waiting, running }) => waiting > 0 || running > 0 || used.has(id));
  const shown = present
    .toSorted((a, b) => b.waiting + b.running - a.waiting - a.running || (used.get(b.id) ?? 0) - (used.get(a.id) ?? 0))
    .slice(0, MAX_ROWS);
  const isActive = ({ waiting, running }: { waiting: number; running: number }) => waiting + running > 0;
  const weights = communities.filter(isActive).reduce((sum, { weight }) => sum + weight, 0);
  const rows: CommunityRow[] = [];
  for (const community of shown) {
    // A forecast takes a millisecond or two.
    await turn();
    const { id, weight, waiting, running } = community;
    const share = isActive(community) ? weight / weights : 0;
    rows.push({
      id,
      weight,
      share,
      waiting,
      running,
      ...(await longestWait(store, jobs, id, now)),
      usedLastHourMs: used.get(id) ?? 0,
    });
  }
  return {
    waiting: waitingPictures,
    running: communities.reduce((sum, { running }) => sum + running, 0),
    engines: engines.map(({ name, jobId, progress }) => ({
      name,
      state: jobId !== undefined ? 'painting' : engineDownSince === undefined ? 'idle' : 'down',
      jobId: jobId ?? null,
      phase: progress?.phase ?? null,
      done: progress?.done ?? 0,
      total: progress?.total ?? 0,
    })),
    communities: rows,
    moreCommunities: present.length - rows.length,
    undelivered: await countDeliveries(store.db, 'pending'),
  };
}

async function longestWait(
  { db }: Store,
  jobs: Pick<Jobs, 'place'>,
  communityId: string,
  now: number,
): Promise<Pick<CommunityRow, 'waitedMs' | 'startsInMs'>> {
  const oldest = await db
    .selectFrom('jobs')
    .select(['id', 'submittedAt'])
    .where('communityId', '=', communityId)
    .where('state', '=', 'queued')
    .orderBy('seq')
    .limit(1)
    .executeTakeFirst();
  if (oldest === undefined) return { waitedMs: null, startsInMs: null };
  return { waitedMs: now - oldest.submittedAt, startsInMs: jobs.place(oldest.id)?.startsInMs ?? null };
}

async function usedLastHour({ db }: Store, now: number): Promise<ReadonlyMap<string, number>> {
  const rows = await db
    .selectFrom('usage')
    .select((of) => ['communityId', of.fn.sum<number>('engineMs').as('engineMs')])
    .where('at', '>=', now - HOUR_MS)
    .groupBy('communityId')
    .execute();
  return new Map(rows.map(({ communityId, engineMs }) => [communityId, engineMs]));
}
