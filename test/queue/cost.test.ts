import { describe, expect, it } from 'vitest';

import { estimatedCostMs, learnedFactorMs } from '../../src/queue/cost.ts';

const picture = { evaluations: 50, width: 512, height: 512 };

describe('cost', () => {
  it('grows with evaluations, area and the model’s factor', () => {
    expect(estimatedCostMs(picture, 100)).toBeCloseTo(50 * 0.262144 * 100, 9);
    expect(estimatedCostMs({ ...picture, width: 1024 }, 100)).toBe(2 * estimatedCostMs(picture, 100));
    expect(() => estimatedCostMs({ ...picture, evaluations: 0 }, 1)).toThrow('`evaluations`');
    expect(() => estimatedCostMs(picture, Infinity)).toThrow('`factorMs`');
  });

  it('learns a factor that makes estimates right', () => {
    let factorMs = learnedFactorMs(undefined, picture, 1000);
    expect(estimatedCostMs(picture, factorMs)).toBeCloseTo(1000, 9);
    for (let index = 0; index < 20; index += 1) factorMs = learnedFactorMs(factorMs, picture, 3000);
    expect(estimatedCostMs(picture, factorMs) / 3000).toBeCloseTo(1, 1);
  });
});
