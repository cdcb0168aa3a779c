/**
 * Latents as small pictures without the decoder: a linear map from a latent cell to a colour, fitted once a model by
 * encoding a card of random flat colours. Works for any autoencoder, at a cost of one small encoder call.
 */
import type { Latents } from './cow/latents.ts';
import { seededNoise } from './cow/noise.ts';
import type { ModelFolder } from './model/folder.ts';
import type { Networks } from './model/networks.ts';
import { toPlanes } from './pixels.ts';
import type { Preview } from './request.ts';

/** Shows the first picture of a batch, one pixel a latent cell. */
export type Previewer = (latents: Latents) => Preview;

/** Cells of one flat colour, so that its middle is beyond the reach of its neighbours. */
const patchCells = 4;
const patchesASide = 4;

export async function createPreviewer({
  networks,
  folder,
}: {
  readonly networks: Networks;
  readonly folder: Pick<ModelFolder, 'factor' | 'latentChannels' | 'scalingFactor'>;
}): Promise<Previewer> {
  const { factor, latentChannels: channels, scalingFactor } = folder;
  const sideCells = patchCells * patchesASide;
  const side = sideCells * factor;
  const colours = seededNoise(1)('preview', 0, patchesASide ** 2 * 3).map((z) =>
    Math.min(255, Math.max(0, 128 + 90 * z)),
  );
  const patchOf = (x: number, y: number): number =>
    Math.floor(y / patchCells) * patchesASide + Math.floor(x / patchCells);
  const card = new Uint8Array(side * side * 3);
  for (let pixel = 0; pixel < side * side; pixel += 1) {
    const patch = patchOf(Math.floor((pixel % side) / factor), Math.floor(pixel / side / factor));
    card.set(colours.subarray(patch * 3, patch * 3 + 3), pixel * 3);
  }
  const encoded = await networks.encodePicture(toPlanes(card, side, side), side, side);
  const latents = encoded.kind === 'posterior' ? encoded.mean : encoded.latents;
  const rows: number[][] = [];
  const targets: number[][] = [];
  for (let cell = 0; cell < sideCells ** 2; cell += 1) {
    const patch = patchOf(cell % sideCells, Math.floor(cell / sideCells));
    rows.push([1, ...Array.from({ length: channels }, (_, c) => latents[c * sideCells ** 2 + cell] * scalingFactor)]);
    targets.push([...colours.subarray(patch * 3, patch * 3 + 3)]);
  }
  const weights = fitLinear(rows, targets);
  return (shown) => applyLinear(weights, shown);
}

function applyLinear(weights: readonly number[][], { data, channels, height, width }: Latents): Preview {
  const area = height * width;
  const rgb = new Uint8ClampedArray(area * 3);
  for (let cell = 0; cell < area; cell += 1) {
    for (let colour = 0; colour < 3; colour += 1) {
      let value = weights[0][colour];
      for (let c = 0; c < channels; c += 1) value += weights[c + 1][colour] * data[c * area + cell];
      rgb[cell * 3 + colour] = value;
    }
  }
  return { width, height, rgb: new Uint8Array(rgb.buffer) };
}

/** Ridge regression by the normal equations, solved by Gauss-Jordan: a handful of unknowns. @returns [unknowns][outputs]. */
function fitLinear(rows: readonly number[][], targets: readonly number[][]): number[][] {
  const unknowns = rows[0].length;
  const system = Array.from({ length: unknowns }, (_, i) => [
    ...Array.from({ length: unknowns }, (_, j) => rows.reduce((sum, row) => sum + row[i] * row[j], i === j ? 1e-3 : 0)),
    ...targets[0].map((_, output) => rows.reduce((sum, row, n) => sum + row[i] * targets[n][output], 0)),
  ]);
  for (let pivot = 0; pivot < unknowns; pivot += 1) {
    const scale = system[pivot][pivot];
    system[pivot] = system[pivot].map((value) => value / scale);
    for (let other = 0; other < unknowns; other += 1) {
      if (other === pivot) continue;
      const share = system[other][pivot];
      system[other] = system[other].map((value, k) => value - share * system[pivot][k]);
    }
  }
  return system.map((row) => row.slice(unknowns));
}
