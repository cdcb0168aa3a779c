/** Removed stays removed: what is known of removed pictures, asked for copies. */
import { randomUUID } from 'node:crypto';
import { setImmediate as turn } from 'node:timers/promises';
import {
  countRemovedPictures,
  insertRemovedPicture,
  removedPictures,
  removedPicturesAfter,
} from '../store/removed-pictures.ts';
import type { Store } from '../store/store.ts';
import type { Tx } from '../store/tables.ts';
import { isRecognisable } from './hashes/compare.ts';
import type { PictureHashes } from './hashes/describe.ts';
import { exportHashes, importHashes, readHashes, writeHashes } from './hashes/exchange.ts';
import { HashList } from './hashes/list.ts';

/** Some milliseconds. */
const rowsOfStep = 500;

/** A list of each community, and one of everywhere. */
export class RemovedPictures {
  readonly #store: Store;
  readonly #lists = new Map<string | null, HashList<string>>();
  readonly #known = new Set<string>();
  #reading: Promise<void> | undefined;

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

  /** Rows come and never go; another program may have brought some in. */
  async #readChanges(): Promise<void> {
    if ((await countRemovedPictures(this.#store.db)) === this.#known.size) return;
    this.#reading ??= this.#readAll().finally(() => (this.#reading = undefined));
    await this.#reading;
  }

  async #readAll(): Promise<void> {
    let after = '';
    for (;;) {
      const rows = await removedPicturesAfter(this.#store.db, after, rowsOfStep);
      for (const { id, communityId, hashes } of rows) {
        if (this.#known.has(id)) continue;
        this.#known.add(id);
        const list = this.#lists.get(communityId) ?? new HashList<string>();
        list.add(id, readHashes(hashes));
        this.#lists.set(communityId, list);
      }
      const last = rows.at(-1);
      if (last === undefined || rows.length < rowsOfStep) return;
      after = last.id;
      // Whoever waits for a word comes in between.
      await turn();
    }
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
