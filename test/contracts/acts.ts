import { describe, expect, it } from 'vitest';
import {
  dropActs,
  eraseActsOf,
  giveActBack,
  hasJobOfAct,
  markActDone,
  setJobOfAct,
  takeAct,
} from '../../src/store/acts.ts';
import { insertJob } from '../../src/store/jobs.ts';
import { type NewPlace, opened } from './place.ts';
import { newJob, settle } from './rows.ts';

const act = { platform: 'test', requestId: 'update:1' };
const [now, later] = ['this one', 'the next one'].map((takenBy) => ({ takenBy, at: 5 }));

/** What every database must do for what people did, told once or many times. */
export function actsContract(newPlace: NewPlace): void {
  describe('acts', () => {
    it('are taken by one of many who are told at once', async () => {
      const { db } = await opened(await newPlace());
      const taken = await Promise.all(Array.from({ length: 20 }, async () => takeAct(db, act, now)));
      expect(taken.filter(Boolean)).toHaveLength(1);
      expect(await takeAct(db, { ...act, platform: 'other' }, now)).toBe(true);
    });

    it('are taken over by one of the next process, unless they are done', async () => {
      const { db } = await opened(await newPlace());
      await takeAct(db, act, now);
      const taken = await Promise.all(Array.from({ length: 20 }, async () => takeAct(db, act, later)));
      expect(taken.filter(Boolean)).toHaveLength(1);
      await markActDone(db, act);
      expect(await takeAct(db, act, now)).toBe(false);
      await giveActBack(db, act);
      expect(await takeAct(db, act, now)).toBe(false);
    });

    it('are taken again once they were given back', async () => {
      const { db } = await opened(await newPlace());
      await takeAct(db, act, now);
      await giveActBack(db, act);
      expect(await takeAct(db, act, now)).toBe(true);
    });

    it('know the job that they have made', async () => {
      const store = await opened(await newPlace());
      await settle(store);
      await takeAct(store.db, act, now);
      await setJobOfAct(store.db, act, 'job');
      expect(await hasJobOfAct(store.db, act)).toBe(false);
      await insertJob(store.db, newJob('job'));
      expect(await hasJobOfAct(store.db, act)).toBe(true);
    });

    it('are forgotten with time, and with whoever they name', async () => {
      const store = await opened(await newPlace());
      const inChat = { ...act, requestId: 'message:77:1:x' };
      for (const [at, one] of [act, inChat, { ...act, requestId: 'message:7:1:x' }].entries())
        await takeAct(store.db, one, { takenBy: 'this one', at });
      const anna = [{ platform: 'test', platformUserId: '7' }];
      expect(await store.transaction(async (tx) => eraseActsOf(tx, anna))).toBe(1);
      expect(await store.transaction(async (tx) => dropActs(tx, 1, 9))).toBe(1);
      expect(await takeAct(store.db, act, now)).toBe(true);
      expect(await takeAct(store.db, inChat, now)).toBe(false);
    });
  });
}
