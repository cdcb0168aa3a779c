import { pushItem, removeItem } from './heap.ts';
import type { HeapItem } from './heap.ts';
import type { Community, FairShareState, LastStart, Leaf, Person, WaitingJob } from './shares.ts';
import { newcomerTag, turnTag } from './tree.ts';

/** The pictures that start before a job's next one. */
export type Ahead = {
  /** Of the same person's earlier jobs. */
  own: number;
  /** Of other people in the same community, and how many people that is. */
  here: number;
  peopleHere: number;
  /** In other communities, and how many communities that is. */
  elsewhere: number;
  communities: number;
};

/** What running forward found out about a job; undefined is what lies beyond the picks that were allowed. */
export type ForwardRun = { ahead: Ahead; startsInMs: number; doneInMs: number | undefined };

/** A heap over another heap that stays untouched: `from` is the slot in that heap that the entry stands for, or -1. */
type Entry<Node> = HeapItem & { readonly from: number; readonly node: Node };
type CommunityAhead = { tag: number; virtualTag: number; leaves: Entry<Leaf>[] };
type PersonAhead = {
  running: number;
  placed: boolean;
  job: WaitingJob | undefined;
  units: number;
  last: Pick<LastStart, 'community' | 'rootTag' | 'costMs'> | undefined;
};
type End = HeapItem & { person: Person };

/**
 * Finds a job by playing the policy forward, until its last picture starts or `maxPicks` are made.
 *
 * @returns undefined when the job's next picture is not among the first `maxPicks`.
 */
export function runForward(
  state: FairShareState,
  job: WaitingJob,
  engines: number,
  nowMs: number,
  maxPicks: number,
): ForwardRun | undefined {
  const seenPeople = new Set<Person>();
  const seenCommunities = new Set<Community>();
  const ahead: Ahead = { own: 0, here: 0, peopleHere: 0, elsewhere: 0, communities: 0 };
  let startsInMs: number | undefined;
  let doneInMs: number | undefined;
  playForward(state, engines, nowMs, maxPicks, ({ job: picked, isLast }, inMs) => {
    if (picked !== job) {
      if (startsInMs === undefined) count(picked.leaf);
      return true;
    }
    startsInMs ??= inMs;
    if (isLast) doneInMs = inMs + job.unitCostMs;
    return !isLast;
  });
  return startsInMs === undefined ? undefined : { ahead, startsInMs, doneInMs };

  function count(leaf: Leaf): void {
    if (leaf.person === job.leaf.person) ahead.own += 1;
    else if (leaf.community === job.leaf.community) {
      ahead.here += 1;
      ahead.peopleHere = seenPeople.add(leaf.person).size;
    } else {
      ahead.elsewhere += 1;
      ahead.communities = seenCommunities.add(leaf.community).size;
    }
  }
}

/** A picture that would start now. `isLast`: the job has no further one waiting. */
export type ForwardPick = { readonly job: WaitingJob; readonly isLast: boolean };

/**
 * Plays the policy from now on, as if every estimate were right and nobody came or left, until `onPick` says no or
 * `maxPicks` are made. Copies only what it touches, so it costs O(picks log picks) whatever waits. Forgetting is left out:
 * a half-life is longer than what such a run covers.
 *
 * @param onPick told every start in its order and in how many milliseconds it is; returns whether to go on.
 */
export function playForward(
  state: FairShareState,
  engines: number,
  nowMs: number,
  maxPicks: number,
  onPick: (pick: ForwardPick, inMs: number) => boolean,
): void {
  const communities = new Map<Community, CommunityAhead>();
  const people = new Map<Person, PersonAhead>();
  const leafTags = new Map<Leaf, number>();
  const roots: Entry<Community>[] = [];
  const held: Entry<Leaf>[] = [];
  const ends: End[] = [];
  let { sequence, virtualTag } = state;
  let clockMs = nowMs;

  lay(roots, state.active, 0, (community) => community);
  lay(held, state.held, 0, (hold) => hold.leaf);
  for (const { leaf, startedAtMs, estimateMs } of state.running.values()) {
    pushItem(ends, {
      tag: Math.max(nowMs, startedAtMs + estimateMs),
      sequence: sequence++,
      slot: -1,
      person: leaf.person,
    });
  }
  for (let picks = 0; picks < maxPicks;) {
    if (ends.length >= engines || (roots.length === 0 && held.length === 0)) {
      if (ends.length === 0) break;
      endFirst();
      continue;
    }
    picks += 1;
    if (!onPick(pick(), clockMs - nowMs)) return;
  }

  function endFirst(): void {
    const [end] = ends;
    removeItem(ends, end);
    clockMs = end.tag;
    const person = personAhead(end.person);
    person.running -= 1;
    if (!person.placed) place(person);
  }

  function pick(): ForwardPick {
    release();
    const community = take(roots, state.active, (community) => community);
    const inside = communityAhead(community.node);
    const leaf = take(inside.leaves, community.node.active, (leaf) => leaf);
    const person = personAhead(leaf.node.person);
    const { job } = person;
    if (job === undefined) throw new RangeError('Expected a job for an active person.');
    virtualTag = community.tag;
    inside.virtualTag = leaf.tag;
    inside.tag = community.tag + job.unitCostMs / community.node.weight;
    leafTags.set(leaf.node, leaf.tag + job.unitCostMs / leaf.node.weight);
    moveElsewhere(leaf.node, job.unitCostMs);
    person.last = { community: community.node, rootTag: community.tag, costMs: job.unitCostMs };
    person.running += 1;
    person.units -= 1;
    pushItem(ends, { tag: clockMs + job.unitCostMs, sequence: sequence++, slot: -1, person: leaf.node.person });
    const isLast = person.units === 0;
    if (isLast) turnTo(person, job.after);
    person.placed = mayRun(person) && person.job?.leaf === leaf.node;
    if (person.placed) put(inside.leaves, leafTags.get(leaf.node) ?? leaf.tag, leaf.sequence, leaf.node);
    if (inside.leaves.length > 0) put(roots, inside.tag, community.sequence, community.node);
    if (!person.placed) place(person);
    return { job, isLast };
  }

  function moveElsewhere(served: Leaf, costMs: number): void {
    for (const leaf of served.person.leaves.values()) {
      if (leaf === served) continue;
      const { virtualTag, leaves } = communityAhead(leaf.community);
      leafTags.set(leaf, Math.max(leafTags.get(leaf) ?? leaf.tag, turnTag(virtualTag, leaves) + costMs / leaf.weight));
    }
  }

  function place(person: PersonAhead): void {
    const { job, last } = person;
    if (job === undefined || !mayRun(person)) return;
    person.placed = true;
    const { leaf } = job;
    const elsewhere = last !== undefined && last.community !== leaf.community;
    const tag = elsewhere ? last.rootTag + last.costMs / leaf.community.weight : -Infinity;
    if (tag <= virtualTag) enter(leaf, -Infinity);
    else put(held, tag, sequence++, leaf);
  }

  function release(): void {
    while (held.length > 0 && (roots.length === 0 || held[0].tag <= roots[0].tag)) {
      const { node, tag } = take(held, state.held, (hold) => hold.leaf);
      enter(node, tag);
    }
  }

  function enter(leaf: Leaf, leastTag: number): void {
    const { community } = leaf;
    const inside = communityAhead(community);
    const wakes = inside.leaves.length === 0;
    const leafTag = Math.max(leafTags.get(leaf) ?? leaf.tag, newcomerTag(inside.virtualTag, inside.leaves));
    put(inside.leaves, leafTag, sequence++, leaf);
    if (wakes) put(roots, Math.max(inside.tag, leastTag, newcomerTag(virtualTag, roots)), sequence++, community);
  }

  function communityAhead(community: Community): CommunityAhead {
    let inside = communities.get(community);
    if (inside === undefined) {
      inside = { tag: community.tag, virtualTag: community.virtualTag, leaves: [] };
      lay(inside.leaves, community.active, 0, (leaf) => leaf);
      communities.set(community, inside);
    }
    return inside;
  }

  function personAhead(person: Person): PersonAhead {
    let known = people.get(person);
    if (known === undefined) {
      const placed = person.place !== undefined || person.hold !== undefined;
      const { running, last } = person;
      known = { running, placed, job: undefined, units: 0, last };
      turnTo(known, person.firstJob);
      people.set(person, known);
    }
    return known;
  }

  function mayRun({ running }: PersonAhead): boolean {
    return running < state.settings.maxRunningPerPerson;
  }
}

function turnTo(person: PersonAhead, job: WaitingJob | undefined): void {
  person.job = job;
  person.units = job?.units ?? 0;
}

function put<Node>(entries: Entry<Node>[], tag: number, sequence: number, node: Node): void {
  pushItem(entries, { tag, sequence, slot: -1, from: -1, node });
}

/** Lets the item at `slot` of the untouched heap be seen; the ones below it follow when it is taken. */
function lay<Item extends HeapItem, Node>(
  entries: Entry<Node>[],
  heap: readonly Item[],
  slot: number,
  nodeOf: (item: Item) => Node,
): void {
  if (slot >= heap.length) return;
  const item = heap[slot];
  pushItem(entries, { tag: item.tag, sequence: item.sequence, slot: -1, from: slot, node: nodeOf(item) });
}

function take<Item extends HeapItem, Node>(
  entries: Entry<Node>[],
  heap: readonly Item[],
  nodeOf: (item: Item) => Node,
): Entry<Node> {
  const [first] = entries;
  removeItem(entries, first);
  if (first.from >= 0) {
    lay(entries, heap, 2 * first.from + 1, nodeOf);
    lay(entries, heap, 2 * first.from + 2, nodeOf);
  }
  return first;
}
