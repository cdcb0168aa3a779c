/** How far two pictures are apart. */
import type { Picture } from './picture.ts';

/**
 * Peak signal-to-noise ratio of two pictures of one size, in dB over all three channels; infinite where they are the same.
 * @param options.where [height, width]; only pixels that are not 0 there count.
 */
export function psnrDb(a: Picture, b: Picture, options: { where?: Uint8Array } = {}): number {
  const { where } = options;
  if (a.width !== b.width || a.height !== b.height) {
    throw new TypeError(
      `Expected two pictures of one size, got ${a.width} x ${a.height} and ${b.width} x ${b.height}.`,
    );
  }
  if (where !== undefined && where.length !== a.width * a.height) {
    throw new TypeError(`Expected ${a.width * a.height} values for \`where\`, got ${where.length}.`);
  }
  let sum = 0;
  let count = 0;
  for (let i = 0; i < a.rgb.length; i += 1) {
    if (where?.[Math.floor(i / 3)] === 0) continue;
    sum += (a.rgb[i] - b.rgb[i]) ** 2;
    count += 1;
  }
  return 10 * Math.log10((255 ** 2 * count) / sum);
}
