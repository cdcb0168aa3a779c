/** Masks on the pixel and on the latent grid. 1 = kept. */

/** Where a seed square lies and how large it is, in whatever grid the context says. */
export interface Rectangle {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/**
 * A latent cell is kept when the top left pixel of its block is (the authors' nearest-neighbour reduction).
 * @param keep pixel mask [height * width], 1 = kept.
 * @returns [height / factor * width / factor].
 */
export function latentMask(keep: Uint8Array, width: number, height: number, factor: number): Uint8Array {
  const columns = width / factor;
  const mask = new Uint8Array((height / factor) * columns);
  for (let cell = 0; cell < mask.length; cell += 1) {
    const x = (cell % columns) * factor;
    const y = Math.floor(cell / columns) * factor;
    mask[cell] = keep[y * width + x];
  }
  return mask;
}

/** Grows a pixel mask to whole latent cells: a cell with any kept pixel is kept entirely. */
export function growToCells(keep: Uint8Array, width: number, height: number, factor: number): Uint8Array {
  const columns = width / factor;
  const cellOf = (pixel: number): number =>
    Math.floor(pixel / width / factor) * columns + Math.floor((pixel % width) / factor);
  const touched = new Uint8Array(columns * (height / factor));
  for (const [pixel, value] of keep.entries()) touched[cellOf(pixel)] |= value;
  return keep.map((_, pixel) => touched[cellOf(pixel)]);
}

/** Pixels at least half kept are kept: 50 %, where the authors dither; the same on pure black and white. */
export function thresholdKeep(soft: Uint8Array): Uint8Array {
  return soft.map((value) => (value >= 128 ? 1 : 0));
}

/** Lays a seed's mask into the canvas's, both on the latent grid. */
export function pasteMask(canvas: Uint8Array, canvasWidth: number, mask: Uint8Array, at: Rectangle): void {
  for (let y = 0; y < at.height; y += 1) {
    for (let x = 0; x < at.width; x += 1) {
      if (mask[y * at.width + x] === 1) canvas[(at.y + y) * canvasWidth + at.x + x] = 1;
    }
  }
}
