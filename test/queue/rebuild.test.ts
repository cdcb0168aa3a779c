import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { fairPolicy } from '../../bench/policies.ts';
import { simulate } from '../../bench/simulation.ts';
import type { Policy } from '../../bench/simulation.ts';
import { pickUnit, usedLastHourMs } from '../../src/queue/policy.ts';
import { ledgerReachMs, rebuiltShares } from '../../src/queue/rebuild.ts';
import type { LedgerUnit } from '../../src/queue/rebuild.ts';
import { randomQueue } from './schedules.ts';

const settings = { halfLifeMs: 1000, maxRunningPerPerson: 2 };
const painted = { queuedAtMs: 0, startedAtMs: 0, endedAtMs: 30, engineMs: 30 };
const waiting = { queuedAtMs: 5, startedAtMs: undefined, endedAtMs: undefined, engineMs: undefined };

function unit(id: string, person: string, times: Omit<LedgerUnit, 'job'>): LedgerUnit {
  return { job: { id, person, community: 'c', unitCostMs: 10 }, ...times };
}

/** A policy that is rebuilt from its ledger whenever nothing is being painted: at moments when nothing is lost. */
function rebuiltWhenIdle(queue: ReturnType<typeof randomQueue>): { policy: Policy; rebuilt: () => number } {
  const policy = fairPolicy(queue.settings, queue.weights);
  const units = new Map<string, { -readonly [Key in keyof LedgerUnit]: LedgerUnit[Key] }[]>();
  const running = new Map<string, { row: { -readonly [Key in keyof LedgerUnit]: LedgerUnit[Key] } }>();
  let times = 0;
  const rebuilding: Policy = {
    ...policy,
    enqueue: (job, nowMs) => {
      const row = { job, queuedAtMs: nowMs, startedAtMs: undefined, endedAtMs: undefined, engineMs: undefined };
      units.set(
        job.id,
        Array.from({ length: job.units }, () => ({ ...row })),
      );
      policy.enqueue(job, nowMs);
    },
    cancel: (jobId, nowMs) => {
      for (const row of units.get(jobId) ?? []) if (row.startedAtMs === undefined) row.endedAtMs ??= nowMs;
      policy.cancel(jobId, nowMs);
    },
    pick: (nowMs) => {
      if (running.size === 0) {
        policy.restart([...units.values()].flat());
        times += 1;
      }
      const picked = policy.pick(nowMs);
      const row = units
        .get(picked?.jobId ?? '')
        ?.find(({ startedAtMs, endedAtMs }) => startedAtMs === undefined && endedAtMs === undefined);
      if (picked !== undefined && row !== undefined) {
        row.startedAtMs = nowMs;
        running.set(picked.unitId, { row });
      }
      return picked;
    },
    finish: (unitId, measuredMs, nowMs) => {
      const { row } = running.get(unitId) ?? {};
      running.delete(unitId);
      if (row !== undefined) Object.assign(row, { endedAtMs: nowMs, engineMs: measuredMs });
      policy.finish(unitId, measuredMs, nowMs);
    },
  };
  return { policy: rebuilding, rebuilt: () => times };
}

describe('rebuiltShares', () => {
  it('goes on as the queue that it was rebuilt from, whatever went before', () => {
    fc.assert(
      fc.property(fc.integer(), fc.constantFrom(1, 2), (seed, engines) => {
        const queue = { ...randomQueue(seed, engines), restartsMs: [] };
        const rebuilding = rebuiltWhenIdle(queue);
        const [kept, rebuilt] = [fairPolicy(queue.settings, queue.weights), rebuilding.policy].map((policy) =>
          simulate(policy, queue).flatMap((event) =>
            event.kind === 'start' ? [`${event.attempt.jobId} at ${event.atMs.toFixed(6)}`] : [],
          ),
        );
        expect(rebuilt).toEqual(kept);
        expect(rebuilding.rebuilt()).toBeGreaterThan(0);
      }),
      { numRuns: 150 },
    );
  });

  it('remembers who used the engine before the restart', () => {
    const waits = [unit('b', 'heavy', waiting), unit('c', 'light', { ...waiting, queuedAtMs: 6 })];
    expect(pickUnit(rebuiltShares(settings, [], waits), 40)?.jobId).toBe('b');
    const state = rebuiltShares(settings, [], [unit('a', 'heavy', painted), ...waits]);
    expect(usedLastHourMs(state, 'heavy', 40)).toBe(30);
    expect(pickUnit(state, 40)?.jobId).toBe('c');
  });

  it('puts a picture that was lost back into its old place, free of charge', () => {
    const lost = { ...painted, endedAtMs: undefined, engineMs: undefined };
    const state = rebuiltShares(
      settings,
      [],
      [unit('a', 'one', lost), unit('a', 'one', { ...waiting, queuedAtMs: 0 }), unit('b', 'two', waiting)],
    );
    expect(state.running.size).toBe(0);
    expect([0, 1, 2].map(() => pickUnit(state, 40)?.jobId)).toEqual(['a', 'b', 'a']);
  });

  it('leaves out what was cancelled, keeps weights, and takes pictures that ended as they started', () => {
    const state = rebuiltShares(
      settings,
      [{ community: 'c', person: 'two', weight: 2 }],
      [
        unit('a', 'one', { ...waiting, endedAtMs: 7 }),
        unit('b', 'two', { queuedAtMs: 8, startedAtMs: 8, endedAtMs: 8, engineMs: 20 }),
        unit('c', 'two', { ...waiting, queuedAtMs: 9 }),
        unit('d', 'three', { ...waiting, queuedAtMs: 9 }),
      ],
    );
    expect([...state.jobs.keys()]).toEqual(['c', 'd']);
    expect(state.people.get('two')?.leaves.get('c')?.tag).toBeCloseTo(10, 1);
    expect(ledgerReachMs(settings)).toBe(10_000);
  });
});
