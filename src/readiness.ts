/** Whether the bot takes new work, as `/readyz` says it. */
import type { Config } from './config.ts';
import type { Readiness } from './health.ts';
import type { Adapter } from './jobs/adapter.ts';
import type { Jobs } from './jobs/service.ts';
import type { Store } from './store/store.ts';

/** The bot at work. @property closing aborted when the end has begun. */
export interface WorkingBot {
  readonly store: Store;
  readonly jobs: Pick<Jobs, 'snapshot'>;
  readonly adapters: ReadonlyMap<string, Pick<Adapter, 'connection'>>;
  readonly closing: AbortSignal;
}

/** @param now Unix ms. @throws where the database cannot be read. */
export async function readinessOf(
  { store, jobs, adapters, closing }: WorkingBot,
  { minFreeBytes, engineDownMs }: Pick<Config, 'minFreeBytes' | 'engineDownMs'>,
  now: number,
): Promise<Readiness> {
  const { waitingPictures, engineDownSince, engines } = jobs.snapshot();
  const freeBytes = await store.freeBytes();
  const trouble: string[] = [];
  if (closing.aborted) trouble.push('The bot is stopping.');
  if (freeBytes < minFreeBytes) trouble.push('The disk is nearly full.');
  if (engineDownSince !== undefined && now - engineDownSince > engineDownMs) trouble.push('The engine is down.');
  for (const { connection } of adapters.values()) if (connection.kind === 'lost') trouble.push(connection.sentence);
  const painting = engines.filter(({ jobId }) => jobId !== undefined).length;
  return { trouble, facts: { waiting: waitingPictures, painting, engines: engines.length, freeBytes } };
}
