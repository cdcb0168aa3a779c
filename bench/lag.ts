import type { Attempt, TraceEvent } from './simulation.ts';

/** How far apart two siblings got, over the unit bound c_f_max / w_f + c_g_max / w_g. */
export type Lag = { level: 'community' | 'person'; flows: readonly [string, string]; overUnitBound: number };

export type LagOptions = Readonly<{
  maxRunningPerPerson: number;
  communityWeight(community: string): number;
  personWeight(community: string, person: string): number;
}>;

type Line = {
  jobs: { id: string; community: string; waiting: number }[];
  running: number;
  /** In order, without the lost ones: the policy forgets those at a restart, and the person is where they were before. */
  starts: Attempt[];
};
type Flow = { key: string; parent: string; weight: number; doneMs: number; running: Set<Attempt>; largestMs: number };
type Range = { least: number; most: number };

/**
 * The largest lag between siblings over any interval through which both are backlogged, worked out of the trace alone:
 * engine time really used (a running picture counts by the time it has run; a lost attempt not at all), over weight.
 *
 * A person is backlogged in the community of the first job of their line while they run less than the cap; a community is
 * while anybody in it is. Somebody who has just come from another community counts from their first start there: until
 * then the policy may hold them back for what they used elsewhere. A person's largest picture is their largest
 * anywhere.
 */
export function worstLag(trace: readonly TraceEvent[], options: LagOptions): Lag {
  const lines = new Map<string, Line>();
  const homes = new Map<string, { line: Line; job: Line['jobs'][number] }>();
  const { communities, people } = flowsOf(trace, options);
  const ranges = new Map<string, Range>();
  let backlogged = new Map<string, Flow>();
  let worst: Lag = { level: 'person', flows: ['', ''], overUnitBound: 0 };
  for (const event of trace) {
    measure(event.atMs);
    apply(event);
    const next = backloggedNow();
    for (const key of ranges.keys()) {
      const [one, other] = key.split('|');
      if (!next.has(one) || !next.has(other)) ranges.delete(key);
    }
    backlogged = next;
    measure(event.atMs);
  }
  return worst;

  /** Stretches the range of every backlogged pair by where it stands now. */
  function measure(atMs: number): void {
    const flows = [...backlogged.values()];
    const served = flows.map((flow) => servedMs(flow, atMs) / flow.weight);
    for (let first = 0; first < flows.length; first += 1) {
      for (let second = first + 1; second < flows.length; second += 1) {
        const [one, other] = [flows[first], flows[second]];
        if (one.parent === other.parent) stretch(one, other, served[first] - served[second]);
      }
    }
  }

  function stretch(one: Flow, other: Flow, ahead: number): void {
    // One key for the pair whatever the order: a range does not care, its sign does.
    const inOrder = one.key < other.key;
    const key = inOrder ? `${one.key}|${other.key}` : `${other.key}|${one.key}`;
    const value = inOrder ? ahead : -ahead;
    const range = ranges.get(key) ?? { least: value, most: value };
    range.least = Math.min(range.least, value);
    range.most = Math.max(range.most, value);
    ranges.set(key, range);
    const unitBound = one.largestMs / one.weight + other.largestMs / other.weight;
    const overUnitBound = (range.most - range.least) / unitBound;
    if (overUnitBound <= worst.overUnitBound) return;
    worst = { level: one.parent === '' ? 'community' : 'person', flows: [one.key, other.key], overUnitBound };
  }

  function apply(event: TraceEvent): void {
    switch (event.kind) {
      case 'arrive': {
        const { id, person, community, units } = event.job;
        const line = lines.get(person) ?? { jobs: [], running: 0, starts: [] };
        const job = { id, community, waiting: units };
        lines.set(person, line);
        line.jobs.push(job);
        homes.set(id, { line, job });
        return;
      }
      case 'cancel': {
        const home = homes.get(event.jobId);
        if (home !== undefined) home.job.waiting = 0;
        return;
      }
      case 'start':
      case 'end':
        move(event.kind, event.attempt);
    }
  }

  function move(kind: 'start' | 'end', attempt: Attempt): void {
    const home = homes.get(attempt.jobId);
    if (home === undefined) throw new Error(`${attempt.jobId} moved before it arrived`);
    const sign = kind === 'start' ? 1 : -1;
    home.line.running += sign;
    if (kind === 'start') home.line.starts.push(attempt);
    else if (attempt.lost) home.line.starts = home.line.starts.filter((start) => start !== attempt);
    if (kind === 'start' || attempt.lost) home.job.waiting -= sign;
    for (const flow of [communities.get(attempt.community), people.get(personKey(attempt))]) {
      if (flow === undefined || attempt.lost) continue;
      if (kind === 'start') flow.running.add(attempt);
      else if (flow.running.delete(attempt)) flow.doneMs += attempt.endMs - attempt.startMs;
    }
  }

  function backloggedNow(): Map<string, Flow> {
    const now = new Map<string, Flow>();
    for (const [person, line] of lines) {
      if (line.running >= options.maxRunningPerPerson) continue;
      const first = line.jobs.find((job) => job.waiting > 0);
      const lastStart = line.starts.at(-1);
      if (first === undefined || (lastStart !== undefined && lastStart.community !== first.community)) continue;
      for (const flow of [
        communities.get(first.community),
        people.get(personKey({ person, community: first.community })),
      ])
        if (flow !== undefined) now.set(flow.key, flow);
    }
    return now;
  }
}

function personKey({ community, person }: { community: string; person: string }): string {
  return `${community}/${person}`;
}

function servedMs(flow: Flow, atMs: number): number {
  let sum = flow.doneMs;
  for (const attempt of flow.running) sum += atMs - attempt.startMs;
  return sum;
}

/** The flows that were ever served, with their largest pictures. */
function flowsOf(trace: readonly TraceEvent[], options: LagOptions) {
  const communities = new Map<string, Flow>();
  const people = new Map<string, Flow>();
  const largest = new Map<string, number>();
  for (const event of trace) {
    if (event.kind !== 'start') continue;
    const { attempt } = event;
    const { community, person, startMs, endMs } = attempt;
    if (!attempt.lost) largest.set(person, Math.max(largest.get(person) ?? 0, endMs - startMs));
    const flow = { doneMs: 0, running: new Set<Attempt>(), largestMs: 0 };
    communities.set(community, {
      ...flow,
      running: new Set(),
      key: community,
      parent: '',
      weight: options.communityWeight(community),
    });
    const key = personKey(attempt);
    people.set(key, { ...flow, key, parent: community, weight: options.personWeight(community, person) });
  }
  for (const [key, flow] of people) {
    flow.largestMs = largest.get(key.slice(flow.parent.length + 1)) ?? 0;
    const community = communities.get(flow.parent);
    if (community !== undefined) community.largestMs = Math.max(community.largestMs, flow.largestMs);
  }
  return { communities, people };
}
