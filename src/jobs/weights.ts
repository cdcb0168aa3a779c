/** Shares of the engines other than the 1 that everybody has: of communities, and of people in one. */
import { Refusal, shown } from '../errors.ts';
import type { LedgerWeight } from '../queue/rebuild.ts';
import { appendAudit } from '../store/audit.ts';
import type { Keyv } from 'keyv';
import { changeValue, openKeyv } from '../store/settings.ts';
import type { Store } from '../store/store.ts';
import type { Tx } from '../store/tables.ts';
import type { Jobs } from './service.ts';
import { Turns } from './turns.ts';

const least = 0.01;
const most = 100;

/** @property isByRoles it follows from somebody's roles, and the next thing that they ask for may change it. */
interface StoredWeight {
  readonly community: string;
  readonly person: string | null;
  readonly weight: number;
  readonly isByRoles?: boolean | undefined;
}

/** Whose weight: a person's in a community, or the community's own among the others. */
export interface WeightOf {
  readonly community: string;
  readonly person: string | undefined;
}

export interface Weights {
  /**
   * Sets a weight, in the database and in the queue, with its audit row.
   * @param weight undefined: as if nobody had ever set it.
   * @param actor as audit rows name them.
   * @returns what it was, and what it is now.
   * @throws Refusal `weight.range`
   */
  set(of: WeightOf, weight: number | undefined, actor: string): Promise<{ readonly from: number; readonly to: number }>;
  /**
   * What somebody's roles give them, told when they ask for something: platforms say who has which roles with what people
   * do, and at no other time. A weight that was set for the person alone stays.
   * @param weight 1 where no role of theirs has another.
   */
  follow(of: WeightOf & { readonly person: string }, weight: number): Promise<void>;
}

const namespace = 'weights';

/** Every weight that is not 1, of communities and people. */
export async function readWeights(store: Store): Promise<readonly LedgerWeight[]> {
  return (await storedIn(store.keyv<StoredWeight>(namespace))).map(ledgerWeight);
}

/** What was set for people in a community, themselves and not their roles. */
export async function weightsOfPeople(store: Store, communityId: string): Promise<readonly LedgerWeight[]> {
  const all = await storedIn(store.keyv<StoredWeight>(namespace));
  return all
    .filter(({ community, person, isByRoles }) => community === communityId && person !== null && isByRoles !== true)
    .map(ledgerWeight);
}

/** Of one person, in every community. */
export async function weightsOfPerson(store: Store, personId: string): Promise<readonly LedgerWeight[]> {
  return (await storedIn(store.keyv<StoredWeight>(namespace)))
    .filter(({ person }) => person === personId)
    .map(ledgerWeight);
}

/**
 * What was set for one person is set for another, who is the same, where nothing is set for that one. The queue hears of it
 * when they ask for something.
 */
export async function moveWeights(
  tx: Tx,
  { from, into }: { readonly from: string; readonly into: string },
): Promise<void> {
  const weights = openKeyv<StoredWeight>({ db: tx, clock: () => 0 }, namespace);
  for (const stored of await storedIn(weights)) {
    const { community, person, isByRoles } = stored;
    if (person !== from) continue;
    await weights.delete(keyOf({ community, person: from }));
    const key = keyOf({ community, person: into });
    if (isByRoles !== true && !(await weights.has(key))) await weights.set(key, { ...stored, person: into });
  }
}

async function storedIn(weights: Keyv<StoredWeight>): Promise<readonly StoredWeight[]> {
  const found: StoredWeight[] = [];
  for await (const [, stored] of weights.iterator?.({}) ?? []) found.push(stored as StoredWeight);
  return found;
}

function ledgerWeight({ community, person, weight }: StoredWeight): LedgerWeight {
  return { community, person: person ?? undefined, weight };
}

/** @property jobs whose queue the weights hold in. */
export interface WeightsOptions {
  readonly store: Store;
  readonly jobs: Pick<Jobs, 'setWeight'>;
  /** Now, in Unix ms. */
  readonly clock: () => number;
}

export function openWeights({ store, jobs, clock }: WeightsOptions): Weights {
  // The queue hears of changes in the order in which the database has them.
  const turns = new Turns();
  return {
    async set(of, weight, actor) {
      if (weight !== undefined) checkRange(weight);
      const { community, person } = of;
      const key = keyOf(of);
      return turns.take(key, async () => {
        const change = await store.transaction(async (tx) => {
          const { before } = await changeValue<StoredWeight>(tx, { namespace, key }, () =>
            weight === undefined ? undefined : { community, person: person ?? null, weight },
          );
          const detail = { name: 'weight', from: before?.weight ?? 1, to: weight ?? 1 };
          const subject = person === undefined ? `community:${community}` : `person:${person}`;
          await appendAudit(tx, {
            at: clock(),
            actor,
            action: 'settings.weight',
            subject,
            reason: 'asked',
            community,
            detail,
          });
          return detail;
        });
        jobs.setWeight({ community, person, weight: change.to });
        return change;
      });
    },
    async follow(of, weight) {
      const { community, person } = of;
      const key = keyOf(of);
      const known = await store.keyv<StoredWeight>(namespace).get(key);
      if (known === undefined ? weight === 1 : known.isByRoles === true && known.weight === weight) return;
      await turns.take(key, async () => {
        const { after } = await store.transaction(async (tx) =>
          changeValue<StoredWeight>(tx, { namespace, key }, (before) => {
            if (before !== undefined && before.isByRoles !== true) return before;
            return weight === 1 ? undefined : { community, person, weight, isByRoles: true };
          }),
        );
        jobs.setWeight({ community, person, weight: after?.weight ?? 1 });
      });
    },
  };
}

function keyOf({ community, person }: WeightOf): string {
  return JSON.stringify([community, person ?? null]);
}

function checkRange(weight: number): void {
  if (weight >= least && weight <= most) return;
  throw new Refusal('weight.range', `Expected a number from ${least} to ${most} for \`weight\`, got ${shown(weight)}.`);
}
