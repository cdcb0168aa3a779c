/**
 * What is known of photos by their bytes: looked at once, however often they are painted again. A classifier may only
 * hold a picture, so nobody waits for it before the queue: it looks while the photo waits or is painted, and its word is
 * heard before anything is shown.
 */
import PQueue from 'p-queue';
import { Fault, Refusal } from '../errors.ts';
import { readPhoto } from '../photo/intake.ts';
import type { Store } from '../store/store.ts';
import type { Checker } from './checks/checker.ts';
import type { CheckedPicture } from './checks/picture.ts';
import { allow, type Strictness, type Verdict, verdictOf } from './checks/verdict.ts';
import type { PictureHashes } from './hashes/describe.ts';

interface Known {
  /** What its copies are known again by. */
  hashes: PictureHashes | undefined;
  readonly verdicts: Map<Strictness, Promise<Verdict>>;
}

/** About 2 KB each. */
const maxKnown = 1_000;
/** Photos that are held in memory for the classifier; with more, the rest are read from the store when it is time. */
const maxAhead = 8;

export class Photos {
  readonly #store: Store;
  readonly #checker: Checker;
  /** By the SHA-256 of the file, as blobs are named; what was asked for last is last. */
  readonly #known = new Map<string, Known>();
  /** One after the other, so that prompts do not wait behind all of them. */
  readonly #queue = new PQueue({ concurrency: 1 });

  constructor(store: Store, checker: Checker) {
    this.#store = store;
    this.#checker = checker;
  }

  /**
   * @param read the photo, where nothing is known of it yet.
   * @throws as `read` and `Checker.describe`.
   */
  async describe(
    hash: string,
    read: () => Promise<CheckedPicture>,
    signal: AbortSignal | undefined,
  ): Promise<PictureHashes> {
    const known = this.#of(hash);
    return (known.hashes ??= await this.#checker.describe(await read(), signal));
  }

  /** Has a photo looked at in passing, if there is room. */
  lookAhead(hash: string, photo: CheckedPicture, strictness: Strictness): void {
    if (this.#queue.size + this.#queue.pending < maxAhead) void this.#look(hash, async () => photo, strictness);
  }

  /** What the classifier says: `allow`, or `hold` with `photo.sexual` or `picture.unchecked`. */
  async verdict(hash: string, strictness: Strictness): Promise<Verdict> {
    return this.#look(hash, async () => this.read(hash), strictness);
  }

  /** @throws Fault where the photo is gone or damaged. */
  async read(hash: string): Promise<CheckedPicture> {
    return readPhoto(await this.#store.blobs.get(hash));
  }

  async #look(hash: string, read: () => Promise<CheckedPicture>, strictness: Strictness): Promise<Verdict> {
    if (strictness === 'off') return allow;
    const { verdicts } = this.#of(hash);
    const earlier = verdicts.get(strictness);
    if (earlier !== undefined) return earlier;
    const verdict = this.#queue.add(async () => this.#classify(read, strictness));
    verdicts.set(strictness, verdict);
    if (isUnchecked(await verdict)) verdicts.delete(strictness);
    return verdict;
  }

  async #classify(read: () => Promise<CheckedPicture>, strictness: Strictness): Promise<Verdict> {
    const photo = await readable(read);
    if (photo === undefined) return verdictOf('hold', 'picture.unchecked');
    const verdict = await this.#checker.checkPicture(photo, { strictness });
    return verdict.kind === 'hold' && !isUnchecked(verdict) ? verdictOf('hold', 'photo.sexual') : verdict;
  }

  #of(hash: string): Known {
    const known = this.#known.get(hash) ?? { hashes: undefined, verdicts: new Map<Strictness, Promise<Verdict>>() };
    this.#known.delete(hash);
    this.#known.set(hash, known);
    const [oldest] = this.#known.keys();
    if (oldest !== undefined && this.#known.size > maxKnown) this.#known.delete(oldest);
    return known;
  }
}

/** @returns undefined where a photo is gone or damaged. */
async function readable(read: () => Promise<CheckedPicture>): Promise<CheckedPicture | undefined> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof Fault || error instanceof Refusal) return undefined;
    throw error;
  }
}

/** Another try may say more. */
function isUnchecked(verdict: Verdict): boolean {
  return verdict.kind === 'hold' && verdict.reasons.some(({ code }) => code === 'picture.unchecked');
}
