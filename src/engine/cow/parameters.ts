/**
 * Every constant of the published pipeline as a named, checked parameter; presets; and the order in which a value is
 * found: what the person asked, what the model recommends, what the preset says.
 *
 * Source of names and defaults: arXiv 2306.08247 and the authors' pipeline.
 */
import { Refusal, shown } from '../../errors.ts';
import type { Reading } from './schedule.ts';

/**
 * Where the kept cells are overwritten with the photo's latents:
 * `back`: only when the cycle has disturbed the picture up to the back level;
 * `cycle`: at every level of the cycle;
 * `all`: also in the last descent, at the preserve level and on to `preserveTo` (the paper's, where both are the same).
 */
export type OverwritePolicy = 'back' | 'cycle' | 'all';

/**
 * Which latent cells count as kept: those whose top left pixel is (the authors' reduction), or every cell with a kept
 * pixel in it, whose other pixels then stay the photo's too: an edge of half-kept cells would otherwise be given up.
 */
export type KeepCells = 'topLeft' | 'touched';

export interface CowParameters {
  /** N, the DDIM steps of the whole schedule, 1..500. */
  readonly steps: number;
  /** Lower end of the cycle as a fraction of N, 0..1; the level is `trunc(fraction * N)`. */
  readonly replace: number;
  /** Upper end of the cycle as a fraction of N, `replace`..1. */
  readonly back: number;
  /** Where the last descent overwrites the kept cells, as a fraction of N, 0..`replace`. */
  readonly preserve: number;
  /** Down to where it goes on overwriting them, as a fraction of N, 0..`preserve`. */
  readonly preserveTo: number;
  readonly overwrite: OverwritePolicy;
  readonly keepCells: KeepCells;
  /** 1..100. */
  readonly cycles: number;
  /** 0..50; the same scale in inversion, cycle and last descent. */
  readonly guidance: number;
  /** Randomness of the steps in the cycle, 0..1. */
  readonly etaCycle: number;
  /** Randomness of the steps in the last descent, 0..1. */
  readonly etaFinal: number;
  readonly negativePrompt: string;
  readonly diversePrompt: string;
  /** What the four-way guidance pushes away outside the kept region: a word for the kept subject. */
  readonly suppressPrompt: string;
  /** Grey value of the canvas and of what is not kept in a seed square, 0..255. */
  readonly grey: number;
  readonly reading: Reading;
}

export type PresetName = 'paper' | 'diffusers-0.22';

/** SD 2.1-base's values, which the authors used; a model's own recommendations come before them. */
const paper: CowParameters = {
  steps: 10,
  replace: 0.5,
  back: 0.7,
  preserve: 0.4,
  preserveTo: 0.4,
  overwrite: 'all',
  keepCells: 'topLeft',
  cycles: 10,
  guidance: 7.5,
  etaCycle: 1,
  etaFinal: 0.1,
  negativePrompt: 'a bad quality and low resolution image,extra fingers,deformed hands',
  diversePrompt: 'a high quality and colorful image',
  suppressPrompt: 'human face',
  grey: 128,
  reading: '0.17',
};

export const presets: Readonly<Record<PresetName, CowParameters>> = {
  paper,
  'diffusers-0.22': { ...paper, reading: '0.22' },
};

/** Parameters that somebody set; `undefined` reads as not set. */
export type CowParameterWishes = { readonly [Name in keyof CowParameters]?: CowParameters[Name] | undefined };

/** @throws Refusal naming the presets there are. */
export function presetByName(name: string): CowParameters {
  if (name === 'paper' || name === 'diffusers-0.22') return presets[name];
  throw new Refusal(
    'parameters.preset',
    `Expected one of ${Object.keys(presets).join(', ')} for \`preset\`, got ${shown(name)}.`,
    { known: Object.keys(presets).join(', ') },
  );
}

/**
 * Lays wishes over one another, the first that names a value wins, and checks the outcome.
 * @param wishes most important first: the person's, a variation's, the model's recommendations.
 * @throws Refusal for the first value out of its range.
 */
export function resolveParameters(preset: string, ...wishes: readonly CowParameterWishes[]): CowParameters {
  const resolved = Object.assign({}, presetByName(preset), ...wishes.map(onlySet).toReversed());
  checkParameters(resolved);
  return resolved;
}

function onlySet(wishes: CowParameterWishes): CowParameterWishes {
  return Object.fromEntries(Object.entries(wishes).filter(([, value]) => value !== undefined));
}

/** @throws Refusal "Expected … for `name`, got …." */
export function checkParameters(parameters: CowParameters): void {
  const { steps, replace, back, preserve, preserveTo, cycles, guidance, etaCycle, etaFinal, grey } = parameters;
  whole('steps', steps, 1, 500);
  whole('cycles', cycles, 1, 100);
  whole('grey', grey, 0, 255);
  between('replace', replace, 0, 1);
  between('back', back, replace, 1);
  between('preserve', preserve, 0, replace);
  between('preserveTo', preserveTo, 0, preserve);
  between('guidance', guidance, 0, 50);
  between('etaCycle', etaCycle, 0, 1);
  between('etaFinal', etaFinal, 0, 1);
  if (Math.trunc(back * steps) >= steps) {
    throw new Refusal(
      'parameters.back',
      `Expected \`back\` below 1, so that the cycle ends under pure noise, got ${shown(back)}.`,
      { name: 'back' },
    );
  }
  if (!['back', 'cycle', 'all'].includes(parameters.overwrite)) {
    throw expected('one of back, cycle, all', 'overwrite', parameters.overwrite);
  }
  if (parameters.keepCells !== 'topLeft' && parameters.keepCells !== 'touched') {
    throw expected('topLeft or touched', 'keepCells', parameters.keepCells);
  }
  if (parameters.reading !== '0.17' && parameters.reading !== '0.22') {
    throw expected('0.17 or 0.22', 'reading', parameters.reading);
  }
  for (const name of ['negativePrompt', 'diversePrompt', 'suppressPrompt'] as const) {
    checkPrompt(name, parameters[name]);
  }
}

/** Longer texts are cut to 77 tokens anyway; the bound keeps somebody's novel out of the tokenizer. */
export const maxPromptLength = 4000;

/** @throws Refusal where a prompt is no text, too long, or holds characters that no text has. */
export function checkPrompt(name: string, prompt: unknown): void {
  if (typeof prompt !== 'string') throw expected('a text', name, prompt);
  // What was written is nobody's business but the writer's: refusals are logged.
  if (prompt.length > maxPromptLength) throw expected(`at most ${maxPromptLength} characters`, name, prompt.length);
  if (prompt.includes('\0')) throw expected('a text without zero bytes', name, prompt.split('\0').length - 1);
}

function whole(name: string, value: unknown, min: number, max: number): void {
  if (!Number.isInteger(value)) throw expected(`a whole number from ${min} to ${max}`, name, value);
  between(name, value, min, max, 'a whole number');
}

function between(name: string, value: unknown, min: number, max: number, kind = 'a number'): void {
  if (typeof value !== 'number' || !(value >= min && value <= max)) {
    throw expected(`${kind} from ${min} to ${max}`, name, value);
  }
}

function expected(what: string, name: string, value: unknown): Refusal {
  return new Refusal(`parameters.${name}`, `Expected ${what} for \`${name}\`, got ${shown(value)}.`, { name });
}
