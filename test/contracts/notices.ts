import { describe, expect, it } from 'vitest';
import { insertCase, insertReport } from '../../src/store/cases.ts';
import { insertJob } from '../../src/store/jobs.ts';
import {
  dueNotices,
  factsOfCards,
  insertNotice,
  laneOfNotice,
  markNoticeSent,
  type NewNotice,
  nextEditAt,
  nextNoticeAt,
  postponeNotice,
  setNoticeShows,
  standingCards,
} from '../../src/store/notices.ts';
import type { Store } from '../../src/store/store.ts';
import { type NewPlace, opened } from './place.ts';
import { newJob, settle } from './rows.ts';

const notice = (id: string, fields: Partial<NewNotice> = {}): NewNotice => ({
  id,
  subject: id,
  kind: 'lifted',
  platform: 'test',
  target: { kind: 'person', userId: 'anna' },
  personId: null,
  communityId: null,
  caseId: null,
  detail: {},
  createdAt: 1,
  ...fields,
});

async function withNotices(newPlace: NewPlace, ...notices: readonly NewNotice[]): Promise<Store> {
  const store = await opened(await newPlace());
  await settle(store);
  await store.transaction(async (tx) => {
    for (const one of notices) await insertNotice(tx, one);
  });
  return store;
}

const ids = (rows: readonly { readonly id: string }[]): string[] => rows.map(({ id }) => id);

/** What every database must do for what people are to be told. */
export function noticesContract(newPlace: NewPlace): void {
  describe('notices', () => {
    it('come one after the other to one target, the oldest first, whatever keeps that waiting', async () => {
      const [second, first] = [notice('a', { createdAt: 2 }), notice('b')];
      const other = notice('c', { target: { kind: 'channel', channelId: '7' }, createdAt: 3 });
      const { db } = await withNotices(newPlace, second, first, other);
      const due = async (busy = {}) => ids(await dueNotices(db, { now: 10, limit: 9, ...busy }));
      expect(await due()).toEqual(['b', 'c']);
      expect(await due({ lanes: [laneOfNotice(first)] })).toEqual(['c']);
      expect(await due({ platforms: ['test'] })).toEqual([]);
      await postponeNotice(db, 'b', { nextAttemptAt: 20, reason: 'busy' });
      expect(await due()).toEqual(['c']);
      expect(await nextNoticeAt(db, 10)).toBe(20);
      expect(await markNoticeSent(db, 'b', { receipt: {}, shows: null })).toBe(true);
      expect(await due()).toEqual(['a', 'c']);
      expect(await markNoticeSent(db, 'nobody’s', { receipt: {}, shows: null })).toBe(false);
    });

    it('that are cards know what their cases have come to, and wait when an edit has to', async () => {
      const card = notice('card', { kind: 'card', caseId: 'case' });
      const store = await withNotices(newPlace, card, notice('lost', { kind: 'card', caseId: 'none' }));
      const { db } = store;
      await insertJob(db, { ...newJob('job'), state: 'held' });
      await store.transaction(async (tx) => {
        const about = { communityId: 'farm', personId: 'anna', jobId: 'job', sanctionId: null };
        await insertCase(tx, { id: 'case', kind: 'review', ...about, reason: 'x', note: null, openedAt: 1, dueAt: 9 });
        for (const [at, personId] of ['bert', 'anna'].entries())
          await insertReport(tx, { caseId: 'case', personId, reason: 'x', note: at === 0 ? 'look' : null, at });
      });
      const facts = { state: 'open', kind: 'review', jobState: 'held', notes: ['look', null] };
      expect([...(await factsOfCards(db, ['card', 'lost']))]).toEqual([['card', facts]]);

      await markNoticeSent(db, 'card', { receipt: {}, shows: 'open' });
      const standing = async (now: number, busy = {}) => ids(await standingCards(db, { now, ...busy }));
      expect(await standing(5)).toEqual(['card']);
      expect(await standing(5, { lanes: [laneOfNotice(card)] })).toEqual([]);
      await postponeNotice(db, 'card', { nextAttemptAt: 20, reason: 'busy' });
      expect([await standing(5), await standing(20)]).toEqual([[], ['card']]);
      expect([await nextEditAt(db, 5), await nextEditAt(db, 20)]).toEqual([20, undefined]);
      await setNoticeShows(db, 'card', null);
      expect(ids(await standingCards(db))).toEqual([]);
    });
  });
}
