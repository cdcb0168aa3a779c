/** Whether two pictures are one. */
import type { PictureHashes } from './describe.ts';
import { fingerprintWords, mirroredSigns, mirroredStrengths, signWords, strengthAt } from './fingerprint.ts';

/** Of the signs that count in both pictures, how many may differ. Measured: copies 0 to 0.03, others 0.06 and more. */
const maxDifferentShare = 0.05;
/** Of the signs that count in either picture, how many have to count in both. Measured: copies 0.58 and more. */
const minCommonShare = 0.55;
/** With fewer signs that count in both, pictures have too little in them to be told apart. */
const minCommonSigns = 24;
/** Cosine of the coarsest frequencies' strengths. Measured where the signs agree: copies 0.936 and more, others 0.911 and less. */
const minCosine = 0.925;
/** Of the 32 coarsest signs, how many have to count in both; the coarsest are the strongest. */
const minCommonInFirstWord = 8;
/** What a copy loses, cropped or compressed, must leave `minCommonSigns`. */
const minSigns = 50;

/**
 * Whether there is enough in a picture for its copies to be known again. A plain sky or one fine pattern all over is
 * like many others; such a picture is a copy of nothing.
 */
export function isRecognisable({ words }: PictureHashes): boolean {
  let signs = 0;
  for (let place = signWords; place < 2 * signWords; place += 1) signs += countOnes(words[place] ?? 0);
  return signs >= minSigns;
}

/** Whether one picture is a copy of the other: recompressed, resized, brighter, mirrored, bordered, cropped by 5 %. */
export function isCopy(one: PictureHashes, other: PictureHashes): boolean {
  return hasWholeOf(one, other) || hasWholeOf(other, one);
}

/** Whether a whole of `part`, or its mirror image, is one of the views of `all`. */
function hasWholeOf(part: PictureHashes, all: PictureHashes): boolean {
  for (let whole = 0; whole < part.wholes; whole += 1) {
    const from = whole * fingerprintWords;
    for (let view = 0; view < all.words.length; view += fingerprintWords) {
      if (isAlike(part.words, from, all.words, view, false) || isAlike(part.words, from, all.words, view, true))
        return true;
    }
  }
  return false;
}

/** Whether two fingerprints are alike, those at `at` and `otherAt`; with `mirrored`, the first turned. */
export function isAlike(
  words: Uint32Array,
  at: number,
  others: Uint32Array,
  otherAt: number,
  mirrored: boolean,
): boolean {
  const turn = mirrored ? (mirroredSigns[0] ?? 0) : 0;
  const bothFirst = (words[at + signWords] ?? 0) & (others[otherAt + signWords] ?? 0);
  if (!mayBeAlike((words[at] ?? 0) ^ turn, others[otherAt] ?? 0, bothFirst)) return false;
  let different = 0;
  let common = 0;
  let here = 0;
  let there = 0;
  for (let place = 0; place < signWords; place += 1) {
    const counted = words[at + signWords + place] ?? 0;
    const otherCounted = others[otherAt + signWords + place] ?? 0;
    const both = counted & otherCounted;
    const turned = mirrored ? (mirroredSigns[place] ?? 0) : 0;
    different += countOnes(((words[at + place] ?? 0) ^ turned ^ (others[otherAt + place] ?? 0)) & both);
    common += countOnes(both);
    here += countOnes(counted);
    there += countOnes(otherCounted);
  }
  return (
    common >= minCommonSigns &&
    common >= minCommonShare * Math.max(here, there) &&
    different <= maxDifferentShare * common &&
    cosineOf(words, at, others, otherAt, mirrored) >= minCosine
  );
}

function cosineOf(words: Uint32Array, at: number, others: Uint32Array, otherAt: number, mirrored: boolean): number {
  let product = 0;
  let square = 0;
  let otherSquare = 0;
  for (const [index, turn] of mirroredStrengths.entries()) {
    const strength = strengthAt(words, at, index) * (mirrored ? turn : 1);
    const other = strengthAt(others, otherAt, index);
    product += strength * other;
    square += strength * strength;
    otherSquare += other * other;
  }
  return product / Math.sqrt(square * otherSquare);
}

/**
 * Whether two fingerprints' first words, the 32 coarsest signs, leave it open that they are alike: an eighth of them may
 * differ. `both`: the bits that count in both. Settles most pairs.
 */
export function mayBeAlike(signs: number, otherSigns: number, both: number): boolean {
  const common = countOnes(both);
  return common >= minCommonInFirstWord && 8 * countOnes((signs ^ otherSigns) & both) <= common;
}

/** Ones among 32 bits (Hacker's Delight, 5-1). */
function countOnes(word: number): number {
  let count = word - ((word >>> 1) & 0x55555555);
  count = (count & 0x33333333) + ((count >>> 2) & 0x33333333);
  return Math.imul((count + (count >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
