/**
 * A view of a picture as 127 signs: whether each of its lowest frequencies is light or dark at the corner, 99 of
 * lightness, 14 of each colour axis. Signs survive what scales a picture's values; a second set of bits says which of
 * them are strong enough to be trusted. The usual perceptual hash (a DCT's 64 bits against their mean) is built alike.
 * For the few pairs whose signs agree, the coarsest frequencies' strengths follow, no more than a blur of the picture.
 */
import { type Square, squareSidePx, type View } from './views.ts';

/** 32 bit words: 4 of signs, 4 of which signs count, 13 of strengths, four signed bytes each. */
export const fingerprintWords = 21;
export const signWords = 4;
const strengthWords = 2 * signWords;

const samples = 32;
const lumaFrequencies = 10;
const chromaFrequencies = 5;

type Frequency = { readonly plane: number; readonly u: number; readonly v: number };

/** In the order of their bits: lightness from coarse to fine, then the colour axes. `u` counts along the width. */
const frequencies: readonly Frequency[] = [
  ...frequenciesOf(0, (u, v) => u < lumaFrequencies && v < lumaFrequencies),
  ...frequenciesOf(1, (u, v) => u + v < chromaFrequencies),
  ...frequenciesOf(2, (u, v) => u + v < chromaFrequencies),
];

function frequenciesOf(plane: number, isIn: (u: number, v: number) => boolean): Frequency[] {
  const all: Frequency[] = [];
  for (let v = 0; v < lumaFrequencies; v += 1) {
    for (let u = 0; u < lumaFrequencies; u += 1) if (u + v > 0 && isIn(u, v)) all.push({ plane, u, v });
  }
  return all.sort((one, other) => one.u + one.v - (other.u + other.v));
}

/** Signs that turn in the mirrored picture: those of odd frequencies along the width. */
export const mirroredSigns: Uint32Array = new Uint32Array(signWords);
for (const [bit, { u }] of frequencies.entries()) if (u % 2 === 1) setBit(mirroredSigns, 0, bit);

/** Places among the frequencies of those whose strengths are kept: 32 of lightness, 9 of each colour axis. */
const coarse: readonly number[] = [...frequencies.entries()]
  .filter(([place, { plane, u, v }]) => (plane === 0 ? place < 32 : u + v < 4))
  .map(([place]) => place);

/** For each kept strength, what the mirror image multiplies it by. */
export const mirroredStrengths: readonly number[] = coarse.map((place) =>
  (frequencies[place]?.u ?? 0) % 2 === 1 ? -1 : 1,
);

/** The kept strengths of the fingerprint at `at`, each from -127 to 127, the strongest at one of the ends. */
export function strengthAt(words: Uint32Array, at: number, index: number): number {
  return ((words[at + strengthWords + (index >> 2)] ?? 0) << (24 - 8 * (index & 3))) >> 24;
}

function putStrengths(words: Uint32Array, strengths: readonly number[]): void {
  const kept = coarse.map((place) => strengths[place] ?? 0);
  const strongest = Math.max(1e-6, ...kept.map(Math.abs));
  for (const [index, strength] of kept.entries()) {
    const place = strengthWords + (index >> 2);
    const byte = Math.round((strength / strongest) * 127) & 0xff;
    words[place] = (words[place] ?? 0) | (byte << (8 * (index & 3)));
  }
}

function setBit(words: Uint32Array, first: number, bit: number): void {
  const place = first + (bit >> 5);
  words[place] = (words[place] ?? 0) | (1 << (bit & 31));
}

const cosines: readonly Float64Array[] = Array.from({ length: lumaFrequencies }, (_, u) =>
  Float64Array.from({ length: samples }, (_, x) => Math.cos(((2 * x + 1) * u * Math.PI) / (2 * samples))),
);

/** Sums of a square's lightness and colour axes, from which the mean of any area is read at once. */
export type Planes = readonly Float64Array[];

const sumsSide = squareSidePx + 1;

/** Lightness and two colour axes (ITU-R BT.601) as summed-area tables, 257 * 257 each. */
export function planesOf({ rgb }: Square): Planes {
  const lumas = new Float64Array(sumsSide * sumsSide);
  const blues = new Float64Array(sumsSide * sumsSide);
  const reds = new Float64Array(sumsSide * sumsSide);
  for (let y = 0; y < squareSidePx; y += 1) {
    let [lumaRow, blueRow, redRow] = [0, 0, 0];
    for (let x = 0; x < squareSidePx; x += 1) {
      const pixel = (y * squareSidePx + x) * 3;
      const red = rgb[pixel] ?? 0;
      const blue = rgb[pixel + 2] ?? 0;
      const value = 0.299 * red + 0.587 * (rgb[pixel + 1] ?? 0) + 0.114 * blue;
      lumaRow += value;
      blueRow += 0.564 * (blue - value);
      redRow += 0.713 * (red - value);
      const above = y * sumsSide + x + 1;
      const here = above + sumsSide;
      lumas[here] = (lumas[above] ?? 0) + lumaRow;
      blues[here] = (blues[above] ?? 0) + blueRow;
      reds[here] = (reds[above] ?? 0) + redRow;
    }
  }
  return [lumas, blues, reds];
}

/** A frequency counts from this share of its plane's mean strength on ... */
const minShare = 0.3;
/** ... and from this strength on, in levels of 255: below it is what a JPEG adds. */
const minLevels = 0.35;

/** The fingerprint of a view: `fingerprintWords` words. */
export function fingerprintOf(planes: Planes, view: View): Uint32Array {
  const words = new Uint32Array(fingerprintWords);
  const spectra = planes.map((plane) => spectrum(sample(plane, view)));
  const strengths = frequencies.map(
    ({ plane, u, v }) => (spectra[plane]?.[v * lumaFrequencies + u] ?? 0) * Math.hypot(u, v),
  );
  const means = [0, 1, 2].map((plane) =>
    rootMeanSquare(strengths.filter((_, bit) => frequencies[bit]?.plane === plane)),
  );
  putStrengths(words, strengths);
  for (const [bit, strength] of strengths.entries()) {
    const { plane, u, v } = frequencies[bit] ?? { plane: 0, u: 1, v: 1 };
    if (strength > 0) setBit(words, 0, bit);
    const size = Math.abs(strength);
    if (size >= minShare * (means[plane] ?? 0) && size >= minLevels * Math.hypot(u, v)) setBit(words, signWords, bit);
  }
  return words;
}

function rootMeanSquare(values: readonly number[]): number {
  return Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length);
}

/** Means of 32 x 32 equal areas of a view, row by row. */
function sample(sums: Float64Array, { left, top, right, bottom }: View): Float64Array {
  const width = (right - left) / samples;
  const height = (bottom - top) / samples;
  const corners = new Float64Array((samples + 1) * (samples + 1));
  for (let y = 0; y <= samples; y += 1) {
    for (let x = 0; x <= samples; x += 1) {
      corners[y * (samples + 1) + x] = sumUpTo(sums, left + x * width, top + y * height);
    }
  }
  const means = new Float64Array(samples * samples);
  for (let y = 0; y < samples; y += 1) {
    for (let x = 0; x < samples; x += 1) {
      const upper = y * (samples + 1) + x;
      const lower = upper + samples + 1;
      const sum = (corners[lower + 1] ?? 0) - (corners[lower] ?? 0) - (corners[upper + 1] ?? 0) + (corners[upper] ?? 0);
      means[y * samples + x] = sum / (width * height);
    }
  }
  return means;
}

/** Of all pixels above and left of a point, parts of pixels included. */
function sumUpTo(sums: Float64Array, x: number, y: number): number {
  const column = Math.min(squareSidePx - 1, Math.floor(x));
  const row = Math.min(squareSidePx - 1, Math.floor(y));
  const right = x - column;
  const down = y - row;
  const corner = row * sumsSide + column;
  const upper = (sums[corner] ?? 0) * (1 - right) + (sums[corner + 1] ?? 0) * right;
  const lower = (sums[corner + sumsSide] ?? 0) * (1 - right) + (sums[corner + sumsSide + 1] ?? 0) * right;
  return upper * (1 - down) + lower * down;
}

/** The lowest 10 x 10 frequencies (DCT-II) in levels of the samples, row by row. */
function spectrum(values: Float64Array): Float64Array {
  const rows = new Float64Array(samples * lumaFrequencies);
  for (let y = 0; y < samples; y += 1) {
    for (let u = 0; u < lumaFrequencies; u += 1) {
      const wave = cosines[u] ?? rows;
      let sum = 0;
      for (let x = 0; x < samples; x += 1) sum += (values[y * samples + x] ?? 0) * (wave[x] ?? 0);
      rows[y * lumaFrequencies + u] = sum;
    }
  }
  const found = new Float64Array(lumaFrequencies * lumaFrequencies);
  for (let v = 0; v < lumaFrequencies; v += 1) {
    const wave = cosines[v] ?? rows;
    for (let u = 0; u < lumaFrequencies; u += 1) {
      let sum = 0;
      for (let y = 0; y < samples; y += 1) sum += (rows[y * lumaFrequencies + u] ?? 0) * (wave[y] ?? 0);
      found[v * lumaFrequencies + u] = sum / ((samples * samples) / 2);
    }
  }
  return found;
}
