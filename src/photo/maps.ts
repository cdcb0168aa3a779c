/** Small helpers on maps: one value a pixel, row by row. */
import type { Point } from './faces.ts';
import type { Box, Size } from './picture.ts';

/** 1 inside the closed outline (even-odd rule, sampled at pixel centres), else 0. */
export function fillOutline({ width, height }: Size, outline: Point[]): Uint8Array {
  const inside = new Uint8Array(width * height);
  for (let y = 0; y < height; y += 1) {
    const crossings = crossingsAt(outline, y + 0.5);
    for (let at = 0; at + 1 < crossings.length; at += 2) {
      const from = Math.max(0, Math.ceil(crossings[at] - 0.5));
      const to = Math.min(width, Math.ceil(crossings[at + 1] - 0.5));
      if (to > from) inside.fill(1, y * width + from, y * width + to);
    }
  }
  return inside;
}

function crossingsAt(outline: Point[], y: number): number[] {
  const crossings: number[] = [];
  for (const [at, end] of outline.entries()) {
    const start = outline.at(at - 1) ?? end;
    if (start.y > y === end.y > y) continue;
    crossings.push(start.x + ((y - start.y) / (end.y - start.y)) * (end.x - start.x));
  }
  return crossings.toSorted((one, other) => one - other);
}

type Component = { pixels: number[]; touchesEdge: boolean };

/** The sets of pixels with the value `wanted` that hang together over their sides. */
function components({ width, height }: Size, bits: Uint8Array, wanted: 0 | 1): Component[] {
  const seen = new Uint8Array(bits.length);
  const found: Component[] = [];
  for (let seed = 0; seed < bits.length; seed += 1) {
    if (seen[seed] === 1 || bits[seed] !== wanted) continue;
    const component: Component = { pixels: [seed], touchesEdge: false };
    seen[seed] = 1;
    const visit = (next: number): void => {
      if (seen[next] === 1 || bits[next] !== wanted) return;
      seen[next] = 1;
      component.pixels.push(next);
    };
    // The list grows while it is walked: a queue that is never emptied.
    for (const at of component.pixels) {
      const x = at % width;
      const y = (at - x) / width;
      component.touchesEdge ||= x === 0 || y === 0 || x === width - 1 || y === height - 1;
      if (x > 0) visit(at - 1);
      if (x < width - 1) visit(at + 1);
      if (y > 0) visit(at - width);
      if (y < height - 1) visit(at + width);
    }
    found.push(component);
  }
  return found;
}

/** Only the component with the greatest sum of `weights`, and what it encloses. */
export function heaviestWithoutHoles(size: Size, bits: Uint8Array, weights: Float32Array): Uint8Array {
  const kept = new Uint8Array(bits.length);
  let heaviest: number[] = [];
  let most = 0;
  for (const { pixels } of components(size, bits, 1)) {
    const weight = pixels.reduce((sum, at) => sum + weights[at], 0);
    if (weight > most) [heaviest, most] = [pixels, weight];
  }
  for (const at of heaviest) kept[at] = 1;
  for (const { pixels, touchesEdge } of components(size, kept, 0)) {
    if (!touchesEdge) for (const at of pixels) kept[at] = 1;
  }
  return kept;
}

/** 1 inside the convex hull of all values of at least 128, else 0 (Andrew's monotone chain). */
export function hullOf(size: Size, map: Uint8Array): Uint8Array {
  const points: Point[] = [];
  for (let at = 0; at < map.length; at += 1) {
    if (map[at] < 128) continue;
    const [x, y] = [at % size.width, Math.floor(at / size.width)];
    points.push({ x, y }, { x: x + 1, y }, { x, y: y + 1 }, { x: x + 1, y: y + 1 });
  }
  points.sort((one, other) => one.x - other.x || one.y - other.y);
  return fillOutline(size, [...halfHull(points), ...halfHull(points.toReversed())]);
}

function halfHull(points: Point[]): Point[] {
  const hull: Point[] = [];
  for (const point of points) {
    while (hull.length > 1 && turn(hull[hull.length - 2], hull[hull.length - 1], point) <= 0) hull.pop();
    hull.push(point);
  }
  return hull.slice(0, -1);
}

function turn(from: Point, over: Point, to: Point): number {
  return (over.x - from.x) * (to.y - from.y) - (over.y - from.y) * (to.x - from.x);
}

/** The smallest box around all values of at least `least`; undefined where there are none. */
export function boxOf({ width, height }: Size, map: ArrayLike<number>, least: number): Box | undefined {
  let [left, right, top, bottom] = [width, -1, height, -1];
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      if (map[y * width + x] < least) continue;
      if (x < left) left = x;
      if (x > right) right = x;
      if (y < top) top = y;
      bottom = y;
    }
  }
  return right < 0 ? undefined : { left, top, width: right - left + 1, height: bottom - top + 1 };
}

/** The value between two classes of `values` (each from 0 to 1) that sets them furthest apart (Otsu, 1979). */
export function otsuThreshold(values: Float32Array): number {
  const bins = 256;
  const histogram = new Float64Array(bins);
  for (const value of values) histogram[Math.min(bins - 1, Math.floor(value * bins))] += 1;
  const total = histogram.reduce((sum, count, bin) => sum + count * bin, 0);
  let [below, sumBelow, best, threshold] = [0, 0, -1, 0];
  for (const [bin, count] of histogram.entries()) {
    below += count;
    sumBelow += count * bin;
    const above = values.length - below;
    if (below === 0 || above === 0) continue;
    const between = below * above * (sumBelow / below - (total - sumBelow) / above) ** 2;
    if (between > best) [best, threshold] = [between, (bin + 1) / bins];
  }
  return threshold;
}
