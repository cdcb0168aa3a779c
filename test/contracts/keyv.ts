import keyvTestSuite, { keyvIteratorTests } from '@keyv/test-suite';
import { Keyv } from 'keyv';
import * as vitest from 'vitest';
import { DatabaseKeyvAdapter } from '../../src/store/keyv-adapter.ts';
import { dropExpiredValues } from '../../src/store/settings.ts';
import { openStore, type Store } from '../../src/store/store.ts';
import { type NewPlace, opened, type Place, StoppedClock } from './place.ts';

const { afterAll, beforeAll, describe, expect, it } = vitest;

/** Keyv's public suite over every database, and what our own use of it adds. @param lastingPlace outlives one test. */
export function keyvContract(newPlace: NewPlace, lastingPlace: () => Promise<Place>): void {
  describe('keyv: the public suite', () => {
    let store: Store;
    beforeAll(async () => {
      store = await openStore({ ...(await lastingPlace()), role: 'bot', clock: () => Date.now() });
    });
    afterAll(() => store.close());
    // The suite sets the clock forward by replacing Date, so it is asked each time.
    const adapter = () => new DatabaseKeyvAdapter({ db: store.db, clock: () => Date.now() });
    // Its types name the vitest that it was built with; it takes `it`, `expect` and the hooks from whichever it is given.
    const runner = vitest as unknown as Parameters<typeof keyvTestSuite>[0];
    keyvTestSuite(runner, Keyv, adapter);
    keyvIteratorTests(runner, Keyv, adapter);
  });

  describe('keyv: settings and caches', () => {
    it('keep namespaces apart, whatever they and their keys are called', async () => {
      const store = await opened(await newPlace());
      const a = store.keyv<number>('a');
      const ab = store.keyv<number>('a:b');
      await a.set('b:c', 1);
      await ab.set('c', 2);
      expect([await a.get('b:c'), await ab.get('c')]).toEqual([1, 2]);
      await a.clear();
      expect([await a.get('b:c'), await ab.get('c')]).toEqual([undefined, 2]);
    });

    it('give what one store wrote to another', async () => {
      const place = await newPlace();
      const first = await opened(place);
      await first.keyv<{ language: string }>('settings').set('person:anna', { language: 'de' });
      await first.close();
      const second = await opened(place);
      expect(await second.keyv('settings').get('person:anna')).toEqual({ language: 'de' });
    });

    it('forget at the time that was set, and the rows go in steps', async () => {
      vitest.vi.useFakeTimers({ toFake: ['Date'], now: 1_000_000 });
      vitest.onTestFinished(() => void vitest.vi.useRealTimers());
      const store = await opened(await newPlace(), { clock: () => Date.now() });
      const cache = store.keyv<string>('cache', 500);
      await cache.set('short', 'x');
      await cache.set('long', 'y', 5_000);
      await store.keyv('settings').set('for ever', 'z');
      vitest.vi.setSystemTime(1_000_501);
      expect(await cache.get(['short', 'long'])).toEqual([undefined, 'y']);
      expect(await cache.has('short')).toBe(false);
      vitest.vi.setSystemTime(1_009_000);
      const drop = () => store.transaction((tx) => dropExpiredValues(tx, Date.now(), 1));
      expect([await drop(), await drop(), await drop()]).toEqual([1, 1, 0]);
      expect(await store.keyv('settings').get('for ever')).toBe('z');
    });

    it('iterate over more than a page', async () => {
      const store = await opened(await newPlace(), { clock: new StoppedClock().read });
      const adapter = new DatabaseKeyvAdapter({ db: store.db, clock: new StoppedClock().read });
      const keys = Array.from({ length: 450 }, (_, i) => `key-${String(i).padStart(3, '0')}`);
      await adapter.setMany(keys.map((key) => ({ key, value: 'v' })));
      const seen: string[] = [];
      for await (const [key] of adapter.iterator<string>()) seen.push(String(key));
      expect(seen.sort()).toEqual(keys);
      expect(await adapter.hasMany(['key-000', 'key-999'])).toEqual([true, false]);
    });

    it('say so when a write fails', async () => {
      const store = await opened(await newPlace());
      const settings = store.keyv<number>('settings');
      await store.close();
      await expect(settings.set('a', 1)).rejects.toThrow();
    });
  });
}
