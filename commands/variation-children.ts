/** The jobs that a button has made of a picture before. */
import type { Store } from '../src/store/store.ts';
import { isLive } from './press-rights.ts';

/**
 * The key of the next job of this press, so that two presses at one moment make one job; undefined while the last one's
 * job is still being worked on.
 */
export async function nextVariationKey(store: Store, parentId: string, press: string): Promise<string | undefined> {
  const prefix = `${parentId}:${press}:`;
  const children = await store.db
    .selectFrom('jobs')
    .select(['idempotencyKey', 'state'])
    .where('parentId', '=', parentId)
    .execute();
  const same = children.filter(({ idempotencyKey }) => idempotencyKey.startsWith(prefix));
  if (same.some(({ state }) => isLive(state) || state === 'held')) return undefined;
  // Deleted ones leave gaps: the number after the highest is free.
  const numbers = same.map(({ idempotencyKey }) => Number(idempotencyKey.slice(prefix.length)));
  return `${prefix}${Math.max(0, ...numbers) + 1}`;
}
