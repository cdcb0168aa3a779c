/** Many pictures' hashes: what was removed, searched for a copy of one picture. */
import { isAlike, mayBeAlike } from './compare.ts';
import type { PictureHashes } from './describe.ts';
import { fingerprintWords, mirroredSigns, signWords } from './fingerprint.ts';

/** The first words of many fingerprints side by side, for a scan that stays in the processor's cache. */
type Scanned = {
  /** Signed, which V8 keeps as machine integers. */
  readonly signs: Int32Array;
  readonly counted: Int32Array;
  /** Whose fingerprint it is, and where it begins among that picture's words. */
  readonly entries: Uint32Array;
  readonly offsets: Uint32Array;
};

/** `all`: of every view; `wholes`: of the pictures' wholes alone. */
type Scan<Id> = {
  readonly known: readonly (readonly [id: Id, hashes: PictureHashes])[];
  readonly all: Scanned;
  readonly wholes: Scanned;
};

/** Milliseconds for 10,000 entries; the first search after a change takes some more. */
export class HashList<Id extends string | number> {
  readonly #entries = new Map<Id, PictureHashes>();
  #scan: Scan<Id> | undefined;

  get size(): number {
    return this.#entries.size;
  }

  /** An id that is there already gets the new hashes. */
  add(id: Id, hashes: PictureHashes): void {
    this.#entries.set(id, hashes);
    this.#scan = undefined;
  }

  remove(id: Id): boolean {
    this.#scan = undefined;
    return this.#entries.delete(id);
  }

  /** The id of a picture that this one is a copy of; of several, the one added first. */
  find(hashes: PictureHashes): Id | undefined {
    const scan = (this.#scan ??= scanOf([...this.#entries]));
    const first = Math.min(
      firstAlike(scan, scan.all, hashes.words.subarray(0, hashes.wholes * fingerprintWords)),
      firstAlike(scan, scan.wholes, hashes.words),
    );
    return scan.known[first]?.[0];
  }
}

function scanOf<Id>(known: Scan<Id>['known']): Scan<Id> {
  return {
    known,
    all: firstWordsOf(known, ({ words }) => words.length / fingerprintWords),
    wholes: firstWordsOf(known, ({ wholes }) => wholes),
  };
}

function firstWordsOf(known: Scan<unknown>['known'], viewsOf: (hashes: PictureHashes) => number): Scanned {
  const views = known.reduce((sum, [, hashes]) => sum + viewsOf(hashes), 0);
  const scanned: Scanned = {
    signs: new Int32Array(views),
    counted: new Int32Array(views),
    entries: new Uint32Array(views),
    offsets: new Uint32Array(views),
  };
  let place = 0;
  for (const [entry, [, hashes]] of known.entries()) {
    for (let view = 0; view < viewsOf(hashes); view += 1) {
      const offset = view * fingerprintWords;
      scanned.signs[place] = hashes.words[offset] ?? 0;
      scanned.counted[place] = hashes.words[offset + signWords] ?? 0;
      scanned.entries[place] = entry;
      scanned.offsets[place] = offset;
      place += 1;
    }
  }
  return scanned;
}

/** The first entry with a view like one of the fingerprints or its mirror image; infinity where there is none. */
function firstAlike({ known }: Scan<unknown>, scanned: Scanned, fingerprints: Uint32Array): number {
  const { signs, counted, entries, offsets } = scanned;
  let first = Infinity;
  for (let at = 0; at < fingerprints.length; at += fingerprintWords) {
    const count = (fingerprints[at + signWords] ?? 0) | 0;
    const sign = (fingerprints[at] ?? 0) | 0;
    const mirrored = sign ^ (mirroredSigns[0] ?? 0);
    for (let place = 0; place < signs.length; place += 1) {
      const other = signs[place] ?? 0;
      const both = (counted[place] ?? 0) & count;
      const asIs = mayBeAlike(sign, other, both);
      const turned = mayBeAlike(mirrored, other, both);
      if (!asIs && !turned) continue;
      const entry = entries[place] ?? 0;
      // Later ones change nothing any more.
      if (entry >= first) break;
      const words = known[entry]?.[1].words ?? fingerprints.subarray(0, 0);
      const offset = offsets[place] ?? 0;
      if (asIs && isAlike(fingerprints, at, words, offset, false)) first = entry;
      else if (turned && isAlike(fingerprints, at, words, offset, true)) first = entry;
    }
  }
  return first;
}
