/**
 * Counts and times network calls: what a progress bar shows, what a benchmark reports, and how long the rest will take by
 * measured speed.
 */
import type { Phase, PhaseCost, Progress } from './request.ts';

/** Calls of one kind take time in proportion to their work: samples x latent cells for the UNet, pixels for the autoencoder. */
export type CallKind = 'text' | 'encode' | 'unet' | 'decode';

export interface PlannedCall {
  readonly kind: CallKind;
  readonly work: number;
}

/** Milliseconds a unit of work, by kind; kept over requests. */
export type MeasuredSpeeds = Map<CallKind, number>;

export interface Meter {
  enter(phase: Phase): void;
  /** Runs one network call, timed; `before` may throw to stop the work. */
  call<T>(planned: PlannedCall, run: () => Promise<T>): Promise<T>;
  cost(): Partial<Record<Phase, PhaseCost>>;
  readonly done: number;
}

export function createMeter(options: {
  readonly plan: readonly PlannedCall[];
  readonly speeds: MeasuredSpeeds;
  readonly nowMs: () => number;
  /** Before every call; throws where the request was cancelled. */
  readonly beforeCall: () => Promise<void>;
  readonly onProgress: (progress: Progress) => void;
}): Meter {
  const { plan, speeds, nowMs } = options;
  const cost: Partial<Record<Phase, { calls: number; totalMs: number; networkMs: number }>> = {};
  const remainingWork = Map.groupBy(plan, (call) => call.kind);
  const remaining = new Map(
    [...remainingWork].map(([kind, calls]) => [kind, calls.reduce((sum, call) => sum + call.work, 0)]),
  );
  let phase: Phase = 'text';
  let enteredMs = nowMs();
  let done = 0;

  const remainingMs = (): number | undefined => {
    let total = 0;
    for (const [kind, work] of remaining) {
      const speed = speeds.get(kind);
      if (speed !== undefined) total += work * speed;
      else if (kind === 'unet') return undefined;
    }
    return total;
  };
  const account = (): { calls: number; totalMs: number; networkMs: number } =>
    (cost[phase] ??= { calls: 0, totalMs: 0, networkMs: 0 });
  const settlePhase = (): void => {
    const now = nowMs();
    account().totalMs += now - enteredMs;
    enteredMs = now;
  };

  return {
    enter(next) {
      settlePhase();
      phase = next;
      account();
      options.onProgress({ phase, done, total: plan.length, remainingMs: remainingMs() });
    },
    async call(planned, run) {
      await options.beforeCall();
      const startedMs = nowMs();
      const result = await run();
      const tookMs = nowMs() - startedMs;
      done += 1;
      account().calls += 1;
      account().networkMs += tookMs;
      const speed = tookMs / planned.work;
      const known = speeds.get(planned.kind);
      speeds.set(planned.kind, known === undefined ? speed : known * 0.7 + speed * 0.3);
      remaining.set(planned.kind, Math.max(0, (remaining.get(planned.kind) ?? 0) - planned.work));
      options.onProgress({ phase, done, total: plan.length, remainingMs: remainingMs() });
      return result;
    },
    cost() {
      settlePhase();
      return cost;
    },
    get done() {
      return done;
    },
  };
}
