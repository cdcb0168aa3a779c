import type { Rectangle } from './masks.ts';

/** A batch of latents, NCHW; n = pictures of one request. */
export interface Latents {
  readonly data: Float32Array;
  readonly pictures: number;
  readonly channels: number;
  readonly height: number;
  readonly width: number;
}

export function cellsOf(latents: Latents): number {
  return latents.height * latents.width;
}

export function withData(like: Latents, data: Float32Array): Latents {
  return { ...like, data };
}

/** Joins batches of the same shape along n. */
export function concatenate(batches: readonly Float32Array[]): Float32Array {
  if (batches.length === 1) return batches[0];
  const joined = new Float32Array(batches.reduce((sum, batch) => sum + batch.length, 0));
  let offset = 0;
  for (const batch of batches) {
    joined.set(batch, offset);
    offset += batch.length;
  }
  return joined;
}

/**
 * Visual condition preservation: the kept cells of `canvas` become the photo's, in every picture and channel.
 * @param mask of the seed square, on the latent grid, 1 = kept.
 */
export function overwriteKept(canvas: Latents, seed: Latents, mask: Uint8Array, at: Rectangle): void {
  const planes = canvas.pictures * canvas.channels;
  for (let plane = 0; plane < planes; plane += 1) {
    const from = plane * cellsOf(seed);
    const to = plane * cellsOf(canvas);
    for (let cell = 0; cell < mask.length; cell += 1) {
      if (mask[cell] === 0) continue;
      const y = at.y + Math.floor(cell / at.width);
      const x = at.x + (cell % at.width);
      canvas.data[to + y * canvas.width + x] = seed.data[from + cell];
    }
  }
}
