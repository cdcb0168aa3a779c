import { performance } from 'node:perf_hooks';

import { forecast } from '../src/queue/forecast.ts';
import { front } from '../src/queue/front.ts';
import { emptyShares, enqueueJob, finishUnit, pickUnit } from '../src/queue/policy.ts';
import type { FairShareState } from '../src/queue/shares.ts';
import { measureSubmits } from './queue-store.ts';
import { seeded } from './random.ts';
import { printRows, quantile } from './rows.ts';

const shapes = [
  { shape: 'few communities', communities: 200, jobsEach: 10 },
  { shape: 'one community', communities: 1, jobsEach: 1 },
  { shape: 'one person each', communities: Infinity, jobsEach: 1 },
  { shape: 'one flooder', communities: 1, jobsEach: Infinity },
];

/**
 * What a decision costs with many jobs waiting. `pickUs`: mean of picking a picture and ending it (the 99th percentile
 * beside it). `estimateMs`: the 95th percentile of 200 forecasts of position and time left, for jobs anywhere in the line
 * (the longest beside it: on a shared machine, mostly somebody else's turn). `frontMs`: the same of 50 looks at the first 50
 * jobs. The rest, among them `submitP99Ms`: see
 * `queue-store.ts`; measured once for all shapes.
 */
export async function run({ json }: { readonly json: boolean }): Promise<void> {
  const rows = [];
  // The compiler has to have seen the code before anything is timed.
  picksUs(filled(20_000, { communities: 50, jobsEach: 10 }), 20_000);
  for (const waiting of [1000, 10_000, 100_000]) {
    const submits = await measureSubmits(waiting);
    for (const { shape, ...tree } of shapes) {
      const state = filled(waiting, tree);
      const estimates = estimatesMs(state);
      const fronts = frontsMs(state);
      const picks = picksUs(state, Math.min(waiting, 20_000));
      const pickUs = picks.reduce((sum, us) => sum + us, 0) / picks.length;
      rows.push({
        waiting,
        shape,
        pickUs,
        pickP99Us: quantile(picks, 0.99),
        estimateMs: quantile(estimates, 0.95),
        estimateLongestMs: quantile(estimates, 1),
        frontMs: quantile(fronts, 0.95),
        frontLongestMs: quantile(fronts, 1),
        ...submits,
      });
    }
  }
  printRows(rows, json);
}

function filled(waiting: number, tree: { communities: number; jobsEach: number }): FairShareState {
  const random = seeded(waiting);
  const state = emptyShares({ halfLifeMs: 3_600_000, maxRunningPerPerson: 4 });
  for (let index = 0; index < waiting; index += 1) {
    const person = Math.floor(index / tree.jobsEach);
    const community = person % tree.communities;
    const unitCostMs = 1000 * 4 ** random();
    enqueueJob(
      state,
      { id: `j${index}`, person: `p${person}`, community: `c${community}`, units: 1, unitCostMs },
      index / 1000,
    );
  }
  return state;
}

function picksUs(state: FairShareState, count: number): number[] {
  const random = seeded(count);
  return Array.from({ length: count }, (_, index) => {
    const nowMs = 1000 + index;
    const beganMs = performance.now();
    const picked = pickUnit(state, nowMs);
    if (picked !== undefined) finishUnit(state, picked.unitId, picked.estimateMs * 2 ** (2 * random() - 1), nowMs);
    return (performance.now() - beganMs) * 1000;
  });
}

function frontsMs(state: FairShareState): number[] {
  const look = (): number => {
    const beganMs = performance.now();
    front(state, 2, 1000, 50);
    return performance.now() - beganMs;
  };
  for (let index = 0; index < 5; index += 1) look();
  return Array.from({ length: 50 }, look);
}

function estimatesMs(state: FairShareState): number[] {
  const ids = [...state.jobs.keys()];
  const nth = (index: number) => ids[Math.floor((index / 200) * ids.length)];
  // The first few run before the compiler has seen the code.
  for (let index = 0; index < 20; index += 1) forecast(state, nth(index * 10), 2, 1000);
  return Array.from({ length: 200 }, (_, index) => {
    const beganMs = performance.now();
    forecast(state, nth(index), 2, 1000);
    return performance.now() - beganMs;
  });
}
