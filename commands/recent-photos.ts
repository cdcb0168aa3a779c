/**
 * Photos of the last quarter of an hour. One that came without words, or with words that were refused, waits for the next
 * words of whoever sent it; every other is taken again by a /cow that brings none.
 */
import { isDeepStrictEqual } from 'node:util';
import type { Store } from '../src/store/store.ts';
import type { JsonObject } from '../src/store/tables.ts';
import type { Asked } from './asked.ts';
import type { PhotoHandle } from './contract/act.ts';

const keptMs = 15 * 60_000;

interface Kept {
  readonly references: readonly JsonObject[];
  readonly isWaiting: boolean;
}

const photosOf = (store: Store) => store.keyv<Kept>('photos:recent', keptMs);

/** Remembers those that can be found again, in the place of earlier ones; an album's photos make one request. */
export async function rememberPhotos(
  asked: Asked,
  photos: readonly PhotoHandle[],
  { isWaiting }: Pick<Kept, 'isWaiting'>,
): Promise<void> {
  const references = referencesOf(photos);
  if (references.length > 0) await photosOf(asked.services.store).set(keyOf(asked), { references, isWaiting });
}

/** Has photos wait for other words, or forgotten, unless others were sent meanwhile. */
export async function changeRemembered(
  asked: Asked,
  photos: readonly PhotoHandle[],
  become: 'waiting' | 'forgotten',
): Promise<void> {
  const store = photosOf(asked.services.store);
  const kept = await store.get(keyOf(asked));
  if (kept === undefined || !isDeepStrictEqual(kept.references, referencesOf(photos))) return;
  if (become === 'forgotten') await store.delete(keyOf(asked));
  else await store.set(keyOf(asked), { ...kept, isWaiting: true });
}

/** What this person sent here lately: remembered, or found in the channel. */
export async function recentPhotos(asked: Asked): Promise<readonly PhotoHandle[]> {
  const { chat, services } = asked;
  const remembered = reopened(asked, await photosOf(services.store).get(keyOf(asked)));
  if (remembered.length > 0) return remembered;
  const found = await chat.findRecentPhoto(services.signal);
  return found === undefined ? [] : [found];
}

/** What waits for this person's words here: not every word after a picture asks for another one. */
export async function waitingPhotos(asked: Asked): Promise<readonly PhotoHandle[]> {
  const kept = await photosOf(asked.services.store).get(keyOf(asked));
  return kept?.isWaiting === true ? reopened(asked, kept) : [];
}

function referencesOf(photos: readonly PhotoHandle[]): readonly JsonObject[] {
  return photos.flatMap(({ reference }) => (reference === undefined ? [] : [reference]));
}

function reopened({ chat }: Asked, kept: Kept | undefined): PhotoHandle[] {
  return (kept?.references ?? []).flatMap((reference) => chat.reopenPhoto(reference) ?? []);
}

function keyOf({ actor, scene }: Asked): string {
  return [actor.platform, scene.channelId, scene.threadId ?? '', actor.userId].join(':');
}
