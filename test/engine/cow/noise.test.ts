import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { seededNoise } from '../../../src/engine/cow/noise.ts';

/** 2^16 draws: the mean's own deviation is 0.004, the variance's 0.0055; the bounds are five of them. */
const draws = 2 ** 16;

function moments(values: Float32Array): { mean: number; variance: number; kurtosis: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  const fourth = values.reduce((sum, value) => sum + (value - mean) ** 4, 0) / values.length;
  return { mean, variance, kurtosis: fourth / variance ** 2 };
}

function correlation(a: Float32Array, b: Float32Array): number {
  return a.reduce((sum, value, i) => sum + value * b[i], 0) / a.length;
}

describe('seeded noise', () => {
  it.each([0, 1, 42, 2 ** 32 - 1])('is standard normal, seed %d', (seed) => {
    const { mean, variance, kurtosis } = moments(seededNoise(seed)('cycle0.disturb', 0, draws));
    expect(Math.abs(mean)).toBeLessThan(0.02);
    expect(Math.abs(variance - 1)).toBeLessThan(0.0275);
    expect(Math.abs(kurtosis - 3)).toBeLessThan(0.1);
  });

  it('has no serial correlation', () => {
    const values = seededNoise(7)('final.step0', 0, draws);
    for (const lag of [1, 2, 3, 64]) {
      expect(Math.abs(correlation(values.subarray(0, draws - lag), values.subarray(lag)))).toBeLessThan(0.02);
    }
  });

  it('has nothing to do between neighbouring names, seeds and pictures', () => {
    const noise = seededNoise(7);
    const first = noise('cycle0.step5', 0, draws);
    for (const other of [
      noise('cycle0.step6', 0, draws),
      noise('cycle1.step5', 0, draws),
      noise('cycle0.step5', 1, draws),
      seededNoise(8)('cycle0.step6', 0, draws),
      seededNoise(70)('cycle0.step5', 0, draws),
    ]) {
      expect(Math.abs(correlation(first, other))).toBeLessThan(0.02);
    }
  });

  it('does not depend on what was drawn before', () => {
    const forwards = seededNoise(3);
    const backwards = seededNoise(3);
    const names = ['posterior_seed', 'posterior_canvas', 'cycle0.disturb'];
    const a = names.map((name) => forwards(name, 0, 100));
    const b = names.toReversed().map((name) => backwards(name, 0, 100));
    expect(b.toReversed()).toEqual(a);
  });

  it('gives a shorter draw the beginning of a longer one', () => {
    const noise = seededNoise(3);
    expect(noise('start', 0, 7)).toEqual(noise('start', 0, 100).subarray(0, 7));
  });

  it('gives picture i of seed s what seed s + i has first', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 32 - 1 }), fc.integer({ min: 0, max: 7 }), (seed, picture) => {
        const alone = seededNoise((seed + picture) % 2 ** 32)('cycle2.step5', 0, 16);
        expect(seededNoise(seed)('cycle2.step5', picture, 16)).toEqual(alone);
      }),
    );
  });

  it('stays what it is: an old picture comes again with its seed', () => {
    const values = [...seededNoise(42)('cycle0.disturb', 0, 4)].map((value) => Number(value.toFixed(6)));
    expect(values).toMatchInlineSnapshot(`
      [
        0.78362,
        -1.343575,
        0.222955,
        -0.220008,
      ]
    `);
  });
});
