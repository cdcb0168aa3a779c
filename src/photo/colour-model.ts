/** The colours of a region as a handful of clusters, to ask how well one more pixel fits in. */

/** `lab`: 3 values a pixel, CIE L* from 0 to 100, a* and b* about -100 to 100. */
export type LabMap = Float32Array;

type Cluster = { l: number; a: number; b: number; spread: number; share: number };

export type ColourModel = readonly Cluster[];

const clusterCount = 6;
const rounds = 4;
/** Variance that every cluster has at least: grain and JPEG blocks make neighbours of one colour differ by this. */
const leastSpread = 12;

/** Fits k-means clusters with one variance each to the listed pixels. Deterministic. */
export function fitColours(lab: LabMap, pixels: readonly number[]): ColourModel {
  if (pixels.length === 0) return [];
  let clusters = startingClusters(lab, pixels);
  for (let round = 0; round < rounds; round += 1) clusters = improve(lab, pixels, clusters);
  return clusters;
}

/** Logarithm of how likely the model makes the colour of one pixel; comparable between models, not a density. */
export function logFit(model: ColourModel, lab: LabMap, pixel: number): number {
  let sum = 1e-9;
  for (const cluster of model) {
    const distance = squaredDistance(lab, pixel, cluster);
    // Beyond this the exponential is below the floor.
    if (distance > 40 * cluster.spread) continue;
    sum += (cluster.share / (cluster.spread * Math.sqrt(cluster.spread))) * Math.exp(-distance / (2 * cluster.spread));
  }
  return Math.log(sum);
}

/** The mean colour first, then each time the pixel furthest from those before it. */
function startingClusters(lab: LabMap, pixels: readonly number[]): Cluster[] {
  let [l, a, b] = [0, 0, 0];
  for (const pixel of pixels) {
    l += lab[pixel * 3];
    a += lab[pixel * 3 + 1];
    b += lab[pixel * 3 + 2];
  }
  const even = { spread: leastSpread, share: 1 };
  const clusters: Cluster[] = [{ l: l / pixels.length, a: a / pixels.length, b: b / pixels.length, ...even }];
  const distances = new Float32Array(pixels.length).fill(Infinity);
  while (clusters.length < clusterCount) {
    const latest = clusters[clusters.length - 1];
    let furthest = 0;
    for (let at = 0; at < pixels.length; at += 1) {
      distances[at] = Math.min(distances[at], squaredDistance(lab, pixels[at], latest));
      if (distances[at] > distances[furthest]) furthest = at;
    }
    const first = pixels[furthest] * 3;
    clusters.push({ l: lab[first], a: lab[first + 1], b: lab[first + 2], ...even });
  }
  return clusters;
}

function improve(lab: LabMap, pixels: readonly number[], clusters: Cluster[]): Cluster[] {
  const sums = clusters.map(() => ({ count: 0, l: 0, a: 0, b: 0, distance: 0 }));
  for (const pixel of pixels) {
    let nearest = 0;
    let distance = Infinity;
    for (let at = 0; at < clusters.length; at += 1) {
      const here = squaredDistance(lab, pixel, clusters[at]);
      if (here >= distance) continue;
      nearest = at;
      distance = here;
    }
    const sum = sums[nearest];
    sum.count += 1;
    sum.l += lab[pixel * 3];
    sum.a += lab[pixel * 3 + 1];
    sum.b += lab[pixel * 3 + 2];
    sum.distance += distance;
  }
  return sums
    .filter(({ count }) => count > 0)
    .map(({ count, l, a, b, distance }) => ({
      l: l / count,
      a: a / count,
      b: b / count,
      spread: Math.max(leastSpread, distance / count / 3),
      share: count / pixels.length,
    }));
}

function squaredDistance(lab: LabMap, pixel: number, { l, a, b }: Cluster): number {
  const first = pixel * 3;
  const dl = lab[first] - l;
  const da = lab[first + 1] - a;
  const db = lab[first + 2] - b;
  return dl * dl + da * da + db * db;
}
