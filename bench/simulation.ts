import type { PickedUnit } from '../src/queue/policy.ts';
import type { LedgerUnit } from '../src/queue/rebuild.ts';
import type { ShareJob } from '../src/queue/shares.ts';

/** An order of service as the simulation drives it. */
export type Policy = {
  enqueue(job: ShareJob, nowMs: number): void;
  cancel(jobId: string, nowMs: number): void;
  pick(nowMs: number): PickedUnit | undefined;
  finish(unitId: string, measuredMs: number, nowMs: number): void;
  /** The process ended and starts again with the ledger only. */
  restart(ledger: readonly LedgerUnit[]): void;
};

/** `actualMs[i]` is what the i-th picture of the job really takes. */
export type Arrival = Readonly<{ atMs: number; job: ShareJob; actualMs: readonly number[] }>;

export type Schedule = Readonly<{
  engines: number;
  /** In order of time, as are the others. */
  arrivals: readonly Arrival[];
  cancels: readonly { atMs: number; jobId: string }[];
  restartsMs: readonly number[];
  /** Nothing is observed after it. */
  untilMs: number;
}>;

/** What happened to one picture. An attempt that was lost in a restart is its own entry with `lost`. */
export type Attempt = {
  person: string;
  community: string;
  jobId: string;
  startMs: number;
  endMs: number;
  lost: boolean;
};

export type TraceEvent =
  | { kind: 'arrive'; atMs: number; job: ShareJob }
  | { kind: 'cancel'; atMs: number; jobId: string }
  | { kind: 'start'; atMs: number; attempt: Attempt }
  | { kind: 'end'; atMs: number; attempt: Attempt };

type Row = { -readonly [Key in keyof LedgerUnit]: LedgerUnit[Key] } & { actualMs: number };
type Busy = { unitId: string; row: Row; attempt: Attempt };

/** Runs a schedule to its end over engines of speed 1; the policy is asked whenever an engine is free. */
export function simulate(policy: Policy, schedule: Schedule): TraceEvent[] {
  const trace: TraceEvent[] = [];
  const ledger: Row[] = [];
  const rows = new Map<string, Row[]>();
  let busy: Busy[] = [];
  const arrivals = [...schedule.arrivals];
  const cancels = [...schedule.cancels];
  const restarts = [...schedule.restartsMs];
  let nextArrival = 0;
  let nextCancel = 0;
  let nextRestart = 0;

  for (;;) {
    const ending = soonest(busy);
    const times = [
      ending?.attempt.endMs ?? Infinity,
      arrivals[nextArrival]?.atMs ?? Infinity,
      cancels[nextCancel]?.atMs ?? Infinity,
      restarts[nextRestart] ?? Infinity,
    ];
    const atMs = Math.min(...times);
    if (atMs > schedule.untilMs || atMs === Infinity) return trace;
    if (ending !== undefined && times[0] === atMs) end(ending, atMs);
    else if (times[1] === atMs) arrive(arrivals[nextArrival++]);
    else if (times[2] === atMs) cancel(cancels[nextCancel++].jobId, atMs);
    else restart(restarts[nextRestart++]);
    startAll(atMs);
  }

  function end(ended: Busy, atMs: number): void {
    busy = busy.filter((one) => one !== ended);
    ended.row.endedAtMs = atMs;
    ended.row.engineMs = ended.row.actualMs;
    policy.finish(ended.unitId, ended.row.actualMs, atMs);
    trace.push({ kind: 'end', atMs, attempt: ended.attempt });
  }

  function arrive({ atMs, job, actualMs }: Arrival): void {
    const unit = { job, queuedAtMs: atMs, startedAtMs: undefined, endedAtMs: undefined, engineMs: undefined };
    const jobRows = actualMs.map((actualMs) => ({ ...unit, actualMs }));
    rows.set(job.id, jobRows);
    ledger.push(...jobRows);
    policy.enqueue(job, atMs);
    trace.push({ kind: 'arrive', atMs, job });
  }

  function cancel(jobId: string, atMs: number): void {
    for (const row of rows.get(jobId) ?? []) if (row.startedAtMs === undefined) row.endedAtMs ??= atMs;
    policy.cancel(jobId, atMs);
    trace.push({ kind: 'cancel', atMs, jobId });
  }

  function restart(atMs: number): void {
    for (const { row, attempt } of busy) {
      row.startedAtMs = undefined;
      attempt.endMs = atMs;
      attempt.lost = true;
      trace.push({ kind: 'end', atMs, attempt });
    }
    busy = [];
    policy.restart(ledger);
  }

  function startAll(atMs: number): void {
    while (busy.length < schedule.engines) {
      const picked = policy.pick(atMs);
      if (picked === undefined) return;
      const row = rows.get(picked.jobId)?.find((row) => row.startedAtMs === undefined && row.endedAtMs === undefined);
      if (row === undefined) throw new Error(`the policy started ${picked.jobId} once too often`);
      row.startedAtMs = atMs;
      const { person, community, jobId } = picked;
      const attempt = { person, community, jobId, startMs: atMs, endMs: atMs + row.actualMs, lost: false };
      busy.push({ unitId: picked.unitId, row, attempt });
      trace.push({ kind: 'start', atMs, attempt });
    }
  }
}

function soonest(busy: readonly Busy[]): Busy | undefined {
  let found: Busy | undefined;
  for (const one of busy) if (found === undefined || one.attempt.endMs < found.attempt.endMs) found = one;
  return found;
}
