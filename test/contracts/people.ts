import { describe, expect, it } from 'vitest';
import { chatOf, communityByChat, ensureCommunity, moveChat } from '../../src/store/communities.ts';
import { insertJob, listJobs } from '../../src/store/jobs.ts';
import { ensurePerson, identitiesOf, mergePeople, personByIdentity } from '../../src/store/people.ts';
import { addUsage, engineMsOfPerson, forgetUsage, type UsageCursor, usageSince } from '../../src/store/usage.ts';
import { type NewPlace, opened } from './place.ts';
import { newJob, settle } from './rows.ts';

const usage = (at: number, personId = 'anna') => ({
  jobId: `j${at}`,
  communityId: 'farm',
  personId,
  engineMs: 10.5,
  at,
});

/** What every database must do for people, communities and what they used. */
export function peopleContract(newPlace: NewPlace): void {
  describe('people', () => {
    it('are known again by their identity', async () => {
      const store = await opened(await newPlace());
      const ensure = (newPersonId: string, platformUserId = '1') =>
        store.transaction((tx) => ensurePerson(tx, { platform: 'discord', platformUserId, newPersonId, at: 1 }));
      expect(await ensure('p1')).toBe('p1');
      expect(await ensure('p2')).toBe('p1');
      expect(await ensure('p3', '2')).toBe('p3');
      expect(await personByIdentity(store.db, { platform: 'telegram', platformUserId: '1' })).toBeUndefined();
    });

    it('are one person each, however many see them first', async () => {
      const store = await opened(await newPlace());
      const ids = await Promise.all(
        ['p1', 'p2', 'p3', 'p4'].map((newPersonId) =>
          store.transaction((tx) => ensurePerson(tx, { platform: 'discord', platformUserId: '1', newPersonId, at: 1 })),
        ),
      );
      expect(new Set(ids).size).toBe(1);
    });

    it('become one with their jobs and use when they are linked', async () => {
      const store = await opened(await newPlace());
      await settle(store);
      await insertJob(store.db, newJob('one', { personId: 'bert' }));
      await store.transaction(async (tx) => {
        await addUsage(tx, usage(1, 'bert'));
        await addUsage(tx, usage(2, 'anna'));
        await mergePeople(tx, { from: 'bert', into: 'anna' });
        await mergePeople(tx, { from: 'anna', into: 'anna' });
      });
      expect((await identitiesOf(store.db, 'anna')).map((i) => i.platformUserId)).toEqual(['user-anna', 'user-bert']);
      expect(await listJobs(store.db, { personId: 'anna' }, { limit: 9 })).toHaveLength(1);
      expect(await engineMsOfPerson(store.db, 'anna', 0)).toBe(21);
    });
  });

  describe('communities', () => {
    it('are known again by their chat, also after it moved', async () => {
      const store = await opened(await newPlace());
      const chat = { platform: 'telegram', platformChatId: '-5' };
      const ensure = (newCommunityId: string) =>
        store.transaction((tx) => ensureCommunity(tx, { ...chat, newCommunityId, at: 1 }));
      expect(await ensure('c1')).toBe('c1');
      expect(await ensure('c2')).toBe('c1');
      expect(await store.transaction((tx) => moveChat(tx, chat, '-1005'))).toBe(true);
      expect(await communityByChat(store.db, chat)).toBeUndefined();
      expect(await chatOf(store.db, 'c1')).toEqual({ platform: 'telegram', platformChatId: '-1005' });
    });
  });

  describe('usage', () => {
    it('is paged from a time on, each row once, also where times are equal', async () => {
      const store = await opened(await newPlace());
      await store.transaction(async (tx) => {
        for (const at of [50, 10, 20, 20, 20, 30]) await addUsage(tx, usage(at));
      });
      const times: number[] = [];
      let after: UsageCursor | undefined;
      for (;;) {
        const page = await usageSince(store.db, { since: 20, limit: 2, ...(after && { after }) });
        times.push(...page.map((row) => row.at));
        after = page.at(-1);
        if (after === undefined) break;
      }
      expect(times).toEqual([20, 20, 20, 30, 50]);
    });

    it('is summed by person and forgotten in steps', async () => {
      const store = await opened(await newPlace());
      await store.transaction(async (tx) => {
        for (const at of [10, 20, 30]) await addUsage(tx, usage(at));
      });
      expect(await engineMsOfPerson(store.db, 'anna', 20)).toBe(21);
      expect(await engineMsOfPerson(store.db, 'nobody', 0)).toBe(0);
      expect(await store.transaction((tx) => forgetUsage(tx, 25, 1))).toBe(1);
      expect(await store.transaction((tx) => forgetUsage(tx, 25, 9))).toBe(1);
      expect(await engineMsOfPerson(store.db, 'anna', 0)).toBe(10.5);
    });
  });
}
