/** Between 8-bit pictures (RGB, HWC) and what the autoencoder takes and gives (NCHW, -1..1). */
import type { Rectangle } from './cow/masks.ts';

/** @param rgb [height, width, 3]. @returns [3, height, width]. */
export function toPlanes(rgb: Uint8Array, width: number, height: number): Float32Array {
  const area = width * height;
  const planes = new Float32Array(area * 3);
  for (let pixel = 0; pixel < area; pixel += 1) {
    for (let channel = 0; channel < 3; channel += 1) {
      planes[channel * area + pixel] = (2 / 255) * rgb[pixel * 3 + channel] - 1;
    }
  }
  return planes;
}

/** @param planes [3, height, width]; what lies beyond -1..1 is clipped. @returns [height, width, 3]. */
export function toPixels(planes: Float32Array, width: number, height: number): Uint8Array {
  const area = width * height;
  const rgb = new Uint8ClampedArray(area * 3);
  for (let pixel = 0; pixel < area; pixel += 1) {
    for (let channel = 0; channel < 3; channel += 1) {
      // Clamped arrays round halves to even, as torch does before a picture is written.
      rgb[pixel * 3 + channel] = (planes[channel * area + pixel] / 2 + 0.5) * 255;
    }
  }
  return new Uint8Array(rgb.buffer);
}

/** Turns every pixel grey that is not kept; pixel by pixel, before anything is reduced to latent cells. */
export function greyOut(rgb: Uint8Array, kept: Uint8Array, grey: number): Uint8Array {
  return rgb.map((value, i) => (kept[Math.floor(i / 3)] === 1 ? value : grey));
}

/** A flat canvas with squares pasted in. @returns [height, width, 3]. */
export function pasteOnGrey(
  width: number,
  height: number,
  grey: number,
  squares: readonly (Rectangle & { readonly rgb: Uint8Array })[],
): Uint8Array {
  const canvas = new Uint8Array(width * height * 3).fill(grey);
  for (const square of squares) {
    for (let row = 0; row < square.height; row += 1) {
      const from = row * square.width * 3;
      canvas.set(square.rgb.subarray(from, from + square.width * 3), ((square.y + row) * width + square.x) * 3);
    }
  }
  return canvas;
}
