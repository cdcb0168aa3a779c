/** Removed stays removed: what is known of removed pictures, asked for copies. */
import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { insertRemovedPicture, removedPictures } from '../store/removed-pictures.ts';
import type { Store } from '../store/store.ts';
import type { Tx } from '../store/tables.ts';
import { isRecognisable } from './hashes/compare.ts';
import type { PictureHashes } from './hashes/describe.ts';
import { exportHashes, importHashes, readHashes, writeHashes } from './hashes/exchange.ts';
import { HashList } from './hashes/list.ts';

/** A list of each community, and one of everywhere. */
export class RemovedPictures {
  readonly #store: Store;
  #lists = new Map<string | null, HashList<string>>();
  /** What the lists were read from: another program may have imported some since. */
  #readAt = '';

  constructor(store: Store) {
    this.#store = store;
  }

  /** Whether a picture is a copy of one that was removed in this community or everywhere. */
  async knows(communityId: string, hashes: PictureHashes): Promise<boolean> {
    await this.#readChanges();
    return [communityId, null].some((scope) => this.#lists.get(scope)?.find(hashes) !== undefined);
  }

  /** Whether nothing was removed in this community or everywhere: then there is nothing to describe a picture for. */
  async isEmpty(communityId: string): Promise<boolean> {
    await this.#readChanges();
    return [communityId, null].every((scope) => this.#lists.get(scope) === undefined);
  }

  /** A plain area has nothing to be known again by; a search would find every other plain area. */
  static isWorthKeeping(hashes: PictureHashes): boolean {
    return isRecognisable(hashes);
  }

  async #readChanges(): Promise<void> {
    const { db } = this.#store;
    const { count, last } = await db
      .selectFrom('removedPictures')
      .select((of) => [of.fn.countAll<number>().as('count'), sql<string>`coalesce(max(id), '')`.as('last')])
      .executeTakeFirstOrThrow();
    const state = `${count}:${last}`;
    if (state === this.#readAt) return;
    const lists = new Map<string | null, HashList<string>>();
    for (const { id, communityId, hashes } of await removedPictures(db, {})) {
      const list = lists.get(communityId) ?? new HashList<string>();
      list.add(id, readHashes(hashes));
      lists.set(communityId, list);
    }
    this.#lists = lists;
    this.#readAt = state;
  }
}

/** @param communityId null: everywhere. */
export async function rememberRemoved(
  tx: Tx,
  hashes: readonly PictureHashes[],
  { communityId, at }: { readonly communityId: string | null; readonly at: number },
): Promise<void> {
  for (const one of hashes) {
    if (!RemovedPictures.isWorthKeeping(one)) continue;
    await insertRemovedPicture(tx, {
      id: randomUUID(),
      communityId,
      hashes: writeHashes(one),
      source: 'removed',
      at,
    });
  }
}

/** The list of one community (null: of everywhere) as text, a line a picture: nothing can be made from it. */
export async function exportRemoved(store: Store, communityId: string | null): Promise<string> {
  return exportHashes((await removedPictures(store.db, { communityId })).map(({ hashes }) => readHashes(hashes)));
}

/**
 * Takes over another community's list; what is on the list already is left out.
 * @returns how many were new. @throws Refusal `hashes.line`, `hashes.too-many`; then nothing was taken over.
 */
export async function importRemoved(
  store: Store,
  text: string,
  { communityId, at }: { readonly communityId: string | null; readonly at: number },
): Promise<number> {
  const lines = importHashes(text).map(writeHashes);
  return store.transaction(async (tx) => {
    const known = new Set((await removedPictures(tx, { communityId })).map(({ hashes }) => hashes));
    const fresh = [...new Set(lines)].filter((line) => !known.has(line));
    for (const hashes of fresh) {
      await insertRemovedPicture(tx, { id: randomUUID(), communityId, hashes, source: 'imported', at });
    }
    return fresh.length;
  });
}
