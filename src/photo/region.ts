/** A found region on its way from the small patch it was found in to the size of its photo. */
import { setImmediate as takeTurns } from 'node:timers/promises';
import sharp from 'sharp';
import { heaviestWithoutHoles } from './maps.ts';
import type { Box, Size } from './picture.ts';

/** `keep`: [size], from 0 to 255; spread over `box`, which is in whole pixels of the photo and inside it. */
export type Region = { box: Box; size: Size; keep: Uint8Array };

/** In pixels of the patch. */
const smoothing = 1.4;
const edgeSoftness = 0.8;

/** One piece without holes, frays and spikes, with a soft edge. `inside`: [size], from 0 to 1. */
export async function smoothed(size: Size, inside: Float32Array): Promise<Uint8Array> {
  const even = await blurred(
    size,
    Uint8Array.from(inside, (p) => p * 255),
    smoothing,
  );
  const piece = heaviestWithoutHoles(
    size,
    Uint8Array.from(even, (value) => (value >= 128 ? 1 : 0)),
    inside,
  );
  return blurred(
    size,
    piece.map((bit) => bit * 255),
    edgeSoftness,
  );
}

/** A map, [size] from 0 to 255, under a Gaussian of `sigma` pixels. */
export function blurred(size: Size, map: Uint8Array, sigma: number): Promise<Uint8Array> {
  return sharp(map, { raw: { ...size, channels: 1 } })
    .blur(sigma)
    .toColourspace('b-w')
    .raw()
    .toBuffer();
}

/** The union of the regions as a map of the whole photo, made in turns with other work. @returns [height, width], from 0 to 255. */
export async function spread({ width, height }: Size, regions: readonly Region[]): Promise<Uint8Array> {
  const keep = new Uint8Array(width * height);
  for (const { box, size, keep: small } of regions) {
    const large = await sharp(small, { raw: { ...size, channels: 1 } })
      .resize({ width: box.width, height: box.height, fit: 'fill', kernel: 'cubic' })
      .toColourspace('b-w')
      .raw()
      .toBuffer();
    if (regions.length === 1 && box.width === width && box.height === height) return large;
    await takeTurns();
    for (let y = 0; y < box.height; y += 1) {
      const start = (box.top + y) * width + box.left;
      for (let x = 0; x < box.width; x += 1) {
        const value = large[y * box.width + x];
        if (value > keep[start + x]) keep[start + x] = value;
      }
    }
  }
  return keep;
}
