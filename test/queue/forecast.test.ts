import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { seeded } from '../../bench/random.ts';
import { forecast } from '../../src/queue/forecast.ts';
import { emptyShares, enqueueJob, finishUnit, pickUnit } from '../../src/queue/policy.ts';
import type { FairShareState } from '../../src/queue/shares.ts';

/** Starts and ends of a queue that is left alone, as the policy itself gives them. */
function lived(
  state: FairShareState,
  engines: number,
): Map<string, { position: number; startMs: number; doneMs: number }> {
  const units = new Map([...state.jobs.values()].map((job) => [job.id, job.units]));
  const found = new Map<string, { position: number; startMs: number; doneMs: number }>();
  const busy: { unitId: string; endMs: number; costMs: number; jobId: string }[] = [...state.running.values()].map(
    ({ unitId, jobId, startedAtMs, estimateMs }) => ({
      unitId,
      jobId,
      costMs: estimateMs,
      endMs: startedAtMs + estimateMs,
    }),
  );
  let nowMs = 0;
  for (let position = 1; state.waitingUnits > 0;) {
    const picked = busy.length < engines ? pickUnit(state, nowMs) : undefined;
    if (picked === undefined) {
      const [first] = busy.sort((one, other) => one.endMs - other.endMs).splice(0, 1);
      nowMs = first.endMs;
      finishUnit(state, first.unitId, first.costMs, nowMs);
      continue;
    }
    const { unitId, jobId, estimateMs } = picked;
    busy.push({ unitId, jobId, costMs: estimateMs, endMs: nowMs + estimateMs });
    const known = found.get(jobId) ?? { position, startMs: nowMs, doneMs: 0 };
    if (units.has(jobId)) found.set(jobId, { ...known, doneMs: nowMs + estimateMs });
    position += 1;
  }
  return found;
}

function filled(seed: number, jobs: number, options: { hopping: boolean; engines: number }): FairShareState {
  const random = seeded(seed);
  const state = emptyShares({ halfLifeMs: 1e30, maxRunningPerPerson: 1 + Math.floor(random() * 4) });
  const people = 2 + Math.floor((random() * jobs) / 3);
  for (let index = 0; index < jobs; index += 1) {
    const person = Math.floor(random() * people);
    const community = `c${options.hopping ? Math.floor(random() * 5) : person % 5}`;
    const units = 1 + Math.floor(random() * 3);
    enqueueJob(state, { id: `j${index}`, person: `p${person}`, community, units, unitCostMs: 1 + 20 * random() }, 0);
  }
  for (let engine = 0; engine < options.engines; engine += 1) pickUnit(state, 0);
  return state;
}

describe('forecast', () => {
  it.each([[false], [true]])('says what then happens (people in several communities: %s)', (hopping) => {
    fc.assert(
      fc.property(fc.integer(), fc.constantFrom(1, 2, 4, 8), (seed, engines) => {
        const state = filled(seed, 60, { hopping, engines });
        const forecasts = [...state.jobs.keys()].map((id) => ({ id, ...forecast(state, id, engines, 0) }));
        const truth = lived(state, engines);
        for (const { id, position, startsInMs, doneInMs, approximate } of forecasts) {
          const { position: at, startMs, doneMs } = truth.get(id) ?? { position: 0, startMs: 0, doneMs: 0 };
          expect({ id, position, approximate }).toEqual({ id, position: at, approximate: false });
          expect(startsInMs).toBeCloseTo(startMs, 6);
          expect(doneInMs).toBeCloseTo(doneMs, 6);
        }
      }),
      { numRuns: 150 },
    );
  });

  it('stays close beyond the pictures that it plays', () => {
    const state = filled(7, 4000, { hopping: false, engines: 4 });
    const ids = [...state.jobs.keys()].filter((_, index) => index % 97 === 0);
    const forecasts = ids.map((id) => ({ id, ...forecast(state, id, 4, 0) }));
    const truth = lived(state, 4);
    const far = forecasts.filter(({ approximate }) => approximate);
    expect(far.length).toBeGreaterThan(5);
    for (const { id, position, startsInMs } of far) {
      const { position: at, startMs } = truth.get(id) ?? { position: 0, startMs: 0 };
      expect(Math.abs(position / at - 1)).toBeLessThan(0.05);
      expect(Math.abs(startsInMs / startMs - 1)).toBeLessThan(0.05);
    }
  });

  it('does not promise more than the running cap allows, however many engines there are', () => {
    const state = emptyShares({ halfLifeMs: 1e30, maxRunningPerPerson: 2 });
    const job = { person: 'flood', community: 'c', unitCostMs: 10 };
    enqueueJob(state, { ...job, id: 'long', units: 3000 }, 0);
    enqueueJob(state, { ...job, id: 'last', units: 1 }, 0);
    expect(forecast(state, 'last', 8, 0)).toMatchObject({ position: 3001, startsInMs: 15_000, approximate: true });
  });

  it('knows whose pictures are ahead', () => {
    const state = emptyShares({ halfLifeMs: 1000, maxRunningPerPerson: 4 });
    const job = { units: 2, unitCostMs: 10 };
    enqueueJob(state, { ...job, id: 'a', person: 'one', community: 'here' }, 0);
    enqueueJob(state, { ...job, id: 'b', person: 'two', community: 'here' }, 0);
    enqueueJob(state, { ...job, id: 'c', person: 'three', community: 'there' }, 0);
    enqueueJob(state, { ...job, id: 'd', person: 'two', community: 'here' }, 0);
    expect(forecast(state, 'd', 1, 0)).toEqual({
      position: 7,
      startsInMs: 60,
      doneInMs: 80,
      ahead: { own: 2, here: 2, peopleHere: 1, elsewhere: 2, communities: 1 },
      approximate: false,
    });
    expect(() => forecast(state, 'gone', 1, 0)).toThrow('Expected a waiting job for `jobId`, got "gone".');
  });
});
