/** Weights that an operator gave communities, or people in one; everybody else has 1. */
import { Refusal, shown } from '../errors.ts';
import type { LedgerWeight } from '../queue/rebuild.ts';
import type { Store } from '../store/store.ts';

const least = 0.01;
const most = 100;

interface StoredWeight {
  readonly community: string;
  readonly person: string | null;
  readonly weight: number;
}

const weightsOf = (store: Store) => store.keyv<StoredWeight>('weights');

export async function readWeights(store: Store): Promise<readonly LedgerWeight[]> {
  const weights: LedgerWeight[] = [];
  for await (const [, stored] of weightsOf(store).iterator?.({}) ?? []) {
    const { community, person, weight } = stored as StoredWeight;
    weights.push({ community, person: person ?? undefined, weight });
  }
  return weights;
}

/** @throws Refusal for a weight out of range. */
export async function storeWeight(store: Store, { community, person, weight }: LedgerWeight): Promise<void> {
  if (!(weight >= least && weight <= most)) {
    throw new Refusal(
      'weight.range',
      `Expected a number from ${least} to ${most} for \`weight\`, got ${shown(weight)}.`,
    );
  }
  await weightsOf(store).set(JSON.stringify([community, person ?? null]), {
    community,
    person: person ?? null,
    weight,
  });
}
