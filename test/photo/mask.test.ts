import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { readMask } from '../../src/photo/mask.ts';
import { open } from './samples.ts';

const size = { width: 64, height: 32 };

/** Grey values from 0 on the left to 252 on the right. */
function ramp(): Uint8Array {
  return Uint8Array.from({ length: 64 * 32 }, (_, at) => (at % 64) * 4);
}

describe('readMask', () => {
  test('keeps black, paints white, and divides at 50 %', async () => {
    const file = await sharp(ramp(), { raw: { ...size, channels: 1 } })
      .png()
      .toBuffer();
    const keep = await readMask(file, size);
    expect(keep.length).toBe(64 * 32);
    expect([keep[0], keep[31], keep[32], keep[63]]).toEqual([255, 255, 0, 0]);
    expect(new Set(keep)).toEqual(new Set([0, 255]));
  });

  test('paints what is transparent, whatever its colour', async () => {
    const rgba = new Uint8Array(64 * 32 * 4);
    for (let at = 0; at < 64 * 32; at += 1) rgba[at * 4 + 3] = at % 64 < 20 ? 255 : 0;
    const keep = await readMask(
      await sharp(rgba, { raw: { ...size, channels: 4 } })
        .png()
        .toBuffer(),
      size,
    );
    expect([keep[0], keep[19], keep[20], keep[63]]).toEqual([255, 255, 0, 0]);
  });

  test('follows the photo to another resolution of the same shape', async () => {
    const rgb = Uint8Array.from({ length: 64 * 32 * 3 }, (_, at) => (Math.floor(at / 3) % 64 < 32 ? 0 : 255));
    const file = await open({ ...size, rgb })
      .jpeg()
      .toBuffer();
    const large = await readMask(file, { width: 641, height: 320 });
    expect(large.length).toBe(641 * 320);
    expect([large[300], large[340]]).toEqual([255, 0]);
    const small = await readMask(file, { width: 16, height: 8 });
    expect([small[6], small[9]]).toEqual([255, 0]);
  });
});
