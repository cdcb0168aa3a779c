/**
 * The noise schedule of a diffusion model and its DDIM timesteps, in the two readings of the published COW pipeline.
 *
 * "Level k" is a latent after k inversion steps from the clean picture; level 0 is clean, level N pure noise. The DDIM
 * step that *arrives at* level k calls the network at timestep `offset + k * floor(T / N)`.
 *
 * Source: Song et al., DDIM, arXiv 2010.02502; diffusers 0.17.1 and 0.22.3, whose inverse schedulers differ.
 */
import { Refusal, shown } from '../../errors.ts';

/** How the network's output is to be read: the noise itself, or v = sqrt(abar) eps - sqrt(1 - abar) x0 (arXiv 2202.00512). */
export type PredictionType = 'epsilon' | 'v_prediction';

/** Between which noise levels an inversion step moves: as diffusers 0.17 did (the authors' version), or 0.22 and later. */
export type Reading = '0.17' | '0.22';

/** The part of a `scheduler_config.json` that DDIM needs. */
export interface ScheduleConfig {
  readonly trainTimesteps: number;
  readonly betaStart: number;
  readonly betaEnd: number;
  readonly betaSchedule: 'scaled_linear' | 'linear' | 'squaredcos_cap_v2';
  /** Given, they replace the three fields above. */
  readonly trainedBetas?: readonly number[] | undefined;
  readonly stepsOffset: number;
  readonly setAlphaToOne: boolean;
  readonly predictionType: PredictionType;
}

/** Cumulative products of one model's schedule. */
export interface NoiseSchedule {
  /** abar[t], t = 0..T-1, float32 values. */
  readonly alphasCumprod: Float32Array;
  /** abar "before" timestep 0: 1, or abar[0]. */
  readonly finalAlphaCumprod: number;
  readonly stepsOffset: number;
  readonly predictionType: PredictionType;
}

/** One DDIM step that arrives at a level: the network is called at `timestep`, the latent moves from abar to abarNext. */
export interface Step {
  readonly timestep: number;
  readonly abar: number;
  readonly abarNext: number;
}

/** The steps of one request: N of them over the model's T timesteps. */
export interface Timesteps {
  readonly steps: number;
  /** The denoising step that arrives at `level` from `level + 1`. */
  denoise(level: number): Step;
  /** The inversion step that arrives at `level` from `level - 1`. */
  invert(level: number): Step;
  /** abar at which the forward process reads a level; both readings agree here. */
  abarOfLevel(level: number): number;
}

/**
 * Works out abar as diffusers does: betas in float32, the product accumulated in double and rounded to float32.
 * @throws Refusal where a schedule reaches zero signal or is not one that DDIM was written for.
 */
export function createNoiseSchedule(config: ScheduleConfig): NoiseSchedule {
  const betas = createBetas(config);
  // The product alone does not tell: two betas of 2 multiply to a fine looking 1.
  if (!betas.every((beta) => beta > 0 && beta < 1)) {
    throw new Refusal(
      'model.schedule',
      `Expected every beta of the noise schedule between 0 and 1, got ${shown(betas.find((beta) => !(beta > 0 && beta < 1)))}.`,
    );
  }
  const alphasCumprod = new Float32Array(betas.length);
  let product = 1;
  for (const [t, beta] of betas.entries()) {
    product *= Math.fround(1 - beta);
    alphasCumprod[t] = product;
  }
  if (!(alphasCumprod[0] < 1 && alphasCumprod[betas.length - 1] > 0)) {
    throw new Refusal(
      'model.schedule',
      `Expected betas that lead from a clean picture to almost pure noise, got abar from ${alphasCumprod[0]} to ${alphasCumprod[betas.length - 1]}.`,
    );
  }
  return {
    alphasCumprod,
    finalAlphaCumprod: config.setAlphaToOne ? 1 : alphasCumprod[0],
    stepsOffset: config.stepsOffset,
    predictionType: config.predictionType,
  };
}

function createBetas(config: ScheduleConfig): Float32Array {
  if (config.trainedBetas !== undefined) return Float32Array.from(config.trainedBetas);
  const { trainTimesteps: count, betaStart, betaEnd } = config;
  switch (config.betaSchedule) {
    case 'linear':
      return linspace(betaStart, betaEnd, count);
    case 'scaled_linear':
      return linspace(Math.sqrt(betaStart), Math.sqrt(betaEnd), count).map((root) => root * root);
    case 'squaredcos_cap_v2': {
      const abar = (share: number): number => Math.cos((((share + 0.008) / 1.008) * Math.PI) / 2) ** 2;
      return Float32Array.from({ length: count }, (_, t) =>
        Math.min(1 - abar((t + 1) / count) / abar(t / count), 0.999),
      );
    }
  }
}

/** `torch.linspace` in float32: counted from the nearer end, which is where its rounding differs from the plain formula. */
function linspace(start: number, end: number, count: number): Float32Array {
  const first = Math.fround(start);
  const last = Math.fround(end);
  const step = Math.fround(Math.fround(last - first) / (count - 1));
  return Float32Array.from({ length: count }, (_, i) =>
    i < Math.floor(count / 2) ? Math.fround(first + step * i) : Math.fround(last - step * (count - 1 - i)),
  );
}

/**
 * @param steps N, the steps of the whole schedule.
 * @throws Refusal where N steps do not fit into the model's timesteps.
 */
export function createTimesteps(schedule: NoiseSchedule, steps: number, reading: Reading): Timesteps {
  const { alphasCumprod, stepsOffset } = schedule;
  const trained = alphasCumprod.length;
  const stride = Math.floor(trained / steps);
  if (!Number.isInteger(steps) || steps < 1 || stride < 1 || stepsOffset + (steps - 1) * stride >= trained) {
    throw new Refusal(
      'parameters.steps',
      `Expected \`steps\` from 1 to ${trained - 1} for this model, got ${shown(steps)}.`,
    );
  }
  const timestepOfLevel = (level: number): number => stepsOffset + level * stride;
  const abarAt = (timestep: number): number => {
    if (timestep < 0) return schedule.finalAlphaCumprod;
    // One step past the last timestep the 0.17 inverse scheduler takes the signal to be gone.
    return timestep < trained ? alphasCumprod[timestep] : 0;
  };
  return {
    steps,
    denoise(level) {
      const timestep = timestepOfLevel(level);
      return { timestep, abar: abarAt(timestep), abarNext: abarAt(timestep - stride) };
    },
    invert(level) {
      const timestep = timestepOfLevel(level - 1);
      return reading === '0.17'
        ? { timestep, abar: abarAt(timestep), abarNext: abarAt(timestep + stride) }
        : { timestep, abar: abarAt(timestep - stride), abarNext: abarAt(timestep) };
    },
    abarOfLevel: (level) => abarAt(timestepOfLevel(level)),
  };
}
