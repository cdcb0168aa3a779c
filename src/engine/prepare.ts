/** From a request to a job with everything resolved and checked against the model; no network is called here. */
import { Refusal } from '../errors.ts';
import type { Latents } from './cow/latents.ts';
import { growToCells, latentMask, thresholdKeep, type Rectangle } from './cow/masks.ts';
import { seededNoise, type NoiseSource } from './cow/noise.ts';
import type { CowParameters, KeepCells } from './cow/parameters.ts';
import { createTimesteps, type NoiseSchedule, type Timesteps } from './cow/schedule.ts';
import type { ModelFolder } from './model/folder.ts';
import { checkCanvasSize, checkSquare } from './model/sizes.ts';
import { greyOut } from './pixels.ts';
import { checkRequest, parametersOf, type EngineRequest, type SeedSquare } from './request.ts';

/** What of a model has to be known to prepare and to plan. */
export interface ModelFacts {
  readonly folder: Pick<ModelFolder, 'recommended' | 'nativeSize' | 'sizeMultiple' | 'factor' | 'latentChannels'>;
  readonly schedule: NoiseSchedule;
}

/** A seed square with its pixels greyed and its mask on the latent grid. */
export interface PreparedSeed {
  readonly square: Rectangle & { readonly rgb: Uint8Array };
  /** 1 = kept. */
  readonly mask: Uint8Array;
  /** In latent cells. */
  readonly at: Rectangle;
}

export interface PaintJob {
  readonly prompt: string;
  readonly parameters: CowParameters;
  readonly count: number;
  readonly pixels: { readonly width: number; readonly height: number };
  /** The canvas on the latent grid. */
  readonly canvas: Omit<Latents, 'data'>;
  readonly seeds: readonly PreparedSeed[];
  readonly restart: EngineRequest['restart'];
  readonly noise: NoiseSource;
  readonly timesteps: Timesteps;
}

/** @throws Refusal where no model could take the request, or this one cannot. */
export function prepare(request: EngineRequest, { folder, schedule }: ModelFacts): PaintJob {
  checkRequest(request);
  const parameters = parametersOf(request, folder.recommended);
  const side = folder.recommended.size ?? folder.nativeSize;
  const pixels = { width: request.width ?? side, height: request.height ?? side };
  checkCanvasSize(pixels.width, pixels.height, folder);
  for (const square of request.seeds) checkSquare(square, pixels, folder);
  checkApart(request.seeds);
  const { factor, latentChannels: channels } = folder;
  const count = request.count ?? 1;
  const canvas = { pictures: count, channels, height: pixels.height / factor, width: pixels.width / factor };
  checkRestart(request.restart, canvas, pixels);
  return {
    prompt: request.prompt,
    parameters,
    count,
    pixels,
    canvas,
    seeds: request.seeds.map((seed) => prepareSeed(seed, parameters, factor)),
    restart: request.restart,
    noise: seededNoise(request.seed),
    timesteps: createTimesteps(schedule, parameters.steps, parameters.reading),
  };
}

/** Greys what is not kept, pixel by pixel, and reduces the mask to latent cells. */
export function prepareSeed(
  seed: SeedSquare,
  { grey, keepCells }: { readonly grey: number; readonly keepCells: KeepCells },
  factor: number,
): PreparedSeed {
  const { x, y, width, height } = seed;
  const pixels = thresholdKeep(seed.keep);
  const kept = keepCells === 'touched' ? growToCells(pixels, width, height, factor) : pixels;
  return {
    square: { x, y, width, height, rgb: greyOut(seed.rgb, kept, grey) },
    mask: latentMask(kept, width, height, factor),
    at: { x: x / factor, y: y / factor, width: width / factor, height: height / factor },
  };
}

function checkApart(squares: readonly Rectangle[]): void {
  for (const [i, a] of squares.entries()) {
    for (const b of squares.slice(i + 1)) {
      if (a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height) {
        throw new Refusal(
          'place.overlap',
          `Expected seed squares that lie apart, got two that overlap at ${Math.max(a.x, b.x)},${Math.max(a.y, b.y)}; place them apart or make them smaller.`,
        );
      }
    }
  }
}

function checkRestart(
  restart: EngineRequest['restart'],
  { channels, height, width }: PaintJob['canvas'],
  pixels: PaintJob['pixels'],
): void {
  const values = channels * height * width;
  if (restart === undefined || restart.latents.length === values) return;
  throw new Refusal(
    'restart.latents',
    `Expected the old picture's latents to hold ${values} values for ${pixels.width}x${pixels.height}, got ${restart.latents.length}; a variation keeps the size and the model of its picture.`,
  );
}
