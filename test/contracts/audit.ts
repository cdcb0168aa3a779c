import { describe, expect, it } from 'vitest';
import { appendAudit, auditPage, pruneAudit, verifyAudit } from '../../src/store/audit.ts';
import type { Store } from '../../src/store/store.ts';
import { type NewPlace, opened } from './place.ts';

const entry = (at: number, fields: { actor?: string; action?: string; subject?: string } = {}) => ({
  at,
  actor: 'system',
  action: 'job.running',
  subject: `job:${at}`,
  reason: 'its turn',
  detail: { attempt: 1, at },
  ...fields,
});

async function withRows(newPlace: NewPlace, count: number): Promise<Store> {
  const store = await opened(await newPlace());
  await store.transaction(async (tx) => {
    for (let at = 1; at <= count; at++) await appendAudit(tx, entry(at));
  });
  return store;
}

/** What every database must do for the audit trail. */
export function auditContract(newPlace: NewPlace): void {
  describe('audit', () => {
    it('holds over more than a page, also when many write at once', async () => {
      const store = await withRows(newPlace, 600);
      await Promise.all([701, 702, 703, 704].map((at) => store.transaction((tx) => appendAudit(tx, entry(at)))));
      expect(await verifyAudit(store.db)).toEqual({ rows: 604, brokenAt: undefined });
    });

    it('leaves nothing of a transaction that failed, and goes on after it', async () => {
      const store = await withRows(newPlace, 2);
      await expect(
        store.transaction(async (tx) => {
          await appendAudit(tx, entry(3));
          throw new Error('no');
        }),
      ).rejects.toThrow('no');
      expect(await store.transaction((tx) => appendAudit(tx, entry(4)))).toBe(3);
      expect(await verifyAudit(store.db)).toEqual({ rows: 3, brokenAt: undefined });
    });

    it('shows a row that was changed, taken out, cut off or added', async () => {
      const tampered: ((store: Store) => Promise<unknown>)[] = [
        (store) => store.db.updateTable('audit').set({ reason: 'none' }).where('seq', '=', 2).execute(),
        (store) => store.db.deleteFrom('audit').where('seq', '=', 2).execute(),
        (store) => store.db.deleteFrom('audit').where('seq', '>=', 2).execute(),
      ];
      for (const tamper of tampered) {
        const store = await withRows(newPlace, 4);
        await tamper(store);
        expect(await verifyAudit(store.db)).toEqual({ rows: 1, brokenAt: 2 });
        await store.close();
      }
    });

    it('is read in pages by who, what and to whom, the newest first', async () => {
      const store = await withRows(newPlace, 3);
      await store.transaction((tx) =>
        appendAudit(tx, entry(9, { actor: 'person:anna', action: 'job.cancelled', subject: 'job:1' })),
      );
      const seqs = async (...args: Parameters<typeof auditPage> extends [unknown, ...infer Rest] ? Rest : never) =>
        (await auditPage(store.db, ...args)).map((row) => row.seq);
      expect(await seqs({}, { limit: 2 })).toEqual([4, 3]);
      expect(await seqs({}, { limit: 2, beforeSeq: 3 })).toEqual([2, 1]);
      expect(await seqs({ subject: 'job:1' }, { limit: 9 })).toEqual([4, 1]);
      expect(await seqs({ actor: 'person:anna' }, { limit: 9 })).toEqual([4]);
      expect(await seqs({ action: 'job.running', subject: 'job:1' }, { limit: 9 })).toEqual([1]);
      expect((await auditPage(store.db, {}, { limit: 1, beforeSeq: 3 }))[0]).toMatchObject(entry(2));
    });

    it('still holds when its oldest rows are pruned, and when all are', async () => {
      const store = await withRows(newPlace, 6);
      expect(await store.transaction((tx) => pruneAudit(tx, 4, 2))).toBe(2);
      expect(await store.transaction((tx) => pruneAudit(tx, 4, 9))).toBe(1);
      expect(await store.transaction((tx) => pruneAudit(tx, 4, 9))).toBe(0);
      expect(await verifyAudit(store.db)).toEqual({ rows: 3, brokenAt: undefined });
      await store.transaction((tx) => pruneAudit(tx, 99, 9));
      await store.transaction((tx) => appendAudit(tx, entry(7)));
      expect(await verifyAudit(store.db)).toEqual({ rows: 1, brokenAt: undefined });
    });
  });
}
