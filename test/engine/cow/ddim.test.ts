import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { denoiseStep, disturb, invertStep, predictClean } from '../../../src/engine/cow/ddim.ts';

const latent = fc.double({ min: -4, max: 4, noNaN: true });
const abars = fc
  .tuple(fc.double({ min: 0.01, max: 0.98, noNaN: true }), fc.double({ min: 0.001, max: 0.01, noNaN: true }))
  .map(([abar, gap]) => ({ abar, abarNext: abar + gap, timestep: 1 }));
const numbers = fc.array(fc.record({ x: latent, eps: latent, noise: latent }), { minLength: 1, maxLength: 8 });

/** v = sqrt(abar) eps - sqrt(1 - abar) x0, with the x0 that eps implies. */
function velocityOf(x: number, eps: number, abar: number): number {
  const clean = (x - Math.sqrt(1 - abar) * eps) / Math.sqrt(abar);
  return Math.sqrt(abar) * eps - Math.sqrt(1 - abar) * clean;
}

/** The largest difference, relative to values beyond 1. */
function distance(a: Float32Array, b: Float32Array): number {
  if (a.length !== b.length) return Number.POSITIVE_INFINITY;
  return Math.max(...a.map((value, i) => Math.abs(value - b[i]) / (1 + Math.abs(value))));
}

describe('v-prediction', () => {
  it('steps down as the epsilon that it stands for', () => {
    fc.assert(
      fc.property(numbers, abars, fc.double({ min: 0, max: 1, noNaN: true }), (values, step, eta) => {
        const x = Float32Array.from(values, (value) => value.x);
        const eps = Float32Array.from(values, (value) => value.eps);
        const noise = Float32Array.from(values, (value) => value.noise);
        const v = x.map((value, i) => velocityOf(value, eps[i], step.abar));
        const asVelocity = denoiseStep(x, v, step, eta, noise, 'v_prediction');
        const asNoise = denoiseStep(x, eps, step, eta, noise, 'epsilon');
        expect(distance(asVelocity, asNoise)).toBeLessThan(1e-4);
      }),
    );
  });

  it('steps up as the epsilon that it stands for', () => {
    fc.assert(
      fc.property(numbers, abars, (values, { abar, abarNext }) => {
        const step = { timestep: 1, abar: abarNext, abarNext: abar };
        const x = Float32Array.from(values, (value) => value.x);
        const eps = Float32Array.from(values, (value) => value.eps);
        const v = x.map((value, i) => velocityOf(value, eps[i], step.abar));
        expect(distance(invertStep(x, v, step, 'v_prediction'), invertStep(x, eps, step, 'epsilon'))).toBeLessThan(
          1e-4,
        );
      }),
    );
  });

  it('shows the same clean picture', () => {
    const [x, eps, abar] = [0.7, -1.3, 0.4];
    const clean = (x - Math.sqrt(1 - abar) * eps) / Math.sqrt(abar);
    const v = Float32Array.of(velocityOf(x, eps, abar));
    expect(predictClean(Float32Array.of(x), Float32Array.of(eps), abar, 'epsilon')[0]).toBeCloseTo(clean, 6);
    expect(predictClean(Float32Array.of(x), v, abar, 'v_prediction')[0]).toBeCloseTo(clean, 6);
  });
});

describe('steps', () => {
  it('comes back down where it went up, with the same output and without noise', () => {
    fc.assert(
      fc.property(numbers, abars, (values, { abar, abarNext }) => {
        const x = Float32Array.from(values, (value) => value.x);
        const eps = Float32Array.from(values, (value) => value.eps);
        const up = invertStep(x, eps, { timestep: 1, abar: abarNext, abarNext: abar }, 'epsilon');
        const down = denoiseStep(up, eps, { timestep: 1, abar, abarNext }, 0, new Float32Array(0), 'epsilon');
        expect(distance(down, x)).toBeLessThan(1e-4);
      }),
    );
  });

  it('reads no noise at eta 0', () => {
    const step = { timestep: 1, abar: 0.4, abarNext: 0.6 };
    const [value] = denoiseStep(Float32Array.of(1), Float32Array.of(1), step, 0, new Float32Array(0), 'epsilon');
    expect(Number.isFinite(value)).toBe(true);
  });

  it('keeps unit variance when noise is disturbed into noise', () => {
    const [signal] = disturb(Float32Array.of(1), Float32Array.of(0), 0.42, 0.16);
    const [noise] = disturb(Float32Array.of(0), Float32Array.of(1), 0.42, 0.16);
    expect(signal ** 2 + noise ** 2).toBeCloseTo(1, 6);
    expect(signal).toBeCloseTo(Math.sqrt(0.16 / 0.42), 6);
  });

  it('leaves what it was given as it was', () => {
    const x = Float32Array.of(1, 2);
    const output = Float32Array.of(3, 4);
    const noise = Float32Array.of(5, 6);
    const step = { timestep: 1, abar: 0.4, abarNext: 0.6 };
    denoiseStep(x, output, step, 1, noise, 'epsilon');
    invertStep(x, output, step, 'epsilon');
    disturb(x, noise, 0.6, 0.4);
    expect([x, output, noise]).toEqual([Float32Array.of(1, 2), Float32Array.of(3, 4), Float32Array.of(5, 6)]);
  });
});
