/** Pictures to files, with their marks and nothing else in them. */
import sharp, { type Sharp } from 'sharp';
import { Fault } from '../errors.ts';
import { type Marks, withParameters, xmpFor } from './marks.ts';
import type { Picture } from './picture.ts';

export async function encodePng(picture: Picture, marks: Marks): Promise<Buffer> {
  const png = await open(picture).withXmp(xmpFor(marks)).png().toBuffer();
  return withParameters(png, 'png', marks);
}

export type WithinLimits = { format: 'jpeg' | 'webp'; maxBytes: number };

const quality = { best: 95, least: 50 };
/** A picture is never made smaller than this to fit. */
const leastSidePx = 64;

/**
 * The best quality that fits; where the least one does not, the picture is scaled down until it does.
 *
 * @throws Fault where nothing fits: `maxBytes` is too small for any picture with these marks.
 */
export async function encodeWithin(picture: Picture, limits: WithinLimits, marks: Marks): Promise<Buffer> {
  const { maxBytes } = limits;
  for (let scale = 1; Math.min(picture.width, picture.height) * scale >= leastSidePx;) {
    const source = open(picture).resize({ width: Math.round(picture.width * scale) });
    const encode = (at: number): Promise<Buffer> => encodeAt(source.clone(), limits, at, marks);
    const smallest = await encode(quality.least);
    if (smallest.length <= maxBytes) return bestWithin(encode, smallest, maxBytes);
    // Bytes grow about as the area does; the tenth more spares most second tries.
    scale *= Math.min(0.9, Math.sqrt(maxBytes / smallest.length) * 0.9);
  }
  throw new Fault(`A picture of ${picture.width} x ${picture.height} does not fit into ${maxBytes} bytes.`);
}

/** Bisects between the least quality, which fits, and the best. */
async function bestWithin(
  encode: (at: number) => Promise<Buffer>,
  smallest: Buffer,
  maxBytes: number,
): Promise<Buffer> {
  const best = await encode(quality.best);
  if (best.length <= maxBytes) return best;
  let found = smallest;
  let [fits, tooMuch] = [quality.least, quality.best];
  while (tooMuch - fits > 3) {
    const middle = Math.round((fits + tooMuch) / 2);
    const file = await encode(middle);
    if (file.length <= maxBytes) [fits, found] = [middle, file];
    else tooMuch = middle;
  }
  return found;
}

async function encodeAt(source: Sharp, { format }: WithinLimits, at: number, marks: Marks): Promise<Buffer> {
  const marked = source.withXmp(xmpFor(marks));
  const file = format === 'jpeg' ? marked.jpeg({ quality: at, mozjpeg: true }) : marked.webp({ quality: at });
  return withParameters(await file.toBuffer(), format, marks);
}

function open({ width, height, rgb }: Picture): Sharp {
  return sharp(rgb, { raw: { width, height, channels: 3 } });
}
