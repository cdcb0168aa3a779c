import { Refusal } from '../errors.ts';
import { forecast } from './forecast.ts';
import type { FairShareState } from './shares.ts';

/**
 * Lets a person's next job in, or refuses it because too many of theirs wait.
 *
 * @param maxWaitingJobs How many jobs of one person may wait at once, over both platforms, 1 and up. A job with one picture
 *   still to start counts.
 * @param engines How many engines paint at once, 1 and up: for when there will be room.
 * @throws Refusal `queue.full` with `waiting`, `limit` and `roomInMs`, the time until a job of theirs has all its pictures
 *   started.
 */
export function admitJob(
  state: FairShareState,
  person: string,
  maxWaitingJobs: number,
  engines: number,
  nowMs: number,
): void {
  const { waitingJobs = 0, firstJob } = state.people.get(person) ?? {};
  let leaving = firstJob;
  if (leaving === undefined || waitingJobs < maxWaitingJobs) return;
  // Where the limit was lowered, more than one has to go.
  for (let over = waitingJobs - maxWaitingJobs; over > 0; over -= 1) leaving = leaving.after ?? leaving;
  const { doneInMs } = forecast(state, leaving.id, engines, nowMs);
  const roomInMs = Math.max(0, Math.round(doneInMs - leaving.unitCostMs));
  throw new Refusal(
    'queue.full',
    `You already have ${waitingJobs} ${waitingJobs === 1 ? 'picture request' : 'picture requests'} waiting, and ${maxWaitingJobs} is the limit. ` +
      `There will be room in about ${inWords(roomInMs)}; or cancel one that you no longer need.`,
    { waiting: waitingJobs, limit: maxWaitingJobs, roomInMs },
  );
}

/** A time as a sentence says it: rounded up, so that nobody comes back too early. */
export function inWords(ms: number): string {
  const seconds = Math.max(1, Math.ceil(ms / 1000));
  if (seconds < 90) return seconds === 1 ? '1 second' : `${seconds} seconds`;
  const minutes = Math.ceil(seconds / 60);
  return minutes < 90 ? `${minutes} minutes` : `${Math.ceil(minutes / 60)} hours`;
}
