import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { seeded } from '../../bench/random.ts';
import { emptyShares, enqueueJob, finishUnit, pickUnit, setWeight } from '../../src/queue/policy.ts';

type Asking = 'all at once' | 'one after the other';

const untilMs = 6000;
const costMs = 10;

/**
 * Engine time that one person, "me", gets within `untilMs`, asking in the given communities, and the most that anybody
 * gets who is in one of these alone and has something waiting all the time. In a community of their own, somebody else
 * who is alone in a community of the same weight takes that part.
 */
function lived(
  seed: number,
  engines: number,
  asking: Asking,
  communityOf: (index: number) => string,
  /** What this person's pictures really take, over their estimate. */
  underestimate = 1,
) {
  const random = seeded(seed);
  const state = emptyShares({ halfLifeMs: 1e9, maxRunningPerPerson: engines });
  for (const community of ['c0', 'c1', 'c2']) {
    setWeight(state, 2 ** Math.floor(3 * random() - 1), 0, community);
    for (let other = Math.floor(random() * 6); other >= 0; other -= 1) {
      const id = `${community}/p${other}`;
      enqueueJob(state, { id, person: id, community, units: 2000, unitCostMs: costMs * (0.5 + random()) }, 0);
    }
  }
  enqueueJob(state, { id: 'alone/p', person: 'alone/p', community: 'alone', units: 2000, unitCostMs: costMs }, 0);
  const mine = new Set<string>();
  let asked = 0;
  const ask = (nowMs: number) => {
    const community = communityOf(asked);
    mine.add(state.communities.has(community) && !community.startsWith('own') ? community : 'alone');
    enqueueJob(state, { id: `mine${asked++}`, person: 'me', community, units: 1, unitCostMs: costMs }, nowMs);
  };
  const first = asking === 'all at once' ? 700 : engines;
  for (let index = 0; index < first; index += 1) ask(0);
  const got = new Map<string, number>();
  const busy: { unitId: string; actualMs: number; endMs: number; person: string }[] = [];
  for (let nowMs = 0; nowMs < untilMs;) {
    const picked = busy.length < engines ? pickUnit(state, nowMs) : undefined;
    if (picked !== undefined) {
      const actualMs = picked.estimateMs * (picked.person === 'me' ? underestimate : 1);
      busy.push({ ...picked, actualMs, endMs: nowMs + actualMs });
      continue;
    }
    const [ended] = busy.sort((one, other) => one.endMs - other.endMs).splice(0, 1);
    nowMs = ended.endMs;
    finishUnit(state, ended.unitId, ended.actualMs, nowMs);
    got.set(ended.person, (got.get(ended.person) ?? 0) + ended.actualMs);
    if (ended.person === 'me' && asking === 'one after the other') ask(nowMs);
  }
  const others = [...got].filter(([person]) => mine.has(person.split('/')[0]));
  return { mineMs: got.get('me') ?? 0, mostMs: Math.max(...others.map(([, ms]) => ms)) };
}

describe('a person in many communities', () => {
  it.each<[Asking, number]>([
    ['all at once', 1],
    ['all at once', 3],
    ['one after the other', 1],
    ['one after the other', 3],
  ])('gets no more than who is in the best of them only, asking %s, with %i engines', (asking, engines) => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 1, max: 5 }), (seed, count) => {
        const communities = ['c0', 'c1', 'c2', 'own0', 'own1'];
        const random = seeded(seed + 1);
        const runs = [
          lived(seed, engines, asking, (index) => communities[index % count]),
          lived(seed, engines, asking, () => communities[Math.floor(random() * count)]),
          lived(seed, engines, asking, (index) => `own${index}`),
          lived(seed, engines, asking, (index) => `own${index % count}`),
        ];
        for (const { mineMs, mostMs } of runs) expect(mineMs).toBeLessThanOrEqual(mostMs + 2 * (engines + 1) * costMs);
      }),
      { numRuns: 60 },
    );
  });

  it.each<[Asking]>([['all at once'], ['one after the other']])(
    'gains nothing by pictures that take more than was estimated, asking %s',
    (asking) => {
      for (let seed = 0; seed < 30; seed += 1) {
        for (const name of ['own', 'c']) {
          const { mineMs, mostMs } = lived(seed, 1, asking, (index) => `${name}${index % 3}`, 4);
          expect(mineMs).toBeLessThanOrEqual(mostMs + 16 * costMs);
        }
      }
    },
  );

  it('is held for what the last picture really took', () => {
    const state = emptyShares({ halfLifeMs: 1e9, maxRunningPerPerson: 9 });
    const job = { units: 1, unitCostMs: 10 };
    enqueueJob(state, { ...job, id: 'busy', person: 'other', community: 'busy', units: 9 }, 0);
    enqueueJob(state, { ...job, id: 'first', person: 'me', community: 'one' }, 0);
    enqueueJob(state, { ...job, id: 'second', person: 'me', community: 'two' }, 0);
    expect(pickUnit(state, 0)?.jobId).toBe('busy');
    finishUnit(state, pickUnit(state, 0)?.unitId ?? '', 35, 35);
    const order = Array.from({ length: 5 }, () => pickUnit(state, 35)?.jobId);
    expect(order).toEqual(['busy', 'busy', 'busy', 'second', 'busy']);
  });

  it('does not hold back anybody else in the community that they come to', () => {
    const state = emptyShares({ halfLifeMs: 1e9, maxRunningPerPerson: 9 });
    const job = { units: 1, unitCostMs: 10 };
    enqueueJob(state, { ...job, id: 'busy', person: 'other', community: 'busy', units: 9 }, 0);
    enqueueJob(state, { ...job, id: 'first', person: 'me', community: 'one' }, 0);
    enqueueJob(state, { ...job, id: 'second', person: 'me', community: 'two' }, 0);
    expect([pickUnit(state, 0)?.jobId, pickUnit(state, 0)?.jobId]).toEqual(['busy', 'first']);
    enqueueJob(state, { ...job, id: 'third', person: 'friend', community: 'two' }, 0);
    const order = Array.from({ length: 4 }, () => pickUnit(state, 0)?.jobId);
    expect(order).toEqual(['third', 'busy', 'second', 'busy']);
  });
});
