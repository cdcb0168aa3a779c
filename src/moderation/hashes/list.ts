/** Many pictures' hashes: what was removed, searched for a copy of one picture. */
import { isCopy } from './compare.ts';
import type { PictureHashes } from './describe.ts';

export class HashList<Id extends string | number> {
  readonly #entries = new Map<Id, PictureHashes>();

  get size(): number {
    return this.#entries.size;
  }

  /** An id that is there already gets the new hashes. */
  add(id: Id, hashes: PictureHashes): void {
    this.#entries.set(id, hashes);
  }

  remove(id: Id): boolean {
    return this.#entries.delete(id);
  }

  /** The id of the first picture added that this one is a copy of. */
  find(hashes: PictureHashes): Id | undefined {
    for (const [id, known] of this.#entries) if (isCopy(hashes, known)) return id;
    return undefined;
  }
}
