import { inWords } from './admission.ts';
import { forecast } from './forecast.ts';
import type { Forecast } from './forecast.ts';
import { usedLastHourMs } from './policy.ts';
import type { FairShareState, WaitingJob } from './shares.ts';

/** Why a job waits, most telling first. Numbers only: nobody else's name or community. */
type WaitReason =
  /** Every engine paints; the first is free again in `freeInMs`. `own` of the `running` pictures are the person's. */
  | { kind: 'engines-busy'; engines: number; running: number; own: number; freeInMs: number }
  /** As many of the person's pictures are being painted as may be at once. */
  | { kind: 'running-limit'; running: number; limit: number }
  /** Pictures of the person's earlier jobs start first. */
  | { kind: 'own-jobs-first'; pictures: number }
  /** People in the same community are served first, because they used less of it. */
  | { kind: 'people-here-first'; people: number; pictures: number }
  /** Other communities are served first. */
  | { kind: 'communities-first'; communities: number; pictures: number }
  /** The person's last picture was in another community, and counts here too. */
  | { kind: 'used-elsewhere' };

/** The plain answer to "why am I waiting?". */
export type WaitExplanation = Readonly<{
  forecast: Forecast;
  reasons: readonly WaitReason[];
  /** What the person's share counts in this community, against the 1 of everybody else. */
  weight: number;
  /** Engine time of this person's pictures that ended within the last hour. */
  usedLastHourMs: number;
  /** All of it in English. */
  sentence: string;
}>;

/**
 * Explains a waiting job: which shares are ahead, what the engines are doing, and what the person used in the last hour.
 *
 * @param engines How many engines paint at once, 1 and up.
 * @throws Fault when the job has no picture waiting.
 */
export function explainWait(state: FairShareState, jobId: string, engines: number, nowMs: number): WaitExplanation {
  const found = forecast(state, jobId, engines, nowMs);
  const job = state.jobs.get(jobId);
  const reasons = job === undefined ? [] : reasonsFor(state, job, found, engines, nowMs);
  const usedMs = job === undefined ? 0 : usedLastHourMs(state, job.leaf.person.id, nowMs);
  const weight = job?.leaf.weight ?? 1;
  const sentence = sentenceFor(found, reasons, usedMs, weight);
  return { forecast: found, reasons, weight, usedLastHourMs: usedMs, sentence };
}

function reasonsFor(
  state: FairShareState,
  { leaf }: WaitingJob,
  { ahead }: Forecast,
  engines: number,
  nowMs: number,
): WaitReason[] {
  const reasons: WaitReason[] = [];
  const { person } = leaf;
  const { maxRunningPerPerson: limit } = state.settings;
  if (person.running >= limit) reasons.push({ kind: 'running-limit', running: person.running, limit });
  if (ahead.own > 0) reasons.push({ kind: 'own-jobs-first', pictures: ahead.own });
  if (person.hold?.leaf === leaf) reasons.push({ kind: 'used-elsewhere' });
  if (ahead.here > 0) reasons.push({ kind: 'people-here-first', people: ahead.peopleHere, pictures: ahead.here });
  if (ahead.elsewhere > 0) {
    reasons.push({ kind: 'communities-first', communities: ahead.communities, pictures: ahead.elsewhere });
  }
  const running = [...state.running.values()];
  if (running.length < engines) return reasons;
  const freeInMs = Math.min(...running.map(({ startedAtMs, estimateMs }) => startedAtMs + estimateMs - nowMs));
  const own = running.filter((unit) => unit.leaf.person === person).length;
  return [...reasons, { kind: 'engines-busy', engines, running: running.length, own, freeInMs: Math.max(0, freeInMs) }];
}

function sentenceFor(found: Forecast, reasons: readonly WaitReason[], usedMs: number, weight: number): string {
  const about = found.approximate ? 'about ' : '';
  const start = `You are at place ${about}${found.position}, and it should start in about ${inWords(found.startsInMs)}`;
  const why = reasons.length === 0 ? 'nothing is ahead of you' : reasons.map(inEnglish).join('; ');
  const used = usedMs === 0 ? 'no engine time' : `${inWords(usedMs)} of engine time`;
  const share = weight === 1 ? '' : ` Your share counts ${weight} times here.`;
  return `${start}: ${why}.${share} In the last hour you used ${used}.`;
}

function inEnglish(reason: WaitReason): string {
  switch (reason.kind) {
    case 'engines-busy': {
      const mine = reason.own === 0 ? '' : `, ${reason.own} of them yours`;
      const engine = reason.engines === 1 ? 'the engine is' : `all ${reason.engines} engines are`;
      return `${engine} painting ${counted(reason.running, 'picture')}${mine}, and one is free in about ${inWords(reason.freeInMs)}`;
    }
    case 'running-limit':
      return `${counted(reason.running, 'picture')} of yours ${reason.running === 1 ? 'is' : 'are'} being painted, and ${reason.limit} is the limit for one person`;
    case 'own-jobs-first':
      return `${counted(reason.pictures, 'picture')} that you asked for earlier ${reason.pictures === 1 ? 'comes' : 'come'} first`;
    case 'people-here-first':
      return `${counted(reason.pictures, 'picture')} of ${counted(reason.people, 'other person', 'other people')} here, who used less than you or came first`;
    case 'communities-first':
      return `${counted(reason.pictures, 'picture')} of ${counted(reason.communities, 'other community', 'other communities')}, whose turn comes first`;
    case 'used-elsewhere':
      return 'your last picture in another community counts here too';
  }
}

function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}
