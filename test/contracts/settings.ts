import { describe, expect, it } from 'vitest';
import { openWeights, readWeights } from '../../src/jobs/weights.ts';
import { changeOwnSetting, changeSettingHere } from '../../src/people/change-settings.ts';
import { communitySettingsOf, personSettingsOf } from '../../src/people/settings.ts';
import { auditPage, verifyAudit } from '../../src/store/audit.ts';
import type { Store } from '../../src/store/store.ts';
import { type NewPlace, opened } from './place.ts';

const by = { actor: 'person:mona', at: 1 };
const here = { ...by, communityId: 'farm' };

/** What every database must do for settings: none is lost, and none is without its audit row. */
export function settingsContract(newPlace: NewPlace): void {
  describe('settings', () => {
    /** Two processes on one database. */
    const both = async (): Promise<readonly [Store, Store]> => {
      const place = await newPlace();
      return [await opened(place), await opened(place, { role: 'tool' })];
    };
    const rows = async ({ db }: Store) => (await auditPage(db, {}, { limit: 100 })).toReversed();

    it('that several managers change at the same moment are all kept, each with what it was before', async () => {
      const stores = await both();
      const roles = Array.from({ length: 24 }, (_, i) => String(10_000 + i));
      const changes = roles.map(async (role, i) =>
        changeSettingHere(
          stores[i % 2 === 0 ? 0 : 1],
          { ...here, name: 'moderator-roles' },
          (before) => ({ ...before, moderatorRoles: [...before.moderatorRoles, role] }),
          ({ moderatorRoles }) => moderatorRoles.length,
        ),
      );
      const other = changeSettingHere(
        stores[1],
        { ...here, name: 'size' },
        (before) => ({ ...before, size: 128 }),
        ({ size }) => size ?? null,
      );
      await Promise.all([...changes, other]);
      const [store] = stores;
      const { moderatorRoles, size } = await communitySettingsOf(store, 'farm');
      expect([moderatorRoles.toSorted(), size]).toEqual([roles, 128]);
      const details = (await rows(store)).map(({ detail }) => detail);
      expect(details.filter(({ name }) => name === 'moderator-roles')).toEqual(
        roles.map((_, i) => ({ name: 'moderator-roles', from: i, to: i + 1 })),
      );
      expect(details.filter(({ name }) => name === 'size')).toEqual([{ name: 'size', from: null, to: 128 }]);
      expect((await verifyAudit(store.db)).brokenAt).toBeUndefined();
    });

    it('of a person are kept likewise, and the trail has no values of theirs', async () => {
      const stores = await both();
      await Promise.all([
        changeOwnSetting(stores[0], { ...by, personId: 'anna', name: 'balance' }, (own) => ({ ...own, balance: 5 })),
        changeOwnSetting(stores[1], { ...by, personId: 'anna', name: 'keep' }, (own) => ({ ...own, keep: 'face' })),
        changeOwnSetting(stores[0], { ...by, personId: 'anna', name: 'count' }, (own) => ({ ...own, count: 2 })),
      ]);
      expect(await personSettingsOf(stores[1], 'anna')).toEqual({ balance: 5, keep: 'face', count: 2 });
      const details = (await rows(stores[0])).map(({ detail }) => detail);
      expect(details).toHaveLength(3);
      for (const detail of details) expect(Object.keys(detail)).toEqual(['name']);
    });

    it('are as they were where they or the row about them cannot be written', async () => {
      const [store] = await both();
      const change = (value: number, trail: () => number) =>
        changeSettingHere(store, { ...here, name: 'hide-after' }, (old) => ({ ...old, hideAfter: value }), trail);
      await change(7, () => 7);
      await expect(change(101, () => 101)).rejects.toThrow('hideAfter');
      const broken = (): number => {
        throw new Error('There is no row.');
      };
      await expect(change(8, broken)).rejects.toThrow('There is no row.');
      expect((await communitySettingsOf(store, 'farm')).hideAfter).toBe(7);
      expect(await rows(store)).toHaveLength(1);
    });

    it('that are weights go by the person before their roles, over a restart', async () => {
      const [store] = await both();
      const heard: unknown[] = [];
      const jobs = { setWeight: (weight: unknown) => void heard.push(weight) };
      const weights = openWeights({ store, jobs, clock: () => 1 });
      const anna = { community: 'farm', person: 'anna' };
      await weights.follow(anna, 1);
      await weights.follow(anna, 2);
      await weights.follow(anna, 2);
      expect(await weights.set(anna, 4, 'person:mona')).toEqual({ name: 'weight', from: 2, to: 4 });
      await weights.follow(anna, 0.5);
      expect(await readWeights(store)).toEqual([{ ...anna, weight: 4 }]);
      await weights.set(anna, undefined, 'person:mona');
      await weights.follow(anna, 0.5);
      expect(await readWeights(store)).toEqual([{ ...anna, weight: 0.5 }]);
      await weights.follow(anna, 1);
      expect(await readWeights(store)).toEqual([]);
      expect(heard).toEqual([2, 4, 4, 1, 0.5, 1].map((weight) => ({ ...anna, weight })));
      expect((await rows(store)).map(({ detail: { from, to } }) => [from, to])).toEqual([
        [2, 4],
        [4, 1],
      ]);
    });
  });
}
