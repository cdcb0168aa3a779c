import { existsSync } from 'node:fs';

import { type Config, readConfig } from '../config.ts';
import { Refusal } from '../errors.ts';
import { openStore, sqliteFile, type Store } from '../store/store.ts';

/**
 * Opens the store that the settings name beside a bot that may be running, and closes it after `work`.
 * @throws Refusal where there is none yet.
 */
export async function withToolStore<T>(work: (store: Store, config: Config) => Promise<T>): Promise<T> {
  const config = readConfig(process.env);
  const { dataDir, databaseUrl, blobKey } = config;
  if (databaseUrl === undefined && !existsSync(sqliteFile(dataDir))) {
    throw new Refusal(
      'store.missing',
      `There is no data of a bot in ${dataDir}. Set COWBOT_DATA to its folder, or start it once.`,
    );
  }
  const store = await openStore({ dataDir, databaseUrl, blobKey, clock: Date.now, role: 'tool' });
  try {
    return await work(store, config);
  } finally {
    await store.close();
  }
}

/** Ends with Ctrl-C or SIGTERM, so that what was begun can be left in order. */
export async function interruptible<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const stop = new AbortController();
  const onSignal = (): void => stop.abort(new Refusal('stopped', 'Stopped.'));
  process.once('SIGINT', onSignal).once('SIGTERM', onSignal);
  try {
    return await work(stop.signal);
  } finally {
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
  }
}
