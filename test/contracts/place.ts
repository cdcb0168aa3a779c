import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { onTestFinished } from 'vitest';
import { openStore, type Store, type StoreOptions } from '../../src/store/store.ts';

/** Where a store can be: a new data folder, and a new database where it is PostgreSQL. */
export type Place = Pick<StoreOptions, 'dataDir' | 'databaseUrl' | 'blobKey'>;

/** Makes a place for the running test; what it made is gone when the test is over. */
export type NewPlace = () => Promise<Place>;

/** A folder that is gone when the test is over. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'cowbot-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** A clock that stands still until it is told. */
export class StoppedClock {
  now = Date.UTC(2026, 0, 1);

  readonly read = (): number => this.now;
}

/** Opens a store that is closed when the test is over, if it has not been before. */
export async function opened(place: Place, options: Partial<StoreOptions> = {}): Promise<Store> {
  const store = await openStore({ clock: new StoppedClock().read, role: 'bot', ...place, ...options });
  let open = true;
  const close = async () => {
    if (open) await store.close();
    open = false;
  };
  onTestFinished(close);
  return { ...store, close };
}
