/** A photo as the rest of the project sees it: upright, sRGB, of bearable size, and free of everything but pixels. */
import sharp from 'sharp';
import { decodeUpload, photoLimits, type PhotoLimits } from './decode.ts';
import type { PhotoFormat } from './formats.ts';
import type { Picture } from './picture.ts';

/**
 * `rgb` is [height, width, 3], 8 bit sRGB. `alpha`, [height, width], is there only where the file has pixels that are
 * not opaque; `rgb` is then blended with mid-grey (128), the ground that the algorithm paints on. Metadata of the file
 * (EXIF, GPS, profiles) goes no further than this room.
 */
export type Photo = Picture & { alpha?: Uint8Array; format: PhotoFormat };

const ground = { r: 128, g: 128, b: 128 };

/**
 * Reads one JPEG, PNG or WebP file; of an animation, its first frame. A photo with a side above `maxSidePx` is shrunk.
 *
 * @throws Refusal `photo.…`: `too-large`, `too-many-pixels`, `too-small`, `too-elongated`, `truncated`, `corrupt`,
 * `too-slow`, or the name of the kind of file it is instead (`heic`, `gif`, `text`, …).
 */
export async function readPhoto(bytes: Uint8Array, limits: Partial<PhotoLimits> = {}): Promise<Photo> {
  const { raw, data, format } = await decodeUpload('photo', bytes, { ...photoLimits, ...limits });
  const { width, height } = raw;
  if (raw.channels === 3) return { width, height, rgb: data, format };
  const [rgb, alpha] = await Promise.all([
    sharp(data, { raw }).flatten({ background: ground }).raw().toBuffer(),
    sharp(data, { raw }).extractChannel(3).raw().toBuffer(),
  ]);
  const opaque = Buffer.alloc(alpha.length, 255).equals(alpha);
  return { width, height, rgb, format, ...(opaque ? {} : { alpha }) };
}
