import { describe, expect, it } from 'vitest';

import { Refusal } from '../../src/errors.ts';
import { admitJob, inWords } from '../../src/queue/admission.ts';
import { emptyShares, enqueueJob, finishUnit, pickUnit } from '../../src/queue/policy.ts';

const job = { community: 'c', units: 2, unitCostMs: 5000 };

describe('admitJob', () => {
  it('refuses when too many of a person’s jobs wait, over all communities, and says when there will be room', () => {
    const state = emptyShares({ halfLifeMs: 1e6, maxRunningPerPerson: 2 });
    enqueueJob(state, { ...job, id: 'other', person: 'you' }, 0);
    for (const id of ['a', 'b']) {
      admitJob(state, 'me', 2, 1, 0);
      enqueueJob(state, { ...job, id, person: 'me', community: id }, 0);
    }
    let refusal: unknown;
    try {
      admitJob(state, 'me', 2, 1, 0);
    } catch (error) {
      refusal = error;
    }
    expect(refusal).toBeInstanceOf(Refusal);
    expect(refusal).toMatchObject({
      code: 'queue.full',
      // Theirs, mine, theirs, mine: my first job has all its pictures started after three pictures.
      details: { waiting: 2, limit: 2, roomInMs: 15_000 },
      message:
        'You already have 2 picture requests waiting, and 2 is the limit. There will be room in about 15 seconds; or cancel one that you no longer need.',
    });
    expect(() => admitJob(state, 'you', 2, 1, 0)).not.toThrow();
    expect(() => admitJob(state, 'nobody', 1, 1, 0)).not.toThrow();
  });

  it('lets the next one in at the time that it named', () => {
    const state = emptyShares({ halfLifeMs: 1e6, maxRunningPerPerson: 1 });
    enqueueJob(state, { ...job, id: 'a', person: 'me' }, 0);
    expect(() => admitJob(state, 'me', 1, 1, 0)).toThrow('in about 5 seconds');
    const first = pickUnit(state, 0);
    finishUnit(state, first?.unitId ?? '', 5000, 5000);
    expect(pickUnit(state, 5000)?.jobId).toBe('a');
    expect(() => admitJob(state, 'me', 1, 1, 5000)).not.toThrow();
  });
});

describe('inWords', () => {
  it.each([
    [0, '1 second'],
    [1001, '2 seconds'],
    [89_000, '89 seconds'],
    [90_001, '2 minutes'],
    [5_400_000, '2 hours'],
  ])('says %i ms', (ms, words) => {
    expect(inWords(ms)).toBe(words);
  });
});
