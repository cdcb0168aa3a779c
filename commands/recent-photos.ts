/** Photos that came without words: whoever sent them says within a quarter of an hour what to paint. */
import type { Store } from '../src/store/store.ts';
import type { JsonObject } from '../src/store/tables.ts';
import type { Asked } from './asked.ts';
import type { PhotoHandle } from './contract/act.ts';

const keptMs = 15 * 60_000;

const photosOf = (store: Store) => store.keyv<readonly JsonObject[]>('recent-photos', keptMs);

/** Remembers those that can be found again; an album's photos come one by one and make one request. */
export async function rememberPhotos(asked: Asked, photos: readonly PhotoHandle[]): Promise<void> {
  const references = photos.flatMap(({ reference }) => (reference === undefined ? [] : [reference]));
  if (references.length > 0) await photosOf(asked.services.store).set(keyOf(asked), references);
}

/** What this person sent here lately: remembered, or found in the channel. */
export async function recentPhotos(asked: Asked): Promise<readonly PhotoHandle[]> {
  const { chat, services } = asked;
  const references = (await photosOf(services.store).get(keyOf(asked))) ?? [];
  const remembered = references.flatMap((reference) => chat.reopenPhoto(reference) ?? []);
  if (remembered.length > 0) return remembered;
  const found = await chat.findRecentPhoto(services.signal);
  return found === undefined ? [] : [found];
}

function keyOf({ actor, scene }: Asked): string {
  return [actor.platform, scene.channelId, scene.threadId ?? '', actor.userId].join(':');
}
