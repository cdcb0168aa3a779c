import { seeded } from '../../bench/random.ts';
import type { Schedule } from '../../bench/simulation.ts';
import type { LedgerWeight } from '../../src/queue/rebuild.ts';
import type { ShareSettings } from '../../src/queue/shares.ts';

export type RandomQueue = Schedule & { settings: ShareSettings; weights: readonly LedgerWeight[] };

/** A random tree with random weights, jobs, wrong estimates (x0.5 to x2), caps, cancellations and restarts. */
export function randomQueue(seed: number, engines: number): RandomQueue {
  const random = seeded(seed);
  const between = (least: number, most: number) => least + Math.floor(random() * (most - least + 1));
  const communities = Array.from({ length: between(1, 4) }, (_, index) => `c${index}`);
  const people = Array.from({ length: between(2, 7) }, (_, index) => ({
    id: `p${index}`,
    // Some belong to several communities.
    communities: random() < 0.25 ? communities : [communities[between(0, communities.length - 1)]],
    largestMs: 2 ** between(0, 5),
  }));
  const weight = () => (random() < 0.5 ? 1 : 2 ** between(-2, 2));
  const weights = communities.flatMap((community) => [
    { community, person: undefined, weight: weight() },
    ...people.map(({ id }) => ({ community, person: id, weight: weight() })),
  ]);
  const jobs = between(10, 45);
  const spreadMs = random() < 0.4 ? 1 : (jobs * 8) / engines;
  const arrivals = Array.from({ length: jobs }, (_, index) => {
    const person = people[between(0, people.length - 1)];
    const units = random() < 0.2 ? between(2, 5) : 1;
    const unitCostMs = person.largestMs * (0.25 + random());
    const community = person.communities[between(0, person.communities.length - 1)];
    return {
      atMs: random() * spreadMs,
      job: { id: `j${index}`, person: person.id, community, units, unitCostMs },
      actualMs: Array.from({ length: units }, () => unitCostMs * 2 ** (2 * random() - 1)),
    };
  }).sort((one, other) => one.atMs - other.atMs);
  const cancels = arrivals
    .filter(() => random() < 0.05)
    .map(({ atMs, job }) => ({ atMs: atMs + random() * 40, jobId: job.id }))
    .sort((one, other) => one.atMs - other.atMs);
  const restartsMs = random() < 0.3 ? [random() * 60, 60 + random() * 60] : [];
  return {
    engines,
    arrivals,
    cancels,
    restartsMs,
    untilMs: Infinity,
    settings: { halfLifeMs: 2 ** between(2, 12), maxRunningPerPerson: random() < 0.5 ? 64 : between(1, 3) },
    weights,
  };
}
