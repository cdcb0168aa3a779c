import type { LedgerWeight } from '../src/queue/rebuild.ts';
import { worstLag } from './lag.ts';
import { fairPolicy, fifoPolicy, roundRobinPolicy } from './policies.ts';
import { seeded } from './random.ts';
import { printRows, quantile } from './rows.ts';
import { simulate } from './simulation.ts';
import type { Arrival, Policy, TraceEvent } from './simulation.ts';

const untilMs = 600_000;
const communities = ['a', 'b', 'c', 'd'];
const settings = { halfLifeMs: 3_600_000, maxRunningPerPerson: 64 };

type Workload = {
  name: string;
  weights: readonly LedgerWeight[];
  /** Whose waits are left out, because they ask for more than anybody could give. */
  flooder?: string;
  /** Engine milliseconds that a person asks for within `untilMs`, over what one engine gives, by time of asking. */
  asks: (who: { community: number; person: number }, random: () => number, engines: number) => Ask[];
};
type Ask = { atMs: number; units: number; costMs: number };

const pictureMs = 2000;

const workloads: readonly Workload[] = [
  {
    name: 'backlogged',
    weights: [],
    asks: ({ person }, random, engines) => backlog(engines, pictureMs * (1 + person), random),
  },
  {
    name: 'on-off',
    weights: [],
    // Every second community is away for every second minute.
    asks: ({ community, person }, random, engines) =>
      community % 2 === 0
        ? backlog(engines, pictureMs, random)
        : Array.from({ length: 5 }, (_, index) => ({
            atMs: index * 120_000 + person * 1000 * random(),
            units: engines * 4,
            costMs: pictureMs * 2,
          })),
  },
  {
    name: 'poisson',
    weights: [],
    asks: ({ person }, random, engines) =>
      poisson((12 * pictureMs) / engines / 0.95, pictureMs * (0.5 + person / 2), random),
  },
  {
    name: 'one-flooder',
    weights: [],
    flooder: 'a0',
    asks: ({ community, person }, random, engines) =>
      community === 0 && person === 0
        ? backlog(engines, pictureMs * 3, random)
        : poisson((40 * pictureMs) / engines, pictureMs, random),
  },
  {
    name: 'weighted',
    weights: communities.map((community, index) => ({ community, person: undefined, weight: 2 ** (index - 1) })),
    asks: ({ person }, random, engines) => backlog(engines, pictureMs * (1 + person), random),
  },
];

const policies: readonly { name: string; make: (weights: readonly LedgerWeight[]) => Policy }[] = [
  { name: 'sfq', make: (weights) => fairPolicy(settings, weights) },
  { name: 'fifo', make: fifoPolicy },
  { name: 'round-robin', make: roundRobinPolicy },
];

/**
 * Compares orders of service in simulated time: four communities of three people, estimates wrong by x0.5 to x2.
 *
 * `worstLagOverBound`: the largest difference of engine time over weight between two backlogged siblings, over the
 * bound of start-time fair queueing (with D > 1 engines times D + 1): at most 1 is fair. `jain`: Jain's index of what each
 * community got over what max-min fairness would have given it. Waits run from asking to a job's first picture, for
 * jobs that never started to the end; the flooder's own are left out.
 */
export async function run(options: { json: boolean }): Promise<void> {
  const rows = workloads.flatMap((workload) =>
    [1, 2, 4, 8].flatMap((engines) => policies.map((policy) => measured(workload, policy, engines))),
  );
  printRows(rows, options.json);
}

function measured(workload: Workload, policy: (typeof policies)[number], engines: number) {
  const arrivals = arrivalsOf(workload, engines);
  const weightOf = (community: string) => workload.weights.find((one) => one.community === community)?.weight ?? 1;
  const schedule = { engines, arrivals, cancels: [], restartsMs: [], untilMs };
  const trace = simulate(policy.make(workload.weights), schedule);
  const lag = worstLag(trace, {
    maxRunningPerPerson: settings.maxRunningPerPerson,
    communityWeight: weightOf,
    personWeight: () => 1,
  });
  const waits = waitsMs(
    trace,
    arrivals.filter(({ job }) => job.person !== workload.flooder),
  );
  return {
    workload: workload.name,
    policy: policy.name,
    engines,
    worstLagOverBound: lag.overUnitBound / (engines === 1 ? 1 : engines + 1),
    jain: jainIndex(trace, arrivals, engines, weightOf),
    p95WaitMs: quantile(waits, 0.95),
    longestWaitMs: quantile(waits, 1),
  };
}

function arrivalsOf({ asks }: Workload, engines: number): Arrival[] {
  const random = seeded(engines);
  const arrivals = communities.flatMap((community, index) =>
    [0, 1, 2].flatMap((person) =>
      asks({ community: index, person }, random, engines).map(({ atMs, units, costMs }, number) => ({
        atMs,
        job: {
          id: `${community}${person}-${number}`,
          person: `${community}${person}`,
          community,
          units,
          unitCostMs: costMs,
        },
        actualMs: Array.from({ length: units }, () => costMs * 2 ** (2 * random() - 1)),
      })),
    ),
  );
  return arrivals.sort((one, other) => one.atMs - other.atMs);
}

/** Enough for one person to keep half of all engines busy to the end, in jobs of four pictures. */
function backlog(engines: number, costMs: number, random: () => number): Ask[] {
  const jobs = Math.ceil((untilMs * engines) / 2 / (4 * costMs));
  return Array.from({ length: jobs }, () => ({ atMs: random() * 1000, units: 4, costMs }));
}

function poisson(everyMs: number, costMs: number, random: () => number): Ask[] {
  const asks: Ask[] = [];
  for (let atMs = 0; ;) {
    atMs -= everyMs * Math.log(1 - random());
    if (atMs > untilMs) return asks;
    asks.push({ atMs, units: 1, costMs });
  }
}

function waitsMs(trace: readonly TraceEvent[], arrivals: readonly Arrival[]): number[] {
  const starts = new Map<string, number>();
  for (const event of trace) {
    if (event.kind === 'start' && !starts.has(event.attempt.jobId)) starts.set(event.attempt.jobId, event.atMs);
  }
  return arrivals.map(({ atMs, job }) => (starts.get(job.id) ?? untilMs) - atMs);
}

function jainIndex(
  trace: readonly TraceEvent[],
  arrivals: readonly Arrival[],
  engines: number,
  weightOf: (community: string) => number,
): number {
  const flows = communities.map((community) => ({
    weight: weightOf(community),
    askedMs: arrivals.reduce(
      (sum, { job, actualMs }) =>
        sum + (job.community === community ? actualMs.reduce((one, other) => one + other, 0) : 0),
      0,
    ),
    gotMs: trace.reduce(
      (sum, event) =>
        event.kind === 'start' && event.attempt.community === community
          ? sum + Math.min(untilMs, event.attempt.endMs) - event.atMs
          : sum,
      0,
    ),
  }));
  const shares = flows.map((flow) => flow.gotMs / maxMinMs(flow, flows, untilMs * engines));
  const sum = shares.reduce((one, other) => one + other, 0);
  return sum ** 2 / (shares.length * shares.reduce((total, share) => total + share ** 2, 0));
}

/** What a flow gets when everybody gets the same over their weight, or what they ask for if that is less. */
function maxMinMs(
  flow: { weight: number; askedMs: number },
  flows: readonly { weight: number; askedMs: number }[],
  capacityMs: number,
): number {
  let leftMs = capacityMs;
  let weight = flows.reduce((sum, one) => sum + one.weight, 0);
  for (const one of flows.toSorted((a, b) => a.askedMs / a.weight - b.askedMs / b.weight)) {
    if (one.askedMs / one.weight >= leftMs / weight) break;
    leftMs -= one.askedMs;
    weight -= one.weight;
  }
  return weight === 0 ? flow.askedMs : Math.min(flow.askedMs, (flow.weight * leftMs) / weight);
}
