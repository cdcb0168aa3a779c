/** The states of a job and the moves between them: one table, and the one way to make a move. */
import { Fault } from '../errors.ts';
import { appendAudit } from '../store/audit.ts';
import { communityOfJob, type JobChanges, moveJob } from '../store/jobs.ts';
import type { JobState, JsonObject, Tx } from '../store/tables.ts';

/**
 * Where a job may go from each state. `running` and `checking` fall back to `queued` when their process died, was
 * stopped, or failed in a way that may pass; `failed` and `cancelled` go on when somebody asks for them again; `done`
 * goes back to `held` when what is shown is to be looked at once more.
 */
export const moves: Readonly<Record<JobState, readonly JobState[]>> = {
  queued: ['running', 'cancelled', 'refused', 'failed', 'removed'],
  // To itself with the next of its pictures.
  running: ['running', 'checking', 'queued', 'failed', 'cancelled', 'refused'],
  checking: ['done', 'held', 'refused', 'failed', 'cancelled', 'queued'],
  held: ['done', 'refused', 'removed'],
  done: ['held', 'removed'],
  failed: ['queued', 'removed'],
  cancelled: ['queued', 'removed'],
  refused: ['removed'],
  removed: [],
};

export const liveStates = ['queued', 'running', 'checking'] as const satisfies readonly JobState[];

export function isLive(state: JobState): boolean {
  return liveStates.some((live) => live === state);
}

/** Who moves a job and why, for the audit trail. */
export interface Because {
  /** `system`, or `person:ID`. */
  readonly actor: string;
  /** A code, never anybody's words. */
  readonly reason: string;
  /** Unix ms. */
  readonly at: number;
  readonly detail?: JsonObject;
}

/** What happened by itself. @param at Unix ms. */
export function bySystem(reason: string, at: number): Because {
  return { actor: 'system', reason, at };
}

/**
 * Moves a job and writes down who did it, in the transaction that is given.
 * @returns whether it moved; false where it was not in `from` any more, and nothing changed.
 * @throws Fault where the table has no such move.
 */
export async function move(
  tx: Tx,
  id: string,
  from: JobState | readonly JobState[],
  to: JobState,
  { actor, reason, at, detail = {} }: Because,
  changes: JobChanges = {},
): Promise<boolean> {
  const sources = typeof from === 'string' ? [from] : from;
  const forbidden = sources.find((state) => !moves[state].includes(to));
  if (forbidden !== undefined) throw new Fault(`Expected a move that the table has, got ${forbidden} to ${to}.`);
  if (!(await moveJob(tx, { id, from: sources, to, changes }))) return false;
  const community = await communityOfJob(tx, id);
  await appendAudit(tx, { at, actor, action: `job.${to}`, subject: `job:${id}`, reason, detail, community });
  return true;
}
