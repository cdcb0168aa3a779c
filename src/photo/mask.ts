/** A mask that somebody drew. As in the paper's files, black is kept; white, or transparent, is painted anew. */
import sharp from 'sharp';
import { Refusal } from '../errors.ts';
import { decodeUpload, photoLimits } from './decode.ts';
import type { Size } from './picture.ts';

/** Two programs may round the same shrunken shape to neighbouring sizes. */
const maxAspectDifference = 0.02;

/** A mask may be much smaller than its photo. */
const maskLimits = { ...photoLimits, minSidePx: 8 };

/**
 * Reads a mask for a photo of `size`. It may have another resolution, not another shape. Where it is darker than 50 %
 * grey on white, the photo is kept.
 *
 * @returns [height, width] of `size`, 255 = kept, 0 = painted.
 * @throws Refusal `mask.other-shape`, `mask.keeps-nothing`, or `mask.…` as {@link readPhoto} has them.
 */
export async function readMask(bytes: Uint8Array, { width, height }: Size): Promise<Uint8Array> {
  const mask = await decodeUpload('mask', bytes, maskLimits);
  if (Math.abs((mask.raw.width * height) / (mask.raw.height * width) - 1) > maxAspectDifference) {
    throw new Refusal(
      'mask.other-shape',
      `The mask is ${mask.raw.width} x ${mask.raw.height} and the photo ${width} x ${height}: draw the mask on a copy of the photo, so that both have the same shape.`,
      { maskWidth: mask.raw.width, maskHeight: mask.raw.height, photoWidth: width, photoHeight: height },
    );
  }
  // sharp negates before it resizes and thresholds, so that "at least 128" here means "below 128" in the file.
  const keep = await sharp(mask.data, { raw: mask.raw })
    .flatten({ background: 'white' })
    .negate()
    .resize({ width, height, fit: 'fill', kernel: 'linear' })
    .threshold(128)
    .toColourspace('b-w')
    .raw()
    .toBuffer();
  if (!keep.includes(255)) {
    throw new Refusal(
      'mask.keeps-nothing',
      'The mask keeps nothing of the photo: paint the part that should stay in black, on white.',
    );
  }
  return keep;
}
