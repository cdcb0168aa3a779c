import { describe, expect, test } from 'vitest';
import { cutSeedSquare } from '../../src/photo/seed-square.ts';
import { flat, pattern } from './samples.ts';

const size = { width: 40, height: 30 };
const all = { keep: new Uint8Array(40 * 30).fill(255) };

describe('cutSeedSquare', () => {
  test('takes the pixels as they are where nothing is scaled', async () => {
    const photo = pattern(size);
    const crop = { left: 5, top: 3, width: 16, height: 16 };
    const { rgb, keep } = await cutSeedSquare(photo, all, crop, { width: 16, height: 16 });
    for (let y = 0; y < 16; y += 1) {
      const from = ((y + 3) * 40 + 5) * 3;
      expect(Array.from(rgb.subarray(y * 48, y * 48 + 48))).toEqual(Array.from(photo.rgb.subarray(from, from + 48)));
    }
    expect(new Set(keep)).toEqual(new Set([255]));
  });

  test('keeps nothing outside the photo, and leaves it grey', async () => {
    const crop = { left: -10, top: -20, width: 60, height: 60 };
    const { rgb, keep } = await cutSeedSquare(flat(size, [250, 0, 0]), all, crop, { width: 60, height: 60 });
    const at = (x: number, y: number): number[] => [
      ...rgb.subarray((y * 60 + x) * 3, (y * 60 + x) * 3 + 3),
      keep[y * 60 + x],
    ];
    expect(at(0, 0)).toEqual([128, 128, 128, 0]);
    expect(at(9, 25)).toEqual([128, 128, 128, 0]);
    expect(at(10, 20)).toEqual([250, 0, 0, 255]);
    expect(at(49, 49)).toEqual([250, 0, 0, 255]);
    expect(at(50, 49)).toEqual([128, 128, 128, 0]);
    expect(at(30, 50)).toEqual([128, 128, 128, 0]);
  });

  test('scales picture and map alike', async () => {
    const left = { keep: all.keep.map((_, at) => (at % 40 < 20 ? 255 : 0)) };
    const crop = { left: 0, top: 0, width: 40, height: 30 };
    const { rgb, keep } = await cutSeedSquare(flat(size, [9, 90, 200]), left, crop, { width: 128, height: 96 });
    expect([rgb.length, keep.length]).toEqual([128 * 96 * 3, 128 * 96]);
    expect([keep[50 * 128 + 20], keep[50 * 128 + 110]]).toEqual([255, 0]);
    expect(Array.from(rgb.subarray(0, 3))).toEqual([9, 90, 200]);
  });
});
