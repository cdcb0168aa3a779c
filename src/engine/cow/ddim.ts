/**
 * DDIM arithmetic on plain arrays. Every function works on a whole batch at once: it is elementwise, so that the layout
 * (NCHW everywhere) does not matter to it.
 *
 * Source: Song et al., arXiv 2010.02502, equations 12 and 16; v-prediction: Salimans and Ho, arXiv 2202.00512.
 */
import type { PredictionType, Step } from './schedule.ts';

/**
 * One step down: from noise level `abar` to `abarNext`.
 *
 * @param x latents at abar.
 * @param output what the network said of x, guidance already applied.
 * @param eta 0 = deterministic, 1 = as noisy as DDPM.
 * @param noise standard normal, as long as x; not read where eta is 0.
 */
export function denoiseStep(
  x: Float32Array,
  output: Float32Array,
  step: Step,
  eta: number,
  noise: Float32Array,
  prediction: PredictionType,
): Float32Array {
  const { abar, abarNext } = step;
  const variance = ((1 - abarNext) / (1 - abar)) * (1 - abar / abarNext);
  // With set_alpha_to_one false and an offset of 0, the last step of a schedule stays at abar[0]: rounding must not make it a NaN.
  const sigma = eta * Math.sqrt(Math.max(0, variance));
  const direction = Math.sqrt(Math.max(0, 1 - abarNext - sigma * sigma));
  const scale = Math.sqrt(abarNext);
  const next = new Float32Array(x.length);
  const split = splitter(abar, prediction);
  for (let i = 0; i < x.length; i += 1) {
    const { clean, eps } = split(x[i], output[i]);
    next[i] = scale * clean + direction * eps + (sigma === 0 ? 0 : sigma * noise[i]);
  }
  return next;
}

/** One step up, without noise: clean picture and noise are taken at the abar that is moved from. */
export function invertStep(
  x: Float32Array,
  output: Float32Array,
  step: Step,
  prediction: PredictionType,
): Float32Array {
  const scale = Math.sqrt(step.abarNext);
  const direction = Math.sqrt(1 - step.abarNext);
  const next = new Float32Array(x.length);
  const split = splitter(step.abar, prediction);
  for (let i = 0; i < x.length; i += 1) {
    const { clean, eps } = split(x[i], output[i]);
    next[i] = scale * clean + direction * eps;
  }
  return next;
}

/** The forward process in one stride: `sqrt(to / from) x + sqrt(1 - to / from) noise`. */
export function disturb(x: Float32Array, noise: Float32Array, abarFrom: number, abarTo: number): Float32Array {
  const ratio = Math.min(1, abarTo / abarFrom);
  const keep = Math.sqrt(ratio);
  const add = Math.sqrt(1 - ratio);
  const next = new Float32Array(x.length);
  for (let i = 0; i < x.length; i += 1) next[i] = keep * x[i] + add * noise[i];
  return next;
}

/** The network's idea of the clean latents; what a preview shows. */
export function predictClean(
  x: Float32Array,
  output: Float32Array,
  abar: number,
  prediction: PredictionType,
): Float32Array {
  const split = splitter(abar, prediction);
  return x.map((value, i) => split(value, output[i]).clean);
}

/** One object for the whole array: allocating a pair per element would cost as much as the arithmetic. */
function splitter(
  abar: number,
  prediction: PredictionType,
): (x: number, output: number) => { clean: number; eps: number } {
  const signal = Math.sqrt(abar);
  const spread = Math.sqrt(1 - abar);
  const pair = { clean: 0, eps: 0 };
  switch (prediction) {
    case 'epsilon':
      return (x, output) => {
        pair.clean = (x - spread * output) / signal;
        pair.eps = output;
        return pair;
      };
    case 'v_prediction':
      return (x, output) => {
        pair.clean = signal * x - spread * output;
        pair.eps = signal * output + spread * x;
        return pair;
      };
  }
}
