/** A stranger's bytes to pixels: the one place where an upload is decoded. */
import sharp from 'sharp';
import { type PhotoFormat, sniffKind } from './formats.ts';
import { allowPhotoLoadersOnly } from './loaders.ts';
import type { Size } from './picture.ts';
import { isPngWhole } from './png-chunks.ts';
import {
  corrupt,
  tooElongated,
  tooLarge,
  tooManyPixels,
  tooSlow,
  tooSmall,
  truncated,
  type Upload,
  wrongKind,
} from './upload-refusals.ts';

export type PhotoLimits = {
  /** Of the file. */
  maxBytes: number;
  /** Width times height, before anything is decoded: a 31 KB file can hold 16,000 x 16,000. */
  maxPixels: number;
  minSidePx: number;
  /** Longer side over shorter side. */
  maxAspectRatio: number;
  /** A larger picture is shrunk to this on its longest side after decoding. */
  maxSidePx: number;
  /** Against files that are small and yet slow, such as a JPEG with thousands of scans. */
  decodeTimeoutSeconds: number;
};

export const photoLimits: Readonly<PhotoLimits> = {
  maxBytes: 20e6,
  maxPixels: 24e6,
  minSidePx: 32,
  maxAspectRatio: 8,
  maxSidePx: 2048,
  decodeTimeoutSeconds: 20,
};

/**
 * `data`: width * height * channels bytes, sRGB, upright (EXIF orientation applied); the fourth channel is straight
 * alpha, there only where the file has one.
 */
export type Decoded = { raw: { width: number; height: number; channels: 3 | 4 }; data: Buffer; format: PhotoFormat };

/** @throws Refusal `photo.…` or `mask.…` with what to do instead. */
export async function decodeUpload(upload: Upload, bytes: Uint8Array, limits: PhotoLimits): Promise<Decoded> {
  allowPhotoLoadersOnly();
  if (bytes.length > limits.maxBytes) throw tooLarge(upload, bytes.length, limits.maxBytes);
  const kind = sniffKind(bytes);
  if (kind !== 'jpeg' && kind !== 'png' && kind !== 'webp') throw wrongKind(upload, kind);
  if (isCutOff(bytes, kind)) throw truncated(upload);
  checkSize(upload, await readSize(upload, bytes), limits);
  return { ...(await decodePixels(upload, bytes, limits)), format: kind };
}

/** What the containers say themselves; where a JPEG ends, only its decoder can tell. */
function isCutOff(bytes: Uint8Array, format: PhotoFormat): boolean {
  switch (format) {
    case 'png':
      return !isPngWhole(bytes);
    case 'webp':
      return bytes.length < 12 || riffBytes(bytes) > bytes.length;
    case 'jpeg':
      return false;
  }
}

function riffBytes(bytes: Uint8Array): number {
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(4, true) + 8;
}

async function readSize(upload: Upload, bytes: Uint8Array): Promise<Size> {
  try {
    // Only the header is read here; the limit is applied to what it says, with a sentence of its own.
    return (await sharp(bytes, { failOn: 'error', limitInputPixels: false }).metadata()).autoOrient;
  } catch (cause) {
    throw whyUnreadable(upload, cause);
  }
}

function checkSize(upload: Upload, { width, height }: Size, limits: PhotoLimits): void {
  if (width * height > limits.maxPixels) throw tooManyPixels(upload, width, height, limits.maxPixels);
  const shorter = Math.min(width, height);
  if (shorter < limits.minSidePx) throw tooSmall(upload, width, height, limits.minSidePx);
  if (Math.max(width, height) > shorter * limits.maxAspectRatio) {
    throw tooElongated(upload, width, height, limits.maxAspectRatio);
  }
}

async function decodePixels(
  upload: Upload,
  bytes: Uint8Array,
  limits: PhotoLimits,
): Promise<Pick<Decoded, 'raw' | 'data'>> {
  try {
    return await decodeStrictly(bytes, limits);
  } catch (cause) {
    if (cause instanceof Error && /timeout/i.test(cause.message)) {
      throw tooSlow(upload, limits.decodeTimeoutSeconds, cause);
    }
    throw whyUnreadable(upload, cause);
  }
}

/**
 * libjpeg only warns of a picture that stops before its last line, and warns as well of the stray bytes that many
 * cameras leave between segments. The first is refused, the second is read after all. PNG warns of mere profiles.
 */
async function decodeStrictly(bytes: Uint8Array, limits: PhotoLimits): Promise<Pick<Decoded, 'raw' | 'data'>> {
  if (sniffKind(bytes) !== 'jpeg') return decodeOnce(bytes, 'error', limits);
  try {
    return await decodeOnce(bytes, 'warning', limits);
  } catch (cause) {
    if (cause instanceof Error && /premature end|timeout/i.test(cause.message)) throw cause;
    return decodeOnce(bytes, 'error', limits);
  }
}

async function decodeOnce(
  bytes: Uint8Array,
  failOn: 'warning' | 'error',
  { maxPixels, maxSidePx, decodeTimeoutSeconds }: PhotoLimits,
): Promise<Pick<Decoded, 'raw' | 'data'>> {
  const { data, info } = await sharp(bytes, { failOn, limitInputPixels: maxPixels })
    .timeout({ seconds: decodeTimeoutSeconds })
    .autoOrient()
    .resize({ width: maxSidePx, height: maxSidePx, fit: 'inside', withoutEnlargement: true })
    .toColourspace('srgb')
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true });
  return { raw: { width: info.width, height: info.height, channels: info.channels === 4 ? 4 : 3 }, data };
}

/** libjpeg's words for a file that stops early; everything else is damage. */
function whyUnreadable(upload: Upload, cause: unknown): Error {
  const endsEarly = cause instanceof Error && /premature end of JPEG/i.test(cause.message);
  return endsEarly ? truncated(upload, cause) : corrupt(upload, cause);
}
