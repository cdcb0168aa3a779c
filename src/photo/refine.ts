/**
 * From a rough guess where a thing is to its real edge: colour models of inside and outside vote on every pixel, and
 * neighbours of like colour are drawn to one answer (the energy of GrabCut, Rother et al. 2004, solved by mean field
 * instead of a graph cut: small, soft-edged, no dependency).
 */
import { setImmediate as takeTurns } from 'node:timers/promises';
import { fitColours, type LabMap, logFit } from './colour-model.ts';
import type { Size } from './picture.ts';

const rounds = 2;
const sweeps = 12;
/** From 0 to 1: colours are learnt only where the answer is at least this likely. */
const sure = 0.75;
/** In nats; colours alone may not overrule a firm guess. */
const maxColourVote = 3;
const pull = 1.6;
/** Log-odds of a guess that is not put to the vote. */
const firm = 6;

/**
 * @param lab [height, width, 3]
 * @param guess [height, width], log-odds that a pixel is inside; above 6 or below -6 nothing overrules it.
 * @param options.isOutside whether the colour of a pixel that is not inside may speak for the outside (default: always).
 * @returns [height, width], from 0 to 1. Gives way to other work between steps of some milliseconds.
 */
export async function refineRegion(
  size: Size,
  lab: LabMap,
  guess: Float32Array,
  { isOutside = () => true }: { isOutside?: (pixel: number) => boolean } = {},
): Promise<Float32Array> {
  const likeness = neighbourLikeness(size, lab);
  const odds = new Float32Array(guess.length);
  let inside: Float32Array = guess.map(sigmoid);
  for (let round = 0; round < rounds; round += 1) {
    await takeTurns();
    const within = fitColours(
      lab,
      pixelsWhere(inside, (p) => p > sure),
    );
    const without = fitColours(
      lab,
      pixelsWhere(inside, (p, pixel) => p < 1 - sure && isOutside(pixel)),
    );
    await takeTurns();
    for (let pixel = 0; pixel < odds.length; pixel += 1) {
      odds[pixel] = guess[pixel];
      if (Math.abs(guess[pixel]) > firm) continue;
      const vote = logFit(within, lab, pixel) - logFit(without, lab, pixel);
      odds[pixel] += Math.max(-maxColourVote, Math.min(maxColourVote, vote));
    }
    await takeTurns();
    inside = settle(size, likeness, odds);
  }
  return inside;
}

function pixelsWhere(inside: Float32Array, chosen: (p: number, pixel: number) => boolean): number[] {
  const pixels: number[] = [];
  for (let pixel = 0; pixel < inside.length; pixel += 1) if (chosen(inside[pixel], pixel)) pixels.push(pixel);
  return pixels;
}

type Likeness = { right: Float32Array; below: Float32Array };

/** From 0 to 1 for each pixel and its right and lower neighbour; scaled by the picture's own mean contrast. */
function neighbourLikeness({ width, height }: Size, lab: LabMap): Likeness {
  const difference = (one: number, other: number): number =>
    (lab[one * 3] - lab[other * 3]) ** 2 +
    (lab[one * 3 + 1] - lab[other * 3 + 1]) ** 2 +
    (lab[one * 3 + 2] - lab[other * 3 + 2]) ** 2;
  const right = new Float32Array(width * height);
  const below = new Float32Array(width * height);
  let sum = 0;
  for (let at = 0; at < right.length; at += 1) {
    right[at] = at % width < width - 1 ? difference(at, at + 1) : Infinity;
    below[at] = at + width < right.length ? difference(at, at + width) : Infinity;
    if (right[at] < Infinity) sum += right[at];
    if (below[at] < Infinity) sum += below[at];
  }
  const scale = sum / right.length + 1e-6;
  const like = (value: number): number => Math.exp(-value / scale);
  return { right: right.map(like), below: below.map(like) };
}

function settle({ width, height }: Size, { right, below }: Likeness, odds: Float32Array): Float32Array {
  const inside: Float32Array = odds.map(sigmoid);
  for (let sweep = 0; sweep < sweeps; sweep += 1) {
    for (let y = 0, at = 0; y < height; y += 1) {
      for (let x = 0; x < width; x += 1, at += 1) {
        // A firm guess stays: its pull on the neighbours is what matters, and the exponential is what costs.
        if (Math.abs(odds[at]) > firm + maxColourVote) continue;
        let drawn = 0;
        if (x < width - 1) drawn += right[at] * (2 * inside[at + 1] - 1);
        if (y < height - 1) drawn += below[at] * (2 * inside[at + width] - 1);
        if (x > 0) drawn += right[at - 1] * (2 * inside[at - 1] - 1);
        if (y > 0) drawn += below[at - width] * (2 * inside[at - width] - 1);
        inside[at] = sigmoid(odds[at] + pull * drawn);
      }
    }
  }
  return inside;
}

function sigmoid(odds: number): number {
  return 1 / (1 + Math.exp(-odds));
}
