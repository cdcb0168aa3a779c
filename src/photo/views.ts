/** Several pictures shown as one. */
import sharp, { type OverlayOptions } from 'sharp';
import type { Picture, Size } from './picture.ts';

const gapPx = 8;
const background = { r: 32, g: 32, b: 32 };

/**
 * Two to four pictures on one sheet, in reading order: two side by side, three and four in two rows. Each gets a cell of
 * the first one's size.
 */
export async function contactSheet(pictures: readonly Picture[]): Promise<Picture> {
  if (pictures.length < 2 || pictures.length > 4) {
    throw new TypeError(`Expected 2 to 4 pictures for \`pictures\`, got ${pictures.length}.`);
  }
  return sheet(pictures, { width: pictures[0].width, height: pictures[0].height });
}

/** As large as it can be with no side longer than `sidePx`, smooth where it grows. */
export async function scaledTo({ rgb, width, height }: Picture, sidePx: number): Promise<Picture> {
  const { data, info } = await sharp(rgb, { raw: { width, height, channels: 3 } })
    .resize({ width: sidePx, height: sidePx, fit: 'inside', kernel: 'cubic' })
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, rgb: data };
}

/** The photo on the left, what became of it on the right, both as high as the picture. */
export async function beforeAfter(photo: Picture, picture: Picture): Promise<Picture> {
  const width = Math.max(1, Math.round((photo.width * picture.height) / photo.height));
  return sheet([await fitted(photo, { width, height: picture.height }), picture]);
}

async function sheet(pictures: readonly Picture[], cell?: Size): Promise<Picture> {
  const tiles = cell === undefined ? pictures : await Promise.all(pictures.map((picture) => fitted(picture, cell)));
  const rows = tiles.length === 2 ? [tiles] : [tiles.slice(0, 2), tiles.slice(2)];
  const placed: OverlayOptions[] = [];
  let [width, top] = [0, gapPx];
  for (const row of rows) {
    let left = gapPx;
    for (const { rgb, ...size } of row) {
      placed.push({ input: Buffer.from(rgb), raw: { ...size, channels: 3 }, left, top });
      left += size.width + gapPx;
    }
    width = Math.max(width, left);
    top += Math.max(...row.map(({ height }) => height)) + gapPx;
  }
  const rgb = await sharp({ create: { width, height: top, channels: 3, background } })
    .composite(placed)
    .removeAlpha()
    .raw()
    .toBuffer();
  return { width, height: top, rgb };
}

async function fitted({ rgb, width, height }: Picture, cell: Size): Promise<Picture> {
  if (width === cell.width && height === cell.height) return { rgb, width, height };
  const data = await sharp(rgb, { raw: { width, height, channels: 3 } })
    .resize({ ...cell, fit: 'contain', background })
    .raw()
    .toBuffer();
  return { ...cell, rgb: data };
}
