/** Cuts what the engine starts from out of a photo. */
import sharp, { type Color } from 'sharp';
import type { Kept } from './keep.ts';
import type { Box, Picture, Size } from './picture.ts';

/** `rgb`: [height, width, 3]; `keep`: [height, width], 0 to 255, where the engine keeps from 128 upwards. */
export type SeedSquare = Size & { rgb: Uint8Array; keep: Uint8Array };

/** What lies outside the photo: the grey that the algorithm paints on. */
const ground = { r: 128, g: 128, b: 128 };

/**
 * @param kept the map of what is kept of this photo.
 * @param crop in pixels of the photo; rounded to whole ones. It may reach over the edge, where nothing is kept.
 * @param size of the result, of the crop's shape.
 */
export async function cutSeedSquare(
  photo: Picture,
  kept: Pick<Kept, 'keep'>,
  crop: Box,
  { width, height }: Size,
): Promise<SeedSquare> {
  const of = { width: photo.width, height: photo.height };
  const [rgb, keep] = await Promise.all([
    cut({ data: photo.rgb, channels: 3, ...of }, crop, { width, height }, ground),
    cut({ data: kept.keep, channels: 1, ...of }, crop, { width, height }, 'black'),
  ]);
  return { width, height, rgb, keep };
}

type Raw = Size & { data: Uint8Array; channels: 1 | 3 };

async function cut({ data, ...raw }: Raw, crop: Box, size: Size, outside: Color): Promise<Uint8Array> {
  const [left, top] = [Math.round(crop.left), Math.round(crop.top)];
  const [right, bottom] = [Math.round(crop.left + crop.width), Math.round(crop.top + crop.height)];
  const within = {
    left: Math.max(0, left),
    top: Math.max(0, top),
    width: Math.min(raw.width, right) - Math.max(0, left),
    height: Math.min(raw.height, bottom) - Math.max(0, top),
  };
  // Two pipelines: within one, sharp would resize before it extends.
  const whole = await sharp(data, { raw })
    .extract(within)
    .extend({
      left: Math.max(0, -left),
      top: Math.max(0, -top),
      right: Math.max(0, right - raw.width),
      bottom: Math.max(0, bottom - raw.height),
      background: outside,
    })
    .toColourspace(raw.channels === 1 ? 'b-w' : 'srgb')
    .raw()
    .toBuffer();
  return sharp(whole, { raw: { width: right - left, height: bottom - top, channels: raw.channels } })
    .resize({ ...size, fit: 'fill', kernel: 'lanczos3' })
    .toColourspace(raw.channels === 1 ? 'b-w' : 'srgb')
    .raw()
    .toBuffer();
}
