import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { seeded } from '../../bench/random.ts';
import { forecast } from '../../src/queue/forecast.ts';
import { front } from '../../src/queue/front.ts';
import { emptyShares, enqueueJob, pickUnit } from '../../src/queue/policy.ts';
import type { FairShareState } from '../../src/queue/shares.ts';

function filled(seed: number, jobs: number): FairShareState {
  const random = seeded(seed);
  const state = emptyShares({ halfLifeMs: 1e30, maxRunningPerPerson: 1 + Math.floor(random() * 3) });
  for (let index = 0; index < jobs; index += 1) {
    const [person, community] = [`p${Math.floor(random() * 20)}`, `c${Math.floor(random() * 4)}`];
    const units = 1 + Math.floor(random() * 3);
    enqueueJob(state, { id: `j${index}`, person, community, units, unitCostMs: 1 + 20 * random() }, 0);
  }
  pickUnit(state, 0);
  return state;
}

describe('front', () => {
  it('says of each what its forecast says, in the order of the starts', () => {
    fc.assert(
      fc.property(fc.integer(), fc.constantFrom(1, 2, 4), (seed, engines) => {
        const state = filled(seed, 60);
        const places = front(state, engines, 0, 25);
        expect(places).toHaveLength(25);
        for (const { jobId, ...place } of places) {
          const { position, startsInMs, doneInMs } = forecast(state, jobId, engines, 0);
          expect({ jobId, ...place }).toEqual({ jobId, position, startsInMs, doneInMs });
        }
        const positions = places.map(({ position }) => position);
        expect(positions).toEqual(positions.toSorted((one, other) => one - other));
        expect(positions[0]).toBe(1);
      }),
      { numRuns: 50 },
    );
  });

  it('leaves the queue as it is, and has all where few wait', () => {
    const state = filled(1, 5);
    const before = [...state.jobs.values()].map(({ id, units }) => [id, units]);
    expect(front(state, 1, 0, 50)).toHaveLength(before.length);
    expect([...state.jobs.values()].map(({ id, units }) => [id, units])).toEqual(before);
    expect(front(emptyShares({ halfLifeMs: 1, maxRunningPerPerson: 1 }), 1, 0, 50)).toEqual([]);
  });
});
