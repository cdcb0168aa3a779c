import { describe, expect, it } from 'vitest';

import { cancelJob, emptyShares, enqueueJob, finishUnit, pickUnit } from '../../src/queue/policy.ts';
import { explainWait } from '../../src/queue/reasons.ts';

const job = { units: 1, unitCostMs: 10_000 };

describe('explainWait', () => {
  it('says which shares are ahead, what the engine does and what was used', () => {
    const state = emptyShares({ halfLifeMs: 1e9, maxRunningPerPerson: 1 });
    enqueueJob(state, { ...job, id: 'mine', person: 'me', community: 'here', units: 3 }, 0);
    const first = pickUnit(state, 0);
    finishUnit(state, first?.unitId ?? '', 12_000, 12_000);
    enqueueJob(state, { ...job, id: 'yours', person: 'you', community: 'here' }, 12_000);
    enqueueJob(state, { ...job, id: 'theirs', person: 'they', community: 'there', units: 2 }, 12_000);
    enqueueJob(state, { ...job, id: 'more', person: 'me', community: 'here' }, 12_000);
    expect(pickUnit(state, 12_000)?.jobId).toBe('theirs');

    const { forecast, reasons, usedLastHourMs, sentence } = explainWait(state, 'more', 1, 14_000);
    expect(forecast).toMatchObject({ position: 5, startsInMs: 48_000, doneInMs: 58_000 });
    expect(reasons).toEqual([
      { kind: 'own-jobs-first', pictures: 2 },
      { kind: 'people-here-first', people: 1, pictures: 1 },
      { kind: 'communities-first', communities: 1, pictures: 1 },
      { kind: 'engines-busy', engines: 1, running: 1, own: 0, freeInMs: 8000 },
    ]);
    expect(usedLastHourMs).toBe(12_000);
    expect(sentence).toBe(
      'You are at place 5, and it should start in about 48 seconds: 2 pictures that you asked for earlier come first; ' +
        '1 picture of 1 other person here, who used less than you or came first; 1 picture of 1 other community, whose turn comes first; ' +
        'the engine is painting 1 picture, and one is free in about 8 seconds. In the last hour you used 12 seconds of engine time.',
    );
  });

  it('names the running limit, and a start elsewhere that counts here', () => {
    const state = emptyShares({ halfLifeMs: 1e9, maxRunningPerPerson: 1 });
    enqueueJob(state, { ...job, id: 'a', person: 'me', community: 'one' }, 0);
    enqueueJob(state, { ...job, id: 'b', person: 'me', community: 'two' }, 0);
    enqueueJob(state, { ...job, id: 'c', person: 'you', community: 'three', units: 5 }, 0);
    const running = pickUnit(state, 0);
    expect(explainWait(state, 'b', 2, 0).reasons).toContainEqual({ kind: 'running-limit', running: 1, limit: 1 });
    finishUnit(state, running?.unitId ?? '', 10_000, 10_000);
    expect(explainWait(state, 'b', 1, 10_000).reasons).toEqual([
      { kind: 'used-elsewhere' },
      { kind: 'communities-first', communities: 1, pictures: 1 },
    ]);
    cancelJob(state, 'c', 10_000);
    expect(explainWait(state, 'b', 1, 10_000)).toMatchObject({ forecast: { position: 1, startsInMs: 0 } });
  });

  it('has nothing to complain about for the next in line', () => {
    const state = emptyShares({ halfLifeMs: 1e9, maxRunningPerPerson: 1 });
    enqueueJob(state, { ...job, id: 'a', person: 'me', community: 'one' }, 0);
    expect(explainWait(state, 'a', 1, 0).sentence).toBe(
      'You are at place 1, and it should start in about 1 second: nothing is ahead of you. In the last hour you used no engine time.',
    );
  });
});
