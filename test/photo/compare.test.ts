import { describe, expect, test } from 'vitest';
import { psnrDb } from '../../src/photo/compare.ts';
import { flat } from './samples.ts';

const size = { width: 8, height: 4 };
const grey = flat(size, [100, 100, 100]);

describe('psnrDb', () => {
  test('is infinite for the same picture', () => expect(psnrDb(grey, flat(size, [100, 100, 100]))).toBe(Infinity));

  test('is 20 log10(255 / d) for a difference of d everywhere', () => {
    expect(psnrDb(grey, flat(size, [105, 105, 105]))).toBeCloseTo(34.151, 3);
    expect(psnrDb(grey, flat(size, [101, 101, 101]))).toBeCloseTo(48.131, 3);
  });

  test('counts only where it is asked to', () => {
    const half = flat(size, [100, 100, 100]);
    half.rgb.set([0, 0, 0], 0);
    const where = new Uint8Array(32).fill(255);
    where[0] = 0;
    expect(psnrDb(grey, half, { where })).toBe(Infinity);
    expect(psnrDb(grey, half)).toBeLessThan(30);
  });

  test('takes only pictures of one size', () => {
    expect(() => psnrDb(grey, flat({ width: 4, height: 8 }, [1, 1, 1]))).toThrow(/one size/);
    expect(() => psnrDb(grey, grey, { where: new Uint8Array(3) })).toThrow(/`where`/);
  });
});
