import { readFileSync } from 'node:fs';

import { describe, expect, it } from 'vitest';

import { denoiseStep, disturb, invertStep } from '../../../src/engine/cow/ddim.ts';
import { levelsOf } from '../../../src/engine/cow/loop.ts';
import { presetByName } from '../../../src/engine/cow/parameters.ts';
import {
  createNoiseSchedule,
  createTimesteps,
  type PredictionType,
  type Reading,
} from '../../../src/engine/cow/schedule.ts';
import { stableDiffusionSchedule } from '../../fakes/stub-card.ts';

interface RecordedTables {
  readonly alphas_cumprod: readonly number[];
  readonly schedules: readonly RecordedSchedule[];
  readonly steps: readonly RecordedStep[];
}

interface RecordedSchedule {
  readonly N: number;
  readonly replace: number;
  readonly back: number;
  readonly preserve: number;
  readonly denoise: readonly { readonly t: number; readonly abar_t: number; readonly abar_prev: number }[];
  readonly inverse: Readonly<
    Record<string, readonly { readonly t: number; readonly abar_from: number; readonly abar_to: number }[]>
  >;
  readonly disturb: { readonly abar_from: number; readonly abar_to: number };
}

interface RecordedStep {
  readonly kind: 'denoise' | 'inverse';
  readonly prediction_type: PredictionType;
  readonly N: number;
  readonly t: number;
  readonly eta: number;
  readonly x: readonly number[];
  readonly model_output: readonly number[];
  readonly noise: readonly number[] | null;
  readonly result: readonly number[];
  readonly reading?: string;
}

/** Made with diffusers' own schedulers; origin in `test/fixtures/recorded/README.md`. */
const tables: RecordedTables = JSON.parse(
  readFileSync(new URL('../../fixtures/recorded/ddim.json', import.meta.url), 'utf8'),
);
const readings: readonly (readonly [Reading, string])[] = [
  ['0.17', '0.17.1'],
  ['0.22', '0.22.3'],
];

const schedule = createNoiseSchedule(stableDiffusionSchedule);

/** Nine digits were printed. */
const printedDigits = 8;

describe('abar of Stable Diffusion', () => {
  it("is diffusers' at every timestep", () => {
    expect(schedule.alphasCumprod).toHaveLength(tables.alphas_cumprod.length);
    for (const [t, abar] of tables.alphas_cumprod.entries()) {
      expect(schedule.alphasCumprod[t] / abar, `abar[${t}]`).toBeCloseTo(1, printedDigits);
    }
  });
});

describe.each(tables.schedules)('schedule of N = $N', ({ N, denoise, inverse, disturb: recorded, ...levels }) => {
  it.each(readings)('denoises as recorded, reading %s', (reading) => {
    const timesteps = createTimesteps(schedule, N, reading);
    expect(denoise).toHaveLength(N);
    for (const [i, { t, abar_t: abar, abar_prev: abarNext }] of denoise.entries()) {
      const step = timesteps.denoise(N - 1 - i);
      expect(step.timestep).toBe(t);
      expect(step.abar).toBeCloseTo(abar, printedDigits);
      expect(step.abarNext).toBeCloseTo(abarNext, printedDigits);
    }
  });

  it.each(readings)('inverts as recorded, reading %s', (reading, recordedReading) => {
    const timesteps = createTimesteps(schedule, N, reading);
    expect(inverse[recordedReading]).toHaveLength(N);
    for (const [i, { t, abar_from: from, abar_to: to }] of inverse[recordedReading].entries()) {
      const step = timesteps.invert(i + 1);
      expect(step.timestep).toBe(t);
      expect(step.abar).toBeCloseTo(from, printedDigits);
      expect(step.abarNext).toBeCloseTo(to, printedDigits);
    }
  });

  it.each(readings)('disturbs between the recorded levels, reading %s', (reading) => {
    const worked = levelsOf({ ...presetByName('paper'), steps: N });
    expect(worked).toEqual({
      replace: levels.replace,
      back: levels.back,
      preserve: levels.preserve,
      preserveTo: levels.preserve,
    });
    const timesteps = createTimesteps(schedule, N, reading);
    expect(timesteps.abarOfLevel(worked.replace)).toBeCloseTo(recorded.abar_from, printedDigits);
    expect(timesteps.abarOfLevel(worked.back)).toBeCloseTo(recorded.abar_to, printedDigits);
  });
});

describe('single steps', () => {
  const steps = tables.steps.map((step, index) => ({ index, ...step }));

  it.each(steps)('$index: $kind $prediction_type N $N t $t eta $eta $reading', (step) => {
    const reading = readings.find(([, recorded]) => recorded === step.reading)?.[0] ?? '0.17';
    const timesteps = createTimesteps(schedule, step.N, reading);
    const level = Math.floor(step.t / Math.floor(1000 / step.N));
    const x = Float32Array.from(step.x);
    const output = Float32Array.from(step.model_output);
    const result =
      step.kind === 'denoise'
        ? denoiseStep(
            x,
            output,
            timesteps.denoise(level),
            step.eta,
            Float32Array.from(step.noise ?? []),
            step.prediction_type,
          )
        : invertStep(x, output, timesteps.invert(level + 1), step.prediction_type);
    expect(result).toHaveLength(step.result.length);
    for (const [i, value] of step.result.entries()) expect(Math.abs(result[i] - value)).toBeLessThan(2e-6);
  });

  it('disturbs by the forward process', () => {
    const x = Float32Array.of(1, -2);
    const noise = Float32Array.of(0.5, 3);
    const [a, b] = disturb(x, noise, 0.42288131, 0.15981632);
    expect(a).toBeCloseTo(Math.sqrt(0.15981632 / 0.42288131) + 0.5 * Math.sqrt(1 - 0.15981632 / 0.42288131), 6);
    expect(b).toBeCloseTo(-2 * Math.sqrt(0.15981632 / 0.42288131) + 3 * Math.sqrt(1 - 0.15981632 / 0.42288131), 6);
  });

  it('leaves a latent alone that is disturbed to where it is', () => {
    const x = Float32Array.of(1, -2, 0.25);
    expect(disturb(x, Float32Array.of(9, 9, 9), 0.4, 0.4)).toEqual(x);
  });

  // The values of the paper's setting, as the published pipeline has them.
  it.each([
    [1, 601, 0.6011877],
    [1, 501, 0.5276091],
    [0.1, 401, 0.044809],
    [0.1, 301, 0.036179],
    [0.1, 201, 0.026096],
    [0.1, 101, 0.0040984],
    [0.1, 1, 0.0020648],
  ])('takes sigma of eta %f at %i for %f', (eta, t, sigma) => {
    const zero = new Float32Array(1);
    const step = createTimesteps(schedule, 10, '0.17').denoise((t - 1) / 100);
    const [noiseShare] = denoiseStep(zero, zero, step, eta, Float32Array.of(1), 'epsilon');
    expect(noiseShare).toBeCloseTo(sigma, 6);
  });
});

describe('other schedules', () => {
  it('ends at a clean picture where set_alpha_to_one says so', () => {
    const ones = createNoiseSchedule({ ...stableDiffusionSchedule, setAlphaToOne: true });
    const last = createTimesteps(ones, 10, '0.17').denoise(0);
    expect(last.abarNext).toBe(1);
    const stepped = denoiseStep(Float32Array.of(0.3), Float32Array.of(0.2), last, 1, Float32Array.of(5), 'epsilon');
    expect(stepped[0]).toBeCloseTo((0.3 - Math.sqrt(1 - last.abar) * 0.2) / Math.sqrt(last.abar), 6);
  });

  it('counts from the offset that the model names', () => {
    const timesteps = createTimesteps(createNoiseSchedule({ ...stableDiffusionSchedule, stepsOffset: 0 }), 10, '0.17');
    expect(timesteps.denoise(9).timestep).toBe(900);
    const last = timesteps.denoise(0);
    expect(last).toEqual({ timestep: 0, abar: schedule.alphasCumprod[0], abarNext: schedule.alphasCumprod[0] });
    const x = Float32Array.of(0.3, -1);
    const stepped = denoiseStep(x, Float32Array.of(0.2, 4), last, 1, new Float32Array(2), 'epsilon');
    for (const [i, value] of x.entries()) expect(stepped[i]).toBeCloseTo(value, 5);
  });

  it('takes trained betas as they are', () => {
    const trainedBetas = [0.1, 0.2, 0.5];
    const { alphasCumprod } = createNoiseSchedule({ ...stableDiffusionSchedule, trainedBetas });
    expect(alphasCumprod).toHaveLength(3);
    for (const [t, abar] of [0.9, 0.72, 0.36].entries()) expect(alphasCumprod[t]).toBeCloseTo(abar, 6);
  });

  it('spaces linear betas evenly', () => {
    const { alphasCumprod } = createNoiseSchedule({ ...stableDiffusionSchedule, betaSchedule: 'linear' });
    expect(alphasCumprod[0]).toBeCloseTo(1 - 0.00085, 6);
    expect(alphasCumprod[999] / alphasCumprod[998]).toBeCloseTo(1 - 0.012, 5);
    expect(alphasCumprod[500] / alphasCumprod[499]).toBeCloseTo(1 - (0.00085 + (0.01115 * 500) / 999), 5);
  });

  it('follows the squared cosine', () => {
    const { alphasCumprod } = createNoiseSchedule({ ...stableDiffusionSchedule, betaSchedule: 'squaredcos_cap_v2' });
    const abar = (share: number): number => Math.cos((((share + 0.008) / 1.008) * Math.PI) / 2) ** 2;
    for (const t of [0, 250, 500, 750]) expect(alphasCumprod[t]).toBeCloseTo(abar((t + 1) / 1000) / abar(0), 5);
    expect(alphasCumprod[999]).toBeGreaterThan(0);
  });

  it.each([
    ['a beta of 1 and more, though the product looks fine', { trainedBetas: [2, 2, 0.1] }, 'every beta'],
    ['a beta of nothing', { trainedBetas: [0, 0.1] }, 'every beta'],
    ['a signal that is gone before the end', { betaSchedule: 'linear', betaStart: 0.5, betaEnd: 0.9 }, 'clean picture'],
  ] as const)('refuses %s', (_name, config, words) => {
    expect(() => createNoiseSchedule({ ...stableDiffusionSchedule, ...config })).toThrow(
      expect.objectContaining({ code: 'model.schedule', message: expect.stringContaining(words) }),
    );
  });
});

describe('steps', () => {
  it('truncates levels as the double product does: 0.7 * 90 is 62', () => {
    expect(levelsOf({ ...presetByName('paper'), steps: 90 })).toEqual({
      replace: 45,
      back: 62,
      preserve: 36,
      preserveTo: 36,
    });
  });

  it('takes as many steps as there are timesteps but one', () => {
    expect(createTimesteps(schedule, 999, '0.17').denoise(998).timestep).toBe(999);
  });

  it.each([1000, 1001, 0, -1, 2.5, Number.NaN])('refuses %d steps', (steps) => {
    expect(() => createTimesteps(schedule, steps, '0.17')).toThrow(
      /^Expected `steps` from 1 to 999 for this model, got /,
    );
  });
});
