import { Fault, shown } from '../errors.ts';
import { moveItem, pushItem, removeItem } from './heap.ts';
import type { FairShareState, Leaf, Person, RunningUnit, ShareJob, ShareSettings, WaitingJob } from './shares.ts';
import {
  activate,
  addUnits,
  communityOf,
  joinLine,
  leafOf,
  personOf,
  positive,
  remembered,
  turnTag,
  wholeFromOne,
} from './tree.ts';

/**
 * Hierarchical start-time fair queueing over root -> community -> person. Goyal, Vin, Cheng, "Start-time Fair
 * Queueing", SIGCOMM 1996, doi 10.1145/248156.248171; with several engines: Jin, Chase, Kaur, "Interposed proportional
 * sharing", SIGMETRICS 2004 (there SFQ(D)). Every function changes the state that it is given, in place, in O(log n);
 * none reads a clock.
 *
 * **The order.** Each flow carries the start tag of its next picture. The policy goes down the least tags, and charges
 * cost over weight to the tags on the way: the estimate at the start, the rest (or the excess) when the measured time is
 * known. So at every pick a chosen flow is charged no more, over its weight, than any sibling that could have been
 * chosen. With D pictures outstanding, two siblings are therefore never further apart than what is outstanding plus one
 * picture: within (D + 1) times the sum of their largest pictures over their weights. The tag of a flow that stays
 * backlogged is never clipped, otherwise a true-up would be lost each time.
 *
 * **Becoming active.** Only here is a tag raised to the virtual tag, so that nobody saves up turns by being away. What a
 * flow is ahead by when it leaves (at most what was outstanding and one picture) waits for it, and halves every
 * `halfLifeMs` that it is idle. "Active" is "may be picked": whoever is at the running cap is not, and comes back like a newcomer with
 * their tag. A newcomer never starts behind the least active tag. So at most one picture of every active sibling goes
 * first, and another where an estimate of what runs now turns out to have been too high.
 *
 * **One person, one turn.** Shares in K communities would be K shares. Tags cannot be shared over communities without
 * breaking the bound there, but eligibility can, because the bound is about flows that may be picked:
 *
 * - A person's jobs form one line over all communities, and the person may be picked only in the community of its
 *   first job. So there is never more than one share at a time.
 * - A start anywhere counts as a start everywhere: the person's leaf in every other community moves to the tag
 *   that would be picked there at that moment, plus the cost over the weight there. So whoever hops between
 *   busy communities waits in each as if they had just been served there.
 * - A community that wakes for this person alone would still be a newcomer at the root (somebody with twenty servers
 *   of their own). So a person who comes from another community is held until the root has passed the tag that
 *   the new community would have had, had it paid for the last start. The community's own tag is not touched: anybody else
 *   in it goes on at once. When nothing else can be picked, the hold ends.
 *
 * So a person is charged in each of their communities for everything, wherever it was painted, and gets in all what
 * somebody gets who is only in the best of them. A leaf is moved by at most one of the person's own largest pictures,
 * which is what the bound allows it anyway.
 */

/** What `pickUnit` hands out: one picture to start now. */
export type PickedUnit = Readonly<{
  /** Names this start; `finishUnit` takes it. */
  unitId: string;
  jobId: string;
  person: string;
  community: string;
  estimateMs: number;
}>;

const usedForMs = 3_600_000;

/**
 * An empty queue.
 *
 * @throws Fault for settings out of their range.
 */
export function emptyShares(settings: ShareSettings): FairShareState {
  positive('halfLifeMs', settings.halfLifeMs);
  wholeFromOne('maxRunningPerPerson', settings.maxRunningPerPerson);
  return {
    settings,
    virtualTag: 0,
    active: [],
    held: [],
    communities: new Map(),
    people: new Map(),
    jobs: new Map(),
    running: new Map(),
    sequence: 0,
    eligibleUnits: 0,
    waitingUnits: 0,
  };
}

/**
 * Puts a job at the end of its person's line. A job that still waits grows by the new units instead, in its place.
 *
 * @throws Fault when a number is out of its range, or the id waits for another person, community or cost.
 */
export function enqueueJob(state: FairShareState, job: ShareJob, nowMs: number): void {
  wholeFromOne('units', job.units);
  positive('unitCostMs', job.unitCostMs);
  const person = personOf(state, job.person);
  const leaf = leafOf(state, person, communityOf(state, job.community), nowMs);
  let waiting = state.jobs.get(job.id);
  if (waiting !== undefined && (waiting.leaf !== leaf || waiting.unitCostMs !== job.unitCostMs)) {
    throw new Fault(`Expected the person, community and cost that it waits with for job ${shown(job.id)}, got others.`);
  }
  if (waiting === undefined) {
    waiting = { id: job.id, leaf, unitCostMs: job.unitCostMs, units: 0, before: person.lastJob, after: undefined };
    state.jobs.set(job.id, waiting);
    joinLine(person, waiting);
  }
  addUnits(state, waiting, job.units);
  settle(state, person, nowMs);
}

/** Takes what is not started of a job out of the queue, or its latest `units` only. @returns how many units left. */
export function cancelJob(state: FairShareState, jobId: string, nowMs: number, units = Infinity): number {
  const job = state.jobs.get(jobId);
  if (job === undefined) return 0;
  const left = Math.min(units, job.units);
  addUnits(state, job, -left);
  settle(state, job.leaf.person, nowMs);
  return left;
}

/** Starts the picture whose turn it is, and charges its estimate. @returns undefined when nobody may be picked. */
export function pickUnit(state: FairShareState, nowMs: number): PickedUnit | undefined {
  releaseHeld(state, nowMs);
  const job = state.active.length === 0 ? undefined : state.active[0].active[0].person.firstJob;
  return job === undefined ? undefined : start(state, job, nowMs);
}

/**
 * Starts a picture of a given job whether or not it is its turn: for what has already been started (rebuild.ts).
 *
 * @throws Fault when the job does not wait.
 */
export function startUnitOf(state: FairShareState, jobId: string, nowMs: number): PickedUnit {
  const job = state.jobs.get(jobId);
  if (job === undefined) throw new Fault(`Expected a waiting job for \`jobId\`, got ${shown(jobId)}.`);
  releaseHeld(state, nowMs);
  const { person } = job.leaf;
  if (person.place !== job.leaf) {
    leave(state, person, nowMs);
    enter(state, job.leaf, nowMs, -Infinity);
  }
  return start(state, job, nowMs);
}

/**
 * Ends a picture, painted, failed or cancelled, and replaces its estimate by the engine time that it took. 0 gives all
 * of it back: for a picture lost through no doing of the person.
 *
 * @throws Fault when no such picture runs.
 */
export function finishUnit(state: FairShareState, unitId: string, measuredMs: number, nowMs: number): void {
  const unit = state.running.get(unitId);
  if (unit === undefined) throw new Fault(`Expected a running picture for \`unitId\`, got ${shown(unitId)}.`);
  if (!(measuredMs >= 0 && measuredMs < Infinity)) {
    throw new Fault(`Expected a number from 0 for \`measuredMs\`, got ${shown(measuredMs)}.`);
  }
  state.running.delete(unitId);
  trueUp(state, unit, measuredMs - unit.estimateMs);
  const { leaf } = unit;
  const { community, person } = leaf;
  for (const flow of [leaf, community, person]) flow.running -= 1;
  for (const flow of [leaf, community]) flow.idleSinceMs = nowMs;
  person.used.push({ endedAtMs: nowMs, engineMs: measuredMs });
  forgetUse(person, nowMs);
  settle(state, person, nowMs);
}

/** Sets the weight of a community, or of a person in it. It counts from the next charge on. @throws Fault unless over 0. */
export function setWeight(
  state: FairShareState,
  weight: number,
  nowMs: number,
  community: string,
  person?: string,
): void {
  positive('weight', weight);
  const node = communityOf(state, community);
  if (person === undefined) node.weight = weight;
  else leafOf(state, personOf(state, person), node, nowMs).weight = weight;
}

/** Engine milliseconds that a person used in the hour before `nowMs`, finished pictures only. */
export function usedLastHourMs(state: FairShareState, person: string, nowMs: number): number {
  const used = state.people.get(person)?.used ?? [];
  return used.reduce((sum, { endedAtMs, engineMs }) => sum + (endedAtMs > nowMs - usedForMs ? engineMs : 0), 0);
}

function start(state: FairShareState, job: WaitingJob, nowMs: number): PickedUnit {
  const { leaf, unitCostMs } = job;
  const { community, person } = leaf;
  const unitId = `${job.id}#${state.sequence++}`;
  state.virtualTag = community.tag;
  community.virtualTag = leaf.tag;
  person.last = { unitId, community, rootTag: community.tag, costMs: unitCostMs, atMs: nowMs };
  for (const flow of [leaf, community, person]) flow.running += 1;
  state.running.set(unitId, { unitId, jobId: job.id, leaf, estimateMs: unitCostMs, startedAtMs: nowMs });
  charge(state, leaf, unitCostMs);
  moveElsewhere(leaf, unitId, unitCostMs, nowMs);
  addUnits(state, job, -1);
  settle(state, person, nowMs);
  return { unitId, jobId: job.id, person: person.id, community: community.id, estimateMs: unitCostMs };
}

function charge(state: FairShareState, leaf: Leaf, costMs: number): void {
  const { community } = leaf;
  leaf.tag += costMs / leaf.weight;
  if (leaf.slot >= 0) moveItem(community.active, leaf);
  community.tag += costMs / community.weight;
  if (community.slot >= 0) moveItem(state.active, community);
}

/** A start in one community counts in the person's others as if it had just happened there. */
function moveElsewhere(served: Leaf, unitId: string, costMs: number, nowMs: number): void {
  for (const leaf of served.person.leaves.values()) {
    const tag = turnTag(leaf.community.virtualTag, leaf.community.active) + costMs / leaf.weight;
    // Not in a heap: the person's only place is where the picture was picked.
    if (leaf === served || leaf.tag >= tag) continue;
    leaf.tag = tag;
    leaf.idleSinceMs = nowMs;
    leaf.movedBy = unitId;
  }
}

function trueUp(state: FairShareState, { unitId, leaf }: RunningUnit, differenceMs: number): void {
  charge(state, leaf, differenceMs);
  const { leaves, last, hold } = leaf.person;
  if (last?.unitId !== unitId) return;
  last.costMs += differenceMs;
  for (const other of leaves.values()) {
    if (other.movedBy !== unitId) continue;
    other.tag += differenceMs / other.weight;
    other.movedBy = undefined;
    if (other.slot >= 0) moveItem(other.community.active, other);
  }
  if (hold === undefined) return;
  hold.tag += differenceMs / hold.leaf.community.weight;
  moveItem(state.held, hold);
}

/** Moves a person to where their first job can be picked; called after whatever changes their line or what they run. */
function settle(state: FairShareState, person: Person, nowMs: number): void {
  const mayRun = person.running < state.settings.maxRunningPerPerson;
  const target = mayRun ? person.firstJob?.leaf : undefined;
  if (target !== (person.place ?? person.hold?.leaf)) {
    leave(state, person, nowMs);
    if (target !== undefined) enterOrHold(state, target, nowMs);
  }
  const eligible = target === undefined ? 0 : person.waitingUnits;
  state.eligibleUnits += eligible - person.eligibleUnits;
  person.eligibleUnits = eligible;
}

function leave(state: FairShareState, person: Person, nowMs: number): void {
  const { place, hold } = person;
  person.place = undefined;
  person.hold = undefined;
  if (hold !== undefined) removeItem(state.held, hold);
  if (place === undefined) return;
  const { community } = place;
  removeItem(community.active, place);
  place.idleSinceMs = nowMs;
  if (community.active.length > 0) return;
  removeItem(state.active, community);
  community.idleSinceMs = nowMs;
}

function enterOrHold(state: FairShareState, leaf: Leaf, nowMs: number): void {
  const tag = holdTag(state, leaf, nowMs);
  if (tag <= state.virtualTag) return enter(state, leaf, nowMs, -Infinity);
  const hold = { tag, sequence: state.sequence++, slot: -1, leaf };
  leaf.person.hold = hold;
  pushItem(state.held, hold);
}

/** The root's tag from which a person may enter a community: that of the community, had it paid for the last start elsewhere. */
function holdTag(state: FairShareState, { person: { last }, community }: Leaf, nowMs: number): number {
  if (last === undefined || last.community === community) return -Infinity;
  return last.rootTag + remembered(state, last.costMs, nowMs - last.atMs) / community.weight;
}

function releaseHeld(state: FairShareState, nowMs: number): void {
  while (state.held.length > 0 && (state.active.length === 0 || state.held[0].tag <= state.active[0].tag)) {
    const hold = state.held[0];
    removeItem(state.held, hold);
    hold.leaf.person.hold = undefined;
    enter(state, hold.leaf, nowMs, hold.tag);
  }
}

/** `leastTag`: a community that this person wakes starts no earlier than the person was held for. */
function enter(state: FairShareState, leaf: Leaf, nowMs: number, leastTag: number): void {
  const { community } = leaf;
  leaf.person.place = leaf;
  activate(state, community.active, leaf, community.virtualTag, nowMs);
  if (community.slot >= 0) return;
  activate(state, state.active, community, state.virtualTag, nowMs);
  if (community.tag >= leastTag) return;
  community.tag = leastTag;
  moveItem(state.active, community);
}

function forgetUse(person: Person, nowMs: number): void {
  const kept = person.used.findIndex(({ endedAtMs }) => endedAtMs > nowMs - usedForMs);
  person.used.splice(0, kept);
}
