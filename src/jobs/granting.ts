/** What the bot does for whoever sits at its command line. */
import { Refusal } from '../errors.ts';
import type { Store } from '../store/store.ts';
import type { JsonObject } from '../store/tables.ts';
import type { Wish } from './control.ts';
import { overviewOf } from './overview.ts';
import type { Jobs } from './service.ts';
import type { Weights } from './weights.ts';

/** @property clock now, in Unix ms. */
interface Granting {
  readonly store: Store;
  readonly jobs: Jobs;
  readonly weights: Weights;
  readonly clock: () => number;
}

/** @returns the answer. @throws Refusal where the jobs or the weights refuse. */
export async function grant(wish: Wish, { store, jobs, weights, clock }: Granting): Promise<JsonObject> {
  switch (wish.kind) {
    case 'cancel':
      if (await jobs.cancel(wish.jobId, 'operator')) return {};
      throw new Refusal('jobs.nothing-to-cancel', 'This job has ended already, or is about to: nothing to cancel.');
    case 'retry':
      await jobs.retry(wish.jobId, 'operator');
      return {};
    case 'weight':
      await weights.set({ community: wish.community, person: wish.person ?? undefined }, wish.weight, 'operator');
      return {};
    case 'queue':
      return JSON.parse(JSON.stringify(await overviewOf(store, jobs, clock())));
  }
}
