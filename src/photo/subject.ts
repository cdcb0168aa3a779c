/**
 * What a photo is about, without a model: what differs from the photo's border. The minimum barrier distance (Zhang et
 * al., "Minimum Barrier Salient Object Detection at 80 FPS", ICCV 2015) is small for all that one can reach from the
 * border without a step in colour; a prior for the centre and the colours' own vote do the rest.
 */
import { setImmediate as takeTurns } from 'node:timers/promises';
import { fitColours, type LabMap, logFit } from './colour-model.ts';
import { hullOf, otsuThreshold } from './maps.ts';
import { readPatch } from './patch.ts';
import type { Picture, Size } from './picture.ts';
import { refineRegion } from './refine.ts';
import { blurred, type Region, smoothed } from './region.ts';

const patchSidePx = 160;
const passes = 4;
/** Log-odds that saliency alone can give, either way: the edge of what it finds is rough. */
const firmness = 2.5;
const steepness = 3;
/** In pixels of the patch. */
const evening = 3;
const hullSoftness = 1.5;
/** Of an area over that of its convex hull. */
const leastSolidity = 0.8;

export async function subjectRegion(photo: Picture): Promise<Region> {
  const { box, size, lab } = await readPatch(photo, { left: 0, top: 0, ...photo }, patchSidePx);
  const salient = await evened(size, await saliency(size, lab));
  const threshold = Math.max(0.01, otsuThreshold(salient));
  const central = centrality(size);
  const guess = salient.map((value, at) => {
    const odds = ((value - threshold) / threshold) * steepness;
    return Math.max(-firmness, Math.min(firmness, odds)) + centreOdds(central[at]);
  });
  const keep = await smoothed(size, await refineRegion(size, lab, guess));
  return { box, size, keep: await rounded(size, keep) };
}

/** A ragged piece is a guess gone wrong; what it spans is the better answer. */
async function rounded(size: Size, keep: Uint8Array): Promise<Uint8Array> {
  const hull = hullOf(size, keep);
  const area = keep.reduce((sum, value) => sum + (value >= 128 ? 1 : 0), 0);
  const spanned = hull.reduce((sum, bit) => sum + bit, 0);
  if (area >= leastSolidity * spanned) return keep;
  return blurred(
    size,
    hull.map((bit) => bit * 255),
    hullSoftness,
  );
}

/** Parts of one thing differ from each other; its neighbourhood as a whole stands out. */
async function evened(size: Size, salient: Float32Array): Promise<Float32Array> {
  const bytes = await blurred(
    size,
    Uint8Array.from(salient, (value) => value * 255),
    evening,
  );
  return Float32Array.from(bytes, (value) => value / 255);
}

/** [height, width], from 0 to 1. Gives way to other work between steps of some milliseconds. */
async function saliency(size: Size, lab: LabMap): Promise<Float32Array> {
  const barrier = new Float32Array(size.width * size.height);
  for (const channel of [0, 1, 2]) {
    const plane = barrier.map((_, at) => lab[at * 3 + channel]);
    const distance = barrierDistance(size, plane);
    for (let at = 0; at < barrier.length; at += 1) barrier[at] += distance[at];
    await takeTurns();
  }
  const [apart, foreign, central] = [normalised(barrier), normalised(borderContrast(size, lab)), centrality(size)];
  return normalised(apart.map((value, at) => (value + foreign[at]) * central[at]));
}

/** How badly each pixel's colour fits those of the border. */
function borderContrast(size: Size, lab: LabMap): Float32Array {
  const band = Math.max(1, Math.round(Math.min(size.width, size.height) * 0.04));
  const pixels: number[] = [];
  for (let at = 0; at < size.width * size.height; at += 1) {
    const [x, y] = [at % size.width, Math.floor(at / size.width)];
    if (Math.min(x, y, size.width - 1 - x, size.height - 1 - y) < band) pixels.push(at);
  }
  const border = fitColours(lab, pixels);
  return Float32Array.from(
    { length: size.width * size.height },
    (_, at) => -Math.max(-20, logFit(border, lab, at)) + 0,
  );
}

/**
 * For each pixel the least range of values (highest minus lowest) along any path from the border; approximated by
 * raster scans in turn from the top left and from the bottom right.
 */
function barrierDistance({ width, height }: Size, plane: Float32Array): Float32Array {
  const highest = plane.slice();
  const lowest = plane.slice();
  const distance = plane.map((_, at) => {
    const [x, y] = [at % width, Math.floor(at / width)];
    return x === 0 || y === 0 || x === width - 1 || y === height - 1 ? 0 : Infinity;
  });
  const relax = (at: number, from: number): void => {
    const high = Math.max(highest[from], plane[at]);
    const low = Math.min(lowest[from], plane[at]);
    if (high - low >= distance[at]) return;
    distance[at] = high - low;
    highest[at] = high;
    lowest[at] = low;
  };
  for (let pass = 0; pass < passes; pass += 1) {
    const step = pass % 2 === 0 ? 1 : -1;
    for (let row = 1; row < height - 1; row += 1) {
      const y = step === 1 ? row : height - 1 - row;
      for (let column = 1; column < width - 1; column += 1) {
        const at = y * width + (step === 1 ? column : width - 1 - column);
        relax(at, at - step);
        relax(at, at - step * width);
      }
    }
  }
  return distance;
}

/** 1 in the middle, about 0.2 in the corners. */
function centrality({ width, height }: Size): Float32Array {
  return Float32Array.from({ length: width * height }, (_, at) => {
    const x = ((at % width) + 0.5) / width - 0.5;
    const y = (Math.floor(at / width) + 0.5) / height - 0.5;
    return Math.exp(-(x * x + y * y) / (2 * 0.4 * 0.4));
  });
}

function centreOdds(central: number): number {
  return 4 * (central - 0.75);
}

function normalised(values: Float32Array): Float32Array {
  let [least, most] = [Infinity, -Infinity];
  for (const value of values) {
    least = Math.min(least, value);
    most = Math.max(most, value);
  }
  return values.map((value) => (value - least) / (most - least + 1e-6));
}
