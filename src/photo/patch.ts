/** A part of a photo, made small, as CIE Lab: what the search for a region's edge works on. */
import sharp from 'sharp';
import type { LabMap } from './colour-model.ts';
import type { Point } from './faces.ts';
import type { Box, Picture, Size } from './picture.ts';

export type Patch = {
  /** In whole pixels of the photo, inside it. */
  box: Box;
  /** Of the patch itself. */
  size: Size;
  lab: LabMap;
  /** From a place in the photo to the same in the patch. */
  toPatch: (point: Point) => Point;
};

/** `wanted` is rounded outwards and clipped to the photo, then shrunk (never enlarged) to `sidePx` on its longest side. */
export async function readPatch(photo: Picture, wanted: Box, sidePx: number): Promise<Patch> {
  const left = clamp(Math.floor(wanted.left), photo.width - 1);
  const top = clamp(Math.floor(wanted.top), photo.height - 1);
  const width = Math.max(1, clamp(Math.ceil(wanted.left + wanted.width), photo.width) - left);
  const height = Math.max(1, clamp(Math.ceil(wanted.top + wanted.height), photo.height) - top);
  const scale = Math.min(1, sidePx / Math.max(width, height));
  const size = { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
  const bytes = await sharp(photo.rgb, { raw: { width: photo.width, height: photo.height, channels: 3 } })
    .extract({ left, top, width, height })
    .resize({ ...size, fit: 'fill' })
    .toColourspace('lab')
    .raw({ depth: 'float' })
    .toBuffer();
  return {
    box: { left, top, width, height },
    size,
    lab: new Float32Array(new Uint8Array(bytes).buffer),
    toPatch: ({ x, y }) => ({ x: ((x - left) * size.width) / width, y: ((y - top) * size.height) / height }),
  };
}

function clamp(value: number, most: number): number {
  return Math.max(0, Math.min(most, value));
}
