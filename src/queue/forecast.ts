import { Fault, shown } from '../errors.ts';
import { runForward } from './run-forward.ts';
import type { Ahead } from './run-forward.ts';
import type { Community, FairShareState, Leaf, WaitingJob } from './shares.ts';

/** Where a waiting job stands. Times are from `nowMs` on, and right if every estimate is and nobody comes or leaves. */
export type Forecast = Readonly<{
  /** 1: its next picture is the next to start. */
  position: number;
  /** Until its next picture starts. */
  startsInMs: number;
  /** Until its last picture is done. */
  doneInMs: number;
  ahead: Readonly<Ahead>;
  /** Worked out of the tags instead of by running the policy: `position` may be off by about a picture for each share ahead. */
  approximate: boolean;
}>;

/** Picks that a forecast plays at most: about 2 ms. */
const maxPicks = 1000;

/**
 * Position and time left of a waiting job. Plays the policy forward for up to 1,000 pictures, and reads the tags beyond.
 * Changes nothing.
 *
 * @param engines How many engines paint at once, 1 and up.
 * @throws Fault when the job has no picture waiting.
 */
export function forecast(state: FairShareState, jobId: string, engines: number, nowMs: number): Forecast {
  const job = state.jobs.get(jobId);
  if (job === undefined) throw new Fault(`Expected a waiting job for \`jobId\`, got ${shown(jobId)}.`);
  const rough = atOnce(state, job, engines, nowMs);
  // Far beyond what a run may cover, the run would be spent for nothing.
  if (rough.position > 2 * maxPicks) return rough;
  const run = runForward(state, job, engines, nowMs, maxPicks);
  if (run === undefined) return rough;
  const { ahead, startsInMs, doneInMs } = run;
  const position = ahead.own + ahead.here + ahead.elsewhere + 1;
  const approximate = doneInMs === undefined;
  return { position, startsInMs, doneInMs: doneInMs ?? Math.max(startsInMs, rough.doneInMs), ahead, approximate };
}

/**
 * The same out of the tags alone: with nobody coming, a picture starts after all pictures of lower start tags, and what
 * a sibling starts before a tag is its weight times how far its own tag is below. O(people in the job's community +
 * communities), and along the lines of those people.
 */
function atOnce(state: FairShareState, job: WaitingJob, engines: number, nowMs: number): Forecast {
  const own = ownAhead(job);
  const first = costAhead(state, job, own.costMs);
  const last = job.units === 1 ? first : costAhead(state, job, own.costMs + (job.units - 1) * job.unitCostMs);
  const startsInMs = waitMs(state, job, engines, nowMs, first.costMs, own.costMs);
  const ownLastMs = own.costMs + (job.units - 1) * job.unitCostMs;
  const lastStartsInMs = waitMs(state, job, engines, nowMs, last.costMs, ownLastMs);
  return {
    position: own.units + first.ahead.here + first.ahead.elsewhere + 1,
    startsInMs,
    doneInMs: Math.max(startsInMs, lastStartsInMs) + job.unitCostMs,
    ahead: { ...first.ahead, own: own.units },
    approximate: true,
  };
}

function ownAhead(job: WaitingJob): { units: number; costMs: number } {
  let units = 0;
  let costMs = 0;
  for (let earlier = job.before; earlier !== undefined; earlier = earlier.before) {
    units += earlier.units;
    costMs += earlier.units * earlier.unitCostMs;
  }
  return { units, costMs };
}

/** All that starts before the picture that follows `ownMs` of the person's own. */
function costAhead(state: FairShareState, job: WaitingJob, ownMs: number): { costMs: number; ahead: Ahead } {
  const { leaf } = job;
  const { community } = leaf;
  const ahead: Ahead = { own: 0, here: 0, peopleHere: 0, elsewhere: 0, communities: 0 };
  const leafTag = startTag(leaf, community.virtualTag) + ownMs / leaf.weight;
  let hereMs = 0;
  for (const other of community.waiting) {
    if (other === leaf) continue;
    const served = servedBefore(other, (leafTag - startTag(other, community.virtualTag)) * other.weight);
    hereMs += served.costMs;
    ahead.here += served.units;
    if (served.units > 0) ahead.peopleHere += 1;
  }
  const tag = startTag(community, state.virtualTag) + (hereMs + ownMs) / community.weight;
  let costMs = hereMs + ownMs;
  for (const other of state.communities.values()) {
    if (other === community || other.waitingUnits === 0) continue;
    const served = servedOnAverage(other, (tag - startTag(other, state.virtualTag)) * other.weight);
    costMs += served.costMs;
    ahead.elsewhere += served.units;
    if (served.units > 0) ahead.communities += 1;
  }
  return { costMs, ahead };
}

function startTag(flow: Leaf | Community, virtualTag: number): number {
  return flow.slot >= 0 ? flow.tag : Math.max(flow.tag, virtualTag);
}

/** What a person starts here while less than `budgetMs` is charged: every picture that begins within it. */
function servedBefore(leaf: Leaf, budgetMs: number): { units: number; costMs: number } {
  let units = 0;
  let costMs = 0;
  if (budgetMs <= 0) return { units, costMs };
  for (let job = leaf.person.firstJob; job !== undefined; job = job.after) {
    if (job.leaf !== leaf) continue;
    const fitting = Math.min(job.units, Math.ceil((budgetMs - costMs) / job.unitCostMs));
    units += fitting;
    costMs += fitting * job.unitCostMs;
    if (costMs >= budgetMs) break;
  }
  return { units, costMs };
}

function servedOnAverage(
  { waitingUnits, waitingCostMs }: Community,
  budgetMs: number,
): { units: number; costMs: number } {
  if (budgetMs <= 0) return { units: 0, costMs: 0 };
  const meanMs = waitingCostMs / waitingUnits;
  const units = Math.min(waitingUnits, Math.ceil(budgetMs / meanMs));
  return { units, costMs: units * meanMs };
}

/** Over all engines, but never less than the person's own line takes at the running cap. */
function waitMs(
  state: FairShareState,
  { leaf: { person } }: WaitingJob,
  engines: number,
  nowMs: number,
  aheadMs: number,
  ownMs: number,
): number {
  let runningMs = 0;
  let ownRunningMs = 0;
  for (const { leaf, startedAtMs, estimateMs } of state.running.values()) {
    const leftMs = Math.max(0, startedAtMs + estimateMs - nowMs);
    runningMs += leftMs;
    if (leaf.person === person) ownRunningMs += leftMs;
  }
  const cap = state.settings.maxRunningPerPerson;
  return Math.max((runningMs + aheadMs) / engines, (ownRunningMs + ownMs) / cap);
}
