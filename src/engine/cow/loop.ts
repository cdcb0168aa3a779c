/**
 * Cyclic one-way diffusion: the loop itself, from encoded latents to the latents of the picture.
 *
 * Knows levels, steps and masks; asks for the network's output and for noise, and does not know where they come from.
 *
 * Source: arXiv 2306.08247, algorithm 1, and the authors' pipeline, whose order of draws and overwrites it keeps.
 */
import { denoiseStep, disturb, invertStep, predictClean } from './ddim.ts';
import { fourWayGuidance, plainGuidance, type Branch, type Guidance } from './guidance.ts';
import { cellsOf, concatenate, overwriteKept, withData, type Latents } from './latents.ts';
import { pasteMask, type Rectangle } from './masks.ts';
import type { NoiseSource } from './noise.ts';
import type { CowParameters, OverwritePolicy } from './parameters.ts';
import type { PredictionType, Step, Timesteps } from './schedule.ts';

/** What of the parameters the loop itself reads, with the levels worked out. */
export interface LoopSettings {
  readonly levels: Levels;
  readonly cycles: number;
  readonly guidance: number;
  readonly etaCycle: number;
  readonly etaFinal: number;
  readonly overwrite: OverwritePolicy;
}

/** Levels of the loop, 0..N. */
export interface Levels {
  readonly replace: number;
  readonly back: number;
  readonly preserve: number;
  readonly preserveTo: number;
}

/** A photo's square as the loop sees it. */
export interface EncodedSeed {
  /** Level 0, one a picture: [pictures, C, h, w]. */
  readonly clean: Latents;
  /** [h * w], 1 = kept. */
  readonly mask: Uint8Array;
  /** Its place on the canvas, in latent cells. */
  readonly at: Rectangle;
}

/** What the loop starts from. */
export type LoopStart =
  /** The encoded grey canvas with the seeds pasted in (the paper). */
  | { readonly kind: 'canvas'; readonly clean: Latents }
  /** Finished latents of an older picture, disturbed to `level`; `cycles` follow. */
  | { readonly kind: 'restart'; readonly clean: Latents; readonly level: number; readonly cycles: number };

export type LoopPhase = 'invert' | 'cycles' | 'final';

/** What the loop needs from outside. */
export interface LoopTools {
  readonly timesteps: Timesteps;
  readonly prediction: PredictionType;
  readonly noise: NoiseSource;
  /** @returns the network's output for each branch, each as long as `latents.data`. One network call or more. */
  predict(latents: Latents, timestep: number, branches: readonly Branch[]): Promise<readonly Float32Array[]>;
  enterPhase(phase: LoopPhase): void;
  /** The canvas as the network now thinks it will come out; asked for after every step that shows something new. */
  onClean?(clean: () => Latents): void;
  /** Intermediates by their recorded names. */
  onTensor?(name: string, data: Float32Array): void;
}

/** `trunc(fraction * N)` with the double product, as the authors' code has it: 0.7 * 90 truncates to 62. */
export function levelsOf(parameters: CowParameters): Levels {
  const levelOf = (fraction: number): number => Math.trunc(fraction * parameters.steps);
  return {
    replace: levelOf(parameters.replace),
    back: levelOf(parameters.back),
    preserve: levelOf(parameters.preserve),
    preserveTo: levelOf(parameters.preserveTo),
  };
}

/**
 * Seed initialization (inversion), cycles, last descent.
 * @returns the latents of the picture at level 0, still multiplied by the autoencoder's scaling factor.
 */
export async function runCow(
  settings: LoopSettings,
  seeds: readonly EncodedSeed[],
  start: LoopStart,
  tools: LoopTools,
): Promise<Latents> {
  const { levels } = settings;
  const kept = canvasMask(seeds, start.clean);
  const plain = plainGuidance(settings.guidance);
  const fourWay = fourWayGuidance(
    settings.guidance,
    kept.every((cell) => cell === 1),
  );
  tools.onTensor?.('canvas_mask', Float32Array.from(kept));

  tools.enterPhase('invert');
  const top = start.kind === 'restart' ? Math.max(start.level, start.cycles > 1 ? levels.back : 0) : levels.back;
  const inverted = await invertTogether(
    [
      ...seeds.map((seed) => ({ clean: seed.clean, upTo: top })),
      ...(start.kind === 'canvas' ? [{ clean: start.clean, upTo: levels.replace }] : []),
    ],
    plain,
    tools,
  );
  const seedLevels = inverted.slice(0, seeds.length);
  nameInversions(seedLevels, tools);

  const overwriteAt = (x: Latents, level: number): void => {
    for (const [i, seed] of seeds.entries()) overwriteKept(x, seedLevels[i][level], seed.mask, seed.at);
  };
  const step = async (x: Latents, level: number, guidance: Guidance, eta: number, name: string): Promise<Latents> =>
    denoise(x, level, guidance, eta, name, kept, tools);

  /** Down from one level to another under four-way guidance. */
  const reconstruct = async (from: Latents, fromLevel: number, toLevel: number, name: string): Promise<Latents> => {
    let x = from;
    overwriteAt(x, fromLevel);
    for (let level = fromLevel - 1; level >= toLevel; level -= 1) {
      x = await step(x, level, fourWay, settings.etaCycle, `${name}.step${level}`);
      if (settings.overwrite !== 'back') overwriteAt(x, level);
    }
    return x;
  };

  tools.enterPhase('cycles');
  let x: Latents;
  let level = levels.replace;
  let cycles = settings.cycles;
  if (start.kind === 'canvas') {
    x = inverted[seeds.length][levels.replace];
    tools.onTensor?.('canvasAt_r', x.data);
  } else {
    x = disturbClean(start.clean, start.level, tools);
    level = Math.min(start.level, levels.replace);
    x = await reconstruct(x, start.level, level, 'restart');
    cycles = level < levels.replace ? 0 : start.cycles - 1;
  }
  for (let cycle = 0; cycle < cycles; cycle += 1) {
    const noise = drawNoise(x, `cycle${cycle}.disturb`, tools);
    const abarFrom = tools.timesteps.abarOfLevel(levels.replace);
    x = withData(x, disturb(x.data, noise, abarFrom, tools.timesteps.abarOfLevel(levels.back)));
    x = await reconstruct(x, levels.back, levels.replace, `cycle${cycle}`);
    tools.onTensor?.(`x.cycle${cycle}`, x.data);
  }

  tools.enterPhase('final');
  const preserveAt = (level: number): void => {
    if (settings.overwrite === 'all' && level <= levels.preserve && level >= levels.preserveTo) overwriteAt(x, level);
  };
  preserveAt(level);
  while (level > 0) {
    level -= 1;
    x = await step(x, level, plain, settings.etaFinal, `final.step${level}`);
    preserveAt(level);
  }
  tools.onTensor?.('final', x.data);
  return x;
}

/**
 * Text to picture without a photo: from pure noise down the whole schedule.
 * @param shape of the canvas; its data is not read.
 */
export async function runTextOnly(
  settings: Pick<LoopSettings, 'guidance' | 'etaFinal'>,
  shape: Latents,
  tools: LoopTools,
): Promise<Latents> {
  tools.enterPhase('final');
  const plain = plainGuidance(settings.guidance);
  const nothingKept = new Uint8Array(cellsOf(shape));
  let x = withData(shape, drawNoise(shape, 'start', tools));
  for (let level = tools.timesteps.steps - 1; level >= 0; level -= 1) {
    x = await denoise(x, level, plain, settings.etaFinal, `final.step${level}`, nothingKept, tools);
  }
  return x;
}

function canvasMask(seeds: readonly EncodedSeed[], canvas: Latents): Uint8Array {
  const mask = new Uint8Array(cellsOf(canvas));
  for (const seed of seeds) pasteMask(mask, canvas.width, seed.mask, seed.at);
  return mask;
}

/**
 * Inverts several latents side by side: at each level those of the same shape share one network call.
 * @returns for each of them its latents at levels 0..upTo.
 */
async function invertTogether(
  items: readonly { readonly clean: Latents; readonly upTo: number }[],
  guidance: Guidance,
  tools: LoopTools,
): Promise<Latents[][]> {
  const levels = items.map((item) => [item.clean]);
  const highest = Math.max(...items.map((item) => item.upTo));
  for (let level = 1; level <= highest; level += 1) {
    const step = tools.timesteps.invert(level);
    const climbing = items.flatMap((item, index) => (item.upTo >= level ? [levels[index]] : []));
    const byShape = Map.groupBy(climbing, ([clean]) => `${clean.height}x${clean.width}`);
    for (const group of byShape.values()) {
      const output = await invertGroup(group, level, step, guidance, tools);
      if (level === 1 && group.includes(levels[0])) tools.onTensor?.('seed.invert1.model_output', output);
    }
  }
  return levels;
}

/** @returns the guided output for the first of the group. */
async function invertGroup(
  group: readonly Latents[][],
  level: number,
  step: Step,
  guidance: Guidance,
  tools: LoopTools,
): Promise<Float32Array> {
  const below = group.map((levels) => levels[level - 1]);
  const [first] = below;
  const joined: Latents = {
    ...first,
    pictures: first.pictures * below.length,
    data: concatenate(below.map((latents) => latents.data)),
  };
  const outputs = await tools.predict(joined, step.timestep, guidance.branches);
  // Plain guidance reads no mask.
  const output = guidance.combine(outputs, new Uint8Array(1));
  const next = invertStep(joined.data, output, step, tools.prediction);
  for (const [i, levels] of group.entries()) {
    const size = below[i].data.length;
    levels.push(withData(below[i], next.slice(i * size, (i + 1) * size)));
  }
  return output.subarray(0, first.data.length);
}

function nameInversions(seedLevels: readonly Latents[][], tools: LoopTools): void {
  for (const [i, levels] of seedLevels.entries()) {
    for (const [level, latents] of levels.entries())
      tools.onTensor?.(`seed${i === 0 ? '' : i}At${level}`, latents.data);
  }
}

/** Finished latents up to the noise that the step below `level` expects. */
function disturbClean(clean: Latents, level: number, tools: LoopTools): Latents {
  const noise = drawNoise(clean, 'restart.disturb', tools);
  return withData(
    clean,
    disturb(clean.data, noise, tools.timesteps.denoise(0).abarNext, tools.timesteps.denoise(level - 1).abar),
  );
}

async function denoise(
  x: Latents,
  level: number,
  guidance: Guidance,
  eta: number,
  name: string,
  kept: Uint8Array,
  tools: LoopTools,
): Promise<Latents> {
  const step = tools.timesteps.denoise(level);
  const outputs = await tools.predict(x, step.timestep, guidance.branches);
  const output = guidance.combine(outputs, kept);
  tools.onTensor?.(`${name}.model_output`, output);
  tools.onClean?.(() => withData(x, predictClean(x.data, output, step.abar, tools.prediction)));
  const noise = eta === 0 ? new Float32Array(0) : drawNoise(x, name, tools);
  return withData(x, denoiseStep(x.data, output, step, eta, noise, tools.prediction));
}

/** One draw a picture, so that a picture of a batch gets the noise it would get alone. */
function drawNoise(like: Latents, name: string, tools: LoopTools): Float32Array {
  const length = like.data.length / like.pictures;
  return concatenate(Array.from({ length: like.pictures }, (_, picture) => tools.noise(name, picture, length)));
}
