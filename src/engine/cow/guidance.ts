/**
 * Classifier-free guidance in COW's two forms (arXiv 2306.08247, section 3.3 and the authors' pipeline): plain, in
 * inversion and last descent; four-way, in the cycle, where outside the kept region the picture is pushed away from the
 * suppressed subject and towards colour.
 *
 * Branches that cannot change the result are not asked for: at guidance 1 both forms are the text branch exactly, and
 * where everything is kept the suppress and diverse branches have no cell to act on.
 */

/** One prompt that the network is conditioned on. */
export type Branch = 'text' | 'empty' | 'negative' | 'suppress' | 'diverse';

export interface Guidance {
  /** In the order in which the network's outputs are handed to `combine`. */
  readonly branches: readonly Branch[];
  /**
   * @param outputs one a branch, [images, C, h, w].
   * @param kept canvas mask [h * w], 1 = kept; only the four-way form looks at it.
   */
  combine(outputs: readonly Float32Array[], kept: Uint8Array): Float32Array;
}

/** `eps = empty + scale (text - empty)`. */
export function plainGuidance(scale: number): Guidance {
  if (scale === 1) return textOnly;
  return {
    branches: ['empty', 'text'],
    combine: ([empty, text]) => empty.map((base, i) => base + scale * (text[i] - base)),
  };
}

/**
 * `base = negative` in kept cells and `negative + suppress - diverse` elsewhere; `eps = base + scale (text - base)`.
 * @param everythingKept whether the mask is 1 everywhere.
 */
export function fourWayGuidance(scale: number, everythingKept: boolean): Guidance {
  if (scale === 1) return textOnly;
  if (everythingKept) {
    return {
      branches: ['negative', 'text'],
      combine: ([negative, text]) => negative.map((base, i) => base + scale * (text[i] - base)),
    };
  }
  return {
    branches: ['negative', 'text', 'suppress', 'diverse'],
    combine: ([negative, text, suppress, diverse], kept) =>
      negative.map((value, i) => {
        const base = kept[i % kept.length] === 1 ? value : value + suppress[i] - diverse[i];
        return base + scale * (text[i] - base);
      }),
  };
}

const textOnly: Guidance = { branches: ['text'], combine: ([text]) => text };
