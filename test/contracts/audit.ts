import { sql } from 'kysely';
import { describe, expect, it } from 'vitest';
import {
  appendAudit,
  type AuditFilter,
  auditPage,
  type AuditPlace,
  auditRow,
  auditTip,
  hasAuditHash,
  pruneAudit,
  verifyAudit,
} from '../../src/store/audit.ts';
import type { Store } from '../../src/store/store.ts';
import { type NewPlace, opened } from './place.ts';

const entry = (at: number, fields: { actor?: string; action?: string; subject?: string; community?: string } = {}) => ({
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

/** The second row takes the third's place, and the third the second's. */
async function swap({ db }: Store): Promise<void> {
  for (const [from, to] of [
    [2, 99],
    [3, 2],
    [99, 3],
  ] as const) {
    await sql`update audit set seq = ${to} where seq = ${from}`.execute(db);
  }
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
        (store) => sql`update audit set community = 'farm' where seq = 2`.execute(store.db),
        swap,
        (store) => sql`update audit set at = 0, hash = prev_hash where seq = 2`.execute(store.db),
      ];
      for (const tamper of tampered) {
        const store = await withRows(newPlace, 4);
        await tamper(store);
        expect(await verifyAudit(store.db)).toEqual({ rows: 1, brokenAt: 2 });
        await store.close();
      }
    });

    it('shows a community that was changed, and what was cut off at the end', async () => {
      const store = await opened(await newPlace());
      const add = (at: number, community: string) =>
        store.transaction((tx) => appendAudit(tx, entry(at, { community })));
      for (const at of [1, 2, 3]) await add(at, 'farm');
      expect(await verifyAudit(store.db)).toEqual({ rows: 3, brokenAt: undefined });
      await sql`update audit set community = 'town' where seq = 3`.execute(store.db);
      expect(await verifyAudit(store.db)).toEqual({ rows: 2, brokenAt: 3 });
      await sql`delete from audit where seq = 3`.execute(store.db);
      expect(await verifyAudit(store.db)).toEqual({ rows: 2, brokenAt: 3 });
      // With the head set back, too, only a hash that was noted elsewhere tells.
      const { hash } = await auditTip(store.db);
      await sql`update audit_head set seq = 2, hash = (select hash from audit where seq = 2)`.execute(store.db);
      expect(await verifyAudit(store.db)).toEqual({ rows: 2, brokenAt: undefined });
      expect(await hasAuditHash(store.db, hash)).toBe(false);
      expect(await hasAuditHash(store.db, (await auditTip(store.db)).hash)).toBe(true);
    });

    it('is read by community, kind, party and time, backwards and forwards', async () => {
      const store = await opened(await newPlace());
      const rows = [
        entry(10, { community: 'farm', action: 'job.queued', actor: 'person:anna' }),
        entry(20, { community: 'town', action: 'job.done' }),
        entry(30, { community: 'farm', action: 'jobs.other', subject: 'person:anna' }),
        entry(40, { community: 'farm', action: 'job.done' }),
        entry(50, { action: 'job.done', actor: 'person:annabel' }),
      ];
      await store.transaction(async (tx) => {
        for (const row of rows) await appendAudit(tx, row);
      });
      const seqs = async (filter: AuditFilter, place: Partial<AuditPlace> = {}) =>
        (await auditPage(store.db, filter, { limit: 9, ...place })).map(({ seq }) => seq);
      expect(await seqs({ community: 'farm' })).toEqual([4, 3, 1]);
      expect(await seqs({ action: 'job' })).toEqual([5, 4, 2, 1]);
      expect(await seqs({ action: 'job.done', community: 'farm' })).toEqual([4]);
      expect(await seqs({ party: 'person:anna' })).toEqual([5, 3, 1]);
      expect(await seqs({ from: 20, to: 40 })).toEqual([3, 2]);
      expect(await seqs({}, { afterSeq: 1, limit: 2 })).toEqual([3, 2]);
      expect(await seqs({ action: '%' })).toEqual([]);
      expect(await auditRow(store.db, 2)).toMatchObject({ seq: 2, community: 'town' });
      expect(await auditRow(store.db, 5)).not.toHaveProperty('community');
      expect(await auditRow(store.db, 6)).toBeUndefined();
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
