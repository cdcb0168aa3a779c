import { cancelJob, emptyShares, enqueueJob, finishUnit, setWeight, startUnitOf } from './policy.ts';
import type { FairShareState, ShareJob, ShareSettings } from './shares.ts';

/** One picture as the database remembers it. Times are Unix milliseconds; undefined means that it has not happened. */
export type LedgerUnit = Readonly<{
  job: Omit<ShareJob, 'units'>;
  queuedAtMs: number;
  /** Start of the latest attempt. */
  startedAtMs: number | undefined;
  /** End of that attempt, or the cancellation of a picture that never started. */
  endedAtMs: number | undefined;
  /** Measured engine time; undefined unless started and ended. */
  engineMs: number | undefined;
}>;

/** About two milliseconds. */
const movesAStep = 1_000;

/** A weight other than 1, of a community or of a person in it. */
export type LedgerWeight = Readonly<{ community: string; person: string | undefined; weight: number }>;

/** How far back the ledger has to reach: what is older is forgotten to a thousandth. */
export function ledgerReachMs(settings: ShareSettings): number {
  return 10 * settings.halfLifeMs;
}

/**
 * The queue as it was before the process ended: the ledger is lived through once more, in the order of its times. A
 * picture that started and did not end was lost with the process; it waits again, in its old place, and is not charged.
 *
 * @param ledger Every picture that waits, or ended within `ledgerReachMs`, in the order of queueing.
 */
export function rebuiltShares(
  settings: ShareSettings,
  weights: readonly LedgerWeight[],
  ledger: readonly LedgerUnit[],
): FairShareState {
  const steps = rebuildSteps(settings, weights, ledger);
  for (;;) {
    const { done, value } = steps.next();
    if (done === true) return value;
  }
}

/** `rebuiltShares` with pauses: a long ledger would hold up whoever else wants the thread. */
export function* rebuildSteps(
  settings: ShareSettings,
  weights: readonly LedgerWeight[],
  ledger: readonly LedgerUnit[],
): Generator<undefined, FairShareState> {
  const state = emptyShares(settings);
  for (const { weight, community, person } of weights) setWeight(state, weight, -Infinity, community, person);
  const moves = ledger.flatMap((unit) => movesOf(unit));
  moves.sort((one, other) => one.atMs - other.atMs || one.order - other.order);
  const started = new Map<LedgerUnit, string>();
  for (const [index, move] of moves.entries()) {
    if (index % movesAStep === 0) yield;
    apply(state, move, started);
  }
  return state;
}

type Move = { kind: 'queue' | 'cancel' | 'start' | 'end'; order: number; atMs: number; unit: LedgerUnit };

/** `order` settles equal times: an engine ends a picture before it starts the next, and asking comes before starting. */
function movesOf(unit: LedgerUnit): Move[] {
  const { queuedAtMs, startedAtMs, endedAtMs } = unit;
  const moves: Move[] = [{ kind: 'queue', order: 1, atMs: queuedAtMs, unit }];
  if (endedAtMs === undefined) return moves;
  if (startedAtMs === undefined) return [...moves, { kind: 'cancel', order: 2, atMs: endedAtMs, unit }];
  const endOrder = startedAtMs === endedAtMs ? 4 : 0;
  return [
    ...moves,
    { kind: 'start', order: 3, atMs: startedAtMs, unit },
    { kind: 'end', order: endOrder, atMs: endedAtMs, unit },
  ];
}

function apply(state: FairShareState, { kind, atMs, unit }: Move, started: Map<LedgerUnit, string>): void {
  switch (kind) {
    case 'queue':
      enqueueJob(state, { ...unit.job, units: 1 }, atMs);
      return;
    case 'cancel':
      cancelJob(state, unit.job.id, atMs, 1);
      return;
    case 'start':
      started.set(unit, startUnitOf(state, unit.job.id, atMs).unitId);
      return;
    case 'end': {
      const unitId = started.get(unit);
      if (unitId !== undefined) finishUnit(state, unitId, unit.engineMs ?? 0, atMs);
    }
  }
}
