import { Fault, shown } from '../errors.ts';
import { pushItem } from './heap.ts';
import type { HeapItem } from './heap.ts';
import type { Community, FairShareState, Leaf, Person, WaitingJob } from './shares.ts';

/** The parts that policy.ts is made of: flows and when they become active, lines and their sums. */

/** The start tag of whoever becomes active in a group now: the virtual tag, but never behind the least active sibling. */
export function newcomerTag(virtualTag: number, active: readonly HeapItem[]): number {
  return active.length === 0 ? virtualTag : Math.min(virtualTag, active[0].tag);
}

/** The start tag of a flow that would be picked in a group right now. */
export function turnTag(virtualTag: number, active: readonly HeapItem[]): number {
  return active.length === 0 ? virtualTag : Math.max(virtualTag, active[0].tag);
}

/** A share of tag that is left after `idleMs`. */
export function remembered(state: FairShareState, tag: number, idleMs: number): number {
  return tag * 2 ** (-Math.max(0, idleMs) / state.settings.halfLifeMs);
}

/** Makes a flow active: it starts where a newcomer would, or as far ahead as it is remembered to be. */
export function activate<Node extends Leaf | Community>(
  state: FairShareState,
  active: Node[],
  node: Node,
  virtualTag: number,
  nowMs: number,
): void {
  const tag = newcomerTag(virtualTag, active);
  const ahead = Math.max(0, node.tag - tag);
  // What is being painted is in the tag, and still to be used: it must not be forgotten before it is.
  node.tag = tag + (node.running > 0 ? ahead : remembered(state, ahead, nowMs - node.idleSinceMs));
  node.sequence = state.sequence++;
  pushItem(active, node);
}

/** Adds pictures to a waiting job, or takes them away, in every sum that counts them; a job with none left leaves its line. */
export function addUnits(state: FairShareState, job: WaitingJob, units: number): void {
  const { leaf, unitCostMs } = job;
  const { community, person } = leaf;
  job.units += units;
  leaf.waitingUnits += units;
  community.waitingUnits += units;
  person.waitingUnits += units;
  state.waitingUnits += units;
  // Sums of what was added and taken away would drift from 0.
  leaf.waitingCostMs = leaf.waitingUnits === 0 ? 0 : leaf.waitingCostMs + units * unitCostMs;
  community.waitingCostMs = community.waitingUnits === 0 ? 0 : community.waitingCostMs + units * unitCostMs;
  if (leaf.waitingUnits === 0) community.waiting.delete(leaf);
  else community.waiting.add(leaf);
  if (job.units > 0) return;
  leaveLine(person, job);
  state.jobs.delete(job.id);
}

export function joinLine(person: Person, job: WaitingJob): void {
  if (person.lastJob === undefined) person.firstJob = job;
  else person.lastJob.after = job;
  person.lastJob = job;
  person.waitingJobs += 1;
}

function leaveLine(person: Person, { before, after }: WaitingJob): void {
  if (before === undefined) person.firstJob = after;
  else before.after = after;
  if (after === undefined) person.lastJob = before;
  else after.before = before;
  person.waitingJobs -= 1;
}

export function personOf(state: FairShareState, id: string): Person {
  let person = state.people.get(id);
  if (person === undefined) {
    person = {
      id,
      firstJob: undefined,
      lastJob: undefined,
      waitingJobs: 0,
      leaves: new Map(),
      place: undefined,
      hold: undefined,
      running: 0,
      waitingUnits: 0,
      eligibleUnits: 0,
      last: undefined,
      used: [],
    };
    state.people.set(id, person);
  }
  return person;
}

export function communityOf(state: FairShareState, id: string): Community {
  let community = state.communities.get(id);
  if (community === undefined) {
    community = {
      id,
      tag: state.virtualTag,
      sequence: 0,
      slot: -1,
      weight: 1,
      running: 0,
      idleSinceMs: -Infinity,
      virtualTag: 0,
      active: [],
      leaves: new Map(),
      waiting: new Set(),
      waitingUnits: 0,
      waitingCostMs: 0,
    };
    state.communities.set(id, community);
  }
  return community;
}

export function leafOf(state: FairShareState, person: Person, community: Community, nowMs: number): Leaf {
  let leaf = person.leaves.get(community.id);
  if (leaf === undefined) {
    const { last } = person;
    const elsewhereMs = last === undefined ? 0 : remembered(state, last.costMs, nowMs - last.atMs);
    leaf = {
      community,
      person,
      tag: elsewhereMs === 0 ? community.virtualTag : turnTag(community.virtualTag, community.active) + elsewhereMs,
      sequence: 0,
      slot: -1,
      weight: 1,
      running: 0,
      idleSinceMs: nowMs,
      waitingUnits: 0,
      waitingCostMs: 0,
      movedBy: undefined,
    };
    person.leaves.set(community.id, leaf);
    community.leaves.set(person.id, leaf);
  }
  return leaf;
}

export function positive(name: string, value: number): void {
  if (!(value > 0 && value < Infinity)) {
    throw new Fault(`Expected a number over 0 for \`${name}\`, got ${shown(value)}.`);
  }
}

export function wholeFromOne(name: string, value: number): void {
  if (!(Number.isInteger(value) && value >= 1)) {
    throw new Fault(`Expected a whole number from 1 for \`${name}\`, got ${shown(value)}.`);
  }
}

/** Forgets a person who has nothing waiting and nothing running. @returns false where they have, with nothing changed. */
export function forgetPerson(state: FairShareState, id: string): boolean {
  const person = state.people.get(id);
  if (person === undefined) return true;
  if (person.waitingJobs > 0 || person.running > 0) return false;
  for (const { community } of person.leaves.values()) community.leaves.delete(id);
  state.people.delete(id);
  return true;
}
