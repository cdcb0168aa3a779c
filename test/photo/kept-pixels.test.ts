import { describe, expect, test } from 'vitest';
import { keptPixels, type PlacedSquare } from '../../src/photo/kept-pixels.ts';
import { flat, pattern } from './samples.ts';

const canvas = flat({ width: 96, height: 96 }, [10, 200, 10]);
const photo = pattern({ width: 64, height: 64 });

function seed(x: number, y: number, keepAt: (x: number, y: number) => boolean): PlacedSquare {
  const keep = Uint8Array.from({ length: 64 * 64 }, (_, at) => (keepAt(at % 64, Math.floor(at / 64)) ? 255 : 0));
  return { ...photo, keep, x, y };
}

/** 'photo', 'canvas' or 'blend' for a pixel of the result that lies at `x`, `y` of the seed. */
async function origin(placed: PlacedSquare): Promise<(x: number, y: number) => string> {
  const { rgb } = await keptPixels(canvas, [placed]);
  return (x, y) => {
    const here = Array.from(rgb.subarray(((placed.y + y) * 96 + placed.x + x) * 3).subarray(0, 3)).join();
    if (here === Array.from(photo.rgb.subarray((y * 64 + x) * 3).subarray(0, 3)).join()) return 'photo';
    return here === '10,200,10' ? 'canvas' : 'blend';
  };
}

describe('keptPixels', () => {
  test('gives the photo itself inside, the picture outside, a blend just inside the edge', async () => {
    const from = await origin(seed(16, 16, (x, y) => (x - 32) ** 2 + (y - 32) ** 2 < 24 ** 2));
    expect([from(32, 32), from(20, 32), from(32, 46)]).toEqual(['photo', 'photo', 'photo']);
    expect([from(0, 0), from(32, 6), from(60, 32)]).toEqual(['canvas', 'canvas', 'canvas']);
    expect(from(11, 32)).toBe('blend');
  });

  test("blends at the square's own edge, but not where the picture ends", async () => {
    const from = await origin(seed(0, 0, () => true));
    expect([from(0, 0), from(0, 40), from(40, 0), from(32, 32)]).toEqual(['photo', 'photo', 'photo', 'photo']);
    expect([from(62, 32), from(32, 62)]).toEqual(['blend', 'blend']);
  });

  test('leaves a hole in the kept part to the picture', async () => {
    const from = await origin(seed(16, 16, (x, y) => x !== 32 || y !== 32));
    expect([from(32, 32), from(20, 20)]).toEqual(['canvas', 'photo']);
  });

  test('changes neither its picture nor anything without seeds', async () => {
    const before = Uint8Array.from(canvas.rgb);
    await keptPixels(canvas, [seed(16, 16, () => true)]);
    expect(canvas.rgb).toEqual(before);
    expect((await keptPixels(canvas, [])).rgb).toEqual(before);
  });
});
