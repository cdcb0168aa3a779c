import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import {
  cancelJob,
  emptyShares,
  enqueueJob,
  finishUnit,
  pickUnit,
  setWeight,
  startUnitOf,
  usedLastHourMs,
} from '../../src/queue/policy.ts';
import type { FairShareState } from '../../src/queue/shares.ts';

const job = { units: 1, unitCostMs: 10 };

function shares(settings: { halfLifeMs?: number; maxRunningPerPerson?: number } = {}): FairShareState {
  return emptyShares({ halfLifeMs: 1e9, maxRunningPerPerson: 9, ...settings });
}

/** Paints `count` pictures one after the other, each in exactly its estimate, from `nowMs` on. */
function paint(state: FairShareState, count: number, nowMs = 0): string[] {
  return Array.from({ length: count }, () => {
    const picked = pickUnit(state, nowMs);
    if (picked === undefined) return '-';
    finishUnit(state, picked.unitId, picked.estimateMs, nowMs);
    return picked.jobId;
  });
}

describe('the order', () => {
  it('shares by weight between communities, and between people in one', () => {
    const state = shares();
    setWeight(state, 2, 0, 'big');
    setWeight(state, 3, 0, 'big', 'x');
    for (const [id, community] of [
      ['x', 'big'],
      ['y', 'big'],
      ['z', 'small'],
    ]) {
      enqueueJob(state, { ...job, id, person: id, community, units: 200 }, 0);
    }
    const order = paint(state, 120);
    const counts = ['x', 'y', 'z'].map((id) => order.filter((one) => one === id).length);
    expect(counts).toEqual([60, 20, 40]);
  });

  it('charges a picture by its cost: four small ones for a large one', () => {
    const state = shares();
    enqueueJob(state, { id: 'large', person: 'a', community: 'c', units: 9, unitCostMs: 40 }, 0);
    enqueueJob(state, { id: 'small', person: 'b', community: 'c', units: 90, unitCostMs: 10 }, 0);
    const order = paint(state, 40);
    expect(order.filter((one) => one === 'large')).toHaveLength(8);
  });

  it('starts a newcomer within one picture of every other active community', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 9 }),
        fc.nat(60),
        (costs, before) => {
          const state = shares();
          for (const [index, unitCostMs] of costs.entries()) {
            enqueueJob(
              state,
              { id: `j${index}`, person: `p${index}`, community: `c${index}`, units: 200, unitCostMs },
              0,
            );
          }
          paint(state, before);
          const running = pickUnit(state, 0);
          enqueueJob(state, { ...job, id: 'new', person: 'newcomer', community: 'new' }, 0);
          if (running !== undefined) finishUnit(state, running.unitId, running.estimateMs * 2, 0);
          const order = paint(state, costs.length + 1);
          expect(order).toContain('new');
          const ahead = order.slice(0, order.indexOf('new'));
          expect(new Set(ahead).size).toBe(ahead.length);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('never starves: between two starts of a waiting person, siblings get what the bound allows', () => {
    const state = shares();
    enqueueJob(state, { id: 'patient', person: 'patient', community: 'quiet', units: 100, unitCostMs: 50 }, 0);
    enqueueJob(state, { id: 'flood', person: 'flood', community: 'loud', units: 5000, unitCostMs: 1 }, 0);
    const order = paint(state, 2000);
    const starts = order.flatMap((one, index) => (one === 'patient' ? [index] : []));
    const gaps = starts.slice(1).map((start, index) => start - starts[index]);
    expect(Math.max(...gaps)).toBeLessThanOrEqual(52);
  });

  it('saves up no turns for who was away, and remembers what who left is ahead by', () => {
    const state = shares({ halfLifeMs: 100 });
    enqueueJob(state, { ...job, id: 'a', person: 'a', community: 'c', units: 50 }, 0);
    expect(paint(state, 20)).toHaveLength(20);
    enqueueJob(state, { ...job, id: 'b', person: 'b', community: 'c', units: 50 }, 0);
    expect(paint(state, 6)).toEqual(['b', 'a', 'b', 'a', 'b', 'a']);
  });

  it.each([
    [0, ['heavy', 'light', 'light', 'light', 'heavy']],
    [300, ['heavy', 'light', 'heavy', 'light', 'light']],
  ])('forgets by the half-life: asked again after %i ms', (idleMs, expected) => {
    const state = shares({ halfLifeMs: 100 });
    enqueueJob(state, { id: 'heavy', person: 'heavy', community: 'c', units: 1, unitCostMs: 25 }, 0);
    const order = paint(state, 1);
    enqueueJob(state, { id: 'light', person: 'light', community: 'c', units: 50, unitCostMs: 10 }, idleMs);
    enqueueJob(state, { id: 'heavy', person: 'heavy', community: 'c', units: 1, unitCostMs: 25 }, idleMs);
    expect([...order, ...paint(state, 4, idleMs)]).toEqual(expected);
  });

  it('gives all of a lost picture back', () => {
    const state = shares();
    enqueueJob(state, { ...job, id: 'a', person: 'a', community: 'c', units: 3 }, 0);
    enqueueJob(state, { ...job, id: 'b', person: 'b', community: 'c', units: 3 }, 0);
    const lost = pickUnit(state, 0);
    expect(lost?.jobId).toBe('a');
    finishUnit(state, lost?.unitId ?? '', 0, 0);
    expect(paint(state, 2)).toEqual(['a', 'b']);
  });
});

describe('caps and leaving', () => {
  it('runs no more of one person at once than the cap, over all communities', () => {
    const state = shares({ maxRunningPerPerson: 2 });
    for (const community of ['one', 'two', 'three']) {
      enqueueJob(state, { ...job, id: community, person: 'me', community, units: 2 }, 0);
    }
    const picked = [0, 1, 2].map(() => pickUnit(state, 0));
    expect(picked.map((unit) => unit?.jobId)).toEqual(['one', 'one', undefined]);
    expect([state.eligibleUnits, state.waitingUnits]).toEqual([0, 4]);
    finishUnit(state, picked[0]?.unitId ?? '', 10, 5);
    expect(state.eligibleUnits).toBe(4);
    expect(pickUnit(state, 5)?.jobId).toBe('two');
  });

  it('cancels a job wherever it stands, whole or in part', () => {
    const state = shares();
    for (const id of ['a', 'b', 'c']) enqueueJob(state, { ...job, id, person: 'me', community: id, units: 3 }, 0);
    expect([cancelJob(state, 'b', 0), cancelJob(state, 'b', 0), cancelJob(state, 'a', 0, 2)]).toEqual([3, 0, 2]);
    expect(paint(state, 5)).toEqual(['a', 'c', 'c', 'c', '-']);
    expect([state.eligibleUnits, state.waitingUnits, state.jobs.size]).toEqual([0, 0, 0]);
  });

  it('counts the use of the last hour only', () => {
    const state = shares();
    enqueueJob(state, { ...job, id: 'a', person: 'me', community: 'c', units: 3 }, 0);
    for (const atMs of [0, 1_000_000, 4_000_000]) paint(state, 1, atMs);
    expect(usedLastHourMs(state, 'me', 4_000_000)).toBe(20);
    expect(usedLastHourMs(state, 'me', 9_000_000)).toBe(0);
    expect(usedLastHourMs(state, 'nobody', 0)).toBe(0);
  });

  it('says what was wrong with a call', () => {
    const state = shares();
    enqueueJob(state, { ...job, id: 'a', person: 'me', community: 'c' }, 0);
    expect(() => shares({ halfLifeMs: 0 })).toThrow('Expected a number over 0 for `halfLifeMs`, got 0.');
    expect(() => enqueueJob(state, { ...job, id: 'b', person: 'me', community: 'c', units: 0.5 }, 0)).toThrow(
      '`units`',
    );
    expect(() => enqueueJob(state, { ...job, id: 'b', person: 'me', community: 'c', unitCostMs: NaN }, 0)).toThrow(
      '`unitCostMs`',
    );
    expect(() => enqueueJob(state, { ...job, id: 'a', person: 'you', community: 'c' }, 0)).toThrow('job "a"');
    expect(() => startUnitOf(state, 'gone', 0)).toThrow('`jobId`');
    expect(() => finishUnit(state, 'gone', 1, 0)).toThrow('`unitId`');
    expect(() => finishUnit(state, pickUnit(state, 0)?.unitId ?? '', -1, 0)).toThrow('`measuredMs`');
    expect(() => setWeight(state, 0, 0, 'c')).toThrow('`weight`');
  });
});
