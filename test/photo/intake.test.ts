import sharp, { type Sharp } from 'sharp';
import { describe, expect, test } from 'vitest';
import { readPhoto } from '../../src/photo/intake.ts';
import type { Picture, Size } from '../../src/photo/picture.ts';
import { flat, open, pattern, photoFile } from './samples.ts';

const size = { width: 60, height: 40 };
const orange = [255, 128, 0] as const;

function firstPixel({ rgb }: Picture): number[] {
  return Array.from(rgb.subarray(0, 3));
}

function expectNear(actual: readonly number[], expected: readonly number[], tolerance: number): void {
  for (const [at, value] of expected.entries()) expect(Math.abs(actual[at] - value)).toBeLessThanOrEqual(tolerance);
}

/** Where the pixel at x, y of an upright picture lies in a file with that orientation (EXIF 2.3, tag 274). */
const stored: Record<number, (x: number, y: number, upright: Size) => [x: number, y: number]> = {
  1: (x, y) => [x, y],
  2: (x, y, { width }) => [width - 1 - x, y],
  3: (x, y, { width, height }) => [width - 1 - x, height - 1 - y],
  4: (x, y, { height }) => [x, height - 1 - y],
  5: (x, y) => [y, x],
  6: (x, y, { width }) => [y, width - 1 - x],
  7: (x, y, { width, height }) => [height - 1 - y, width - 1 - x],
  8: (x, y, { height }) => [height - 1 - y, x],
};

function turned(upright: Picture, orientation: number): Picture {
  const swapped = orientation >= 5;
  const [width, height] = swapped ? [upright.height, upright.width] : [upright.width, upright.height];
  const rgb = new Uint8Array(upright.rgb.length);
  for (let y = 0; y < upright.height; y += 1) {
    for (let x = 0; x < upright.width; x += 1) {
      const [toX, toY] = stored[orientation](x, y, upright);
      const from = (y * upright.width + x) * 3;
      rgb.set(upright.rgb.subarray(from, from + 3), (toY * width + toX) * 3);
    }
  }
  return { width, height, rgb };
}

describe('readPhoto', () => {
  test.each([1, 2, 3, 4, 5, 6, 7, 8])('turns EXIF orientation %i upright, pixel for pixel', async (orientation) => {
    const upright = pattern(size);
    const file = await open(turned(upright, orientation)).withMetadata({ orientation }).png().toBuffer();
    const photo = await readPhoto(file);
    expect([photo.width, photo.height]).toEqual([60, 40]);
    expect(Buffer.from(photo.rgb).equals(Buffer.from(upright.rgb))).toBe(true);
  });

  test.each<[string, 'jpeg' | 'png' | 'webp', number, (picture: Sharp) => Promise<Buffer>]>([
    ['a plain JPEG', 'jpeg', 4, (picture) => picture.jpeg({ quality: 95 }).toBuffer()],
    ['a progressive JPEG', 'jpeg', 4, (picture) => picture.jpeg({ progressive: true, quality: 95 }).toBuffer()],
    ['a PNG', 'png', 0, (picture) => picture.png().toBuffer()],
    ['an interlaced PNG', 'png', 0, (picture) => picture.png({ progressive: true }).toBuffer()],
    ['a PNG with a palette', 'png', 2, (picture) => picture.png({ palette: true }).toBuffer()],
    ['a PNG of 16 bits', 'png', 1, (picture) => picture.toColourspace('rgb16').png().toBuffer()],
    ['a WebP', 'webp', 4, (picture) => picture.webp({ quality: 95 }).toBuffer()],
    ['a lossless WebP', 'webp', 0, (picture) => picture.webp({ lossless: true }).toBuffer()],
    // Ink has no such orange: a CMYK file brings back what its profile can hold.
    ['a CMYK JPEG', 'jpeg', 30, (picture) => picture.toColourspace('cmyk').jpeg({ quality: 95 }).toBuffer()],
    ['a picture in Display P3', 'png', 2, (picture) => picture.withIccProfile('p3').png().toBuffer()],
  ])('reads %s', async (_, format, tolerance, encode) => {
    const photo = await readPhoto(await encode(open(flat(size, orange))));
    expect(photo.format).toBe(format);
    expect(photo.rgb.length).toBe(60 * 40 * 3);
    expect(photo.alpha).toBeUndefined();
    expectNear(firstPixel(photo), orange, tolerance);
  });

  test('takes a colour profile into account', async () => {
    const file = await open(flat(size, orange)).withIccProfile('p3').png().toBuffer();
    const stored = await sharp(file, { ignoreIcc: true }).raw().toBuffer();
    expect(Array.from(stored.subarray(0, 3))).not.toEqual(orange);
  });

  test.each(['jpeg', 'png'] as const)('reads a grey %s as three equal channels', async (format) => {
    const photo = await readPhoto(
      await open(flat(size, [90, 90, 90]))
        .greyscale()
        .toFormat(format)
        .toBuffer(),
    );
    expect(photo.rgb.length).toBe(60 * 40 * 3);
    expectNear(firstPixel(photo), [90, 90, 90], 1);
  });

  test('gives alpha where a file has some, over mid-grey', async () => {
    const see = { width: 60, height: 40, channels: 4, background: { r: 255, g: 0, b: 0, alpha: 0 } } as const;
    const photo = await readPhoto(await sharp({ create: see }).png().toBuffer());
    expect(photo.alpha?.length).toBe(60 * 40);
    expect(photo.alpha?.[0]).toBe(0);
    expect(firstPixel(photo)).toEqual([128, 128, 128]);
  });

  test('gives no alpha where all of it is opaque', async () => {
    const photo = await readPhoto(await open(flat(size, orange)).ensureAlpha().png().toBuffer());
    expect(photo.alpha).toBeUndefined();
    expect(firstPixel(photo)).toEqual([...orange]);
  });

  test('takes the first frame of an animation', async () => {
    const frames = Buffer.concat([flat(size, [200, 10, 10]).rgb, flat(size, [10, 10, 200]).rgb]);
    const film = sharp(frames, { raw: { width: 60, height: 80, channels: 3, pageHeight: 40 } });
    const file = await film.webp({ lossless: true, loop: 0, delay: [100, 100] }).toBuffer();
    expect((await sharp(file).metadata()).pages).toBe(2);
    const photo = await readPhoto(file);
    expect([photo.width, photo.height]).toEqual([60, 40]);
    expect(firstPixel(photo)).toEqual([200, 10, 10]);
  });

  test('shrinks a very large photo, and no other', async () => {
    const large = await open(flat({ width: 3000, height: 1500 }, orange))
      .jpeg()
      .toBuffer();
    expect(await readPhoto(large)).toMatchObject({ width: 2048, height: 1024 });
    expect(await readPhoto(large, { maxSidePx: 300 })).toMatchObject({ width: 300, height: 150 });
    expect(await readPhoto(photoFile('rocket.jpg'))).toMatchObject({ width: 640, height: 427 });
  });

  test('reads a JPEG with stray bytes between its segments, as some cameras leave them', async () => {
    const file = await open(flat(size, orange)).jpeg().toBuffer();
    const scan = file.indexOf(Buffer.from([0xff, 0xda]));
    const strayed = Buffer.concat([file.subarray(0, scan), Buffer.alloc(3), file.subarray(scan)]);
    await expect(sharp(strayed, { failOn: 'warning' }).raw().toBuffer()).rejects.toThrow(/extraneous/);
    expectNear(firstPixel(await readPhoto(strayed)), orange, 4);
  });

  test('overlooks what follows the end of a file', async () => {
    for (const format of ['jpeg', 'png', 'webp'] as const) {
      const file = await open(flat(size, orange)).toFormat(format).toBuffer();
      expect(await readPhoto(Buffer.concat([file, Buffer.alloc(999, 65)]))).toMatchObject(size);
    }
  });

  test('reads the same bytes from inside a larger buffer', async () => {
    const file = await open(pattern(size)).webp({ lossless: true }).toBuffer();
    const around = Buffer.concat([Buffer.alloc(5, 1), file]);
    const { rgb } = await readPhoto(around.subarray(5));
    expect(Buffer.from(rgb).equals(Buffer.from(pattern(size).rgb))).toBe(true);
  });
});
