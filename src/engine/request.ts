/** What a caller asks of the engine and what comes back. Plain data: it crosses a process boundary as it is. */
import { Refusal, shown } from '../errors.ts';
import type { Rectangle } from './cow/masks.ts';
import { checkPrompt, resolveParameters, type CowParameters, type CowParameterWishes } from './cow/parameters.ts';
import { parametersOfBalance, type RestartStrength } from './cow/variations.ts';
import type { Recommendation } from './model/folder.ts';

/** A photo's square, ready at its size on the canvas. Usually square; the whole canvas where the whole photo is kept. */
export interface SeedSquare extends Rectangle {
  /** RGB, [height, width, 3]. */
  readonly rgb: Uint8Array;
  /** [height, width], 0..255; at 128 and above a pixel is kept. */
  readonly keep: Uint8Array;
}

export interface EngineRequest {
  readonly prompt: string;
  /** No seed: text to picture. Two: two people on one canvas. */
  readonly seeds: readonly SeedSquare[];
  /** Canvas, pixels; the model's recommended or native size where absent. */
  readonly width?: number | undefined;
  readonly height?: number | undefined;
  /** `paper` where absent. */
  readonly preset?: string | undefined;
  /** 1..5, see `variations.ts`. */
  readonly balance?: number | undefined;
  /** What the person set by hand; comes before everything else. */
  readonly parameters?: CowParameterWishes | undefined;
  /** Number that all noise is drawn from, 0..2^32 - 1. */
  readonly seed: number;
  /** Pictures, 1..8; picture i is what `seed + i` alone gives. */
  readonly count?: number | undefined;
  /** Go on from an older picture: its latents [C, h, w] at this canvas size. */
  readonly restart?: { readonly strength: RestartStrength; readonly latents: Float32Array } | undefined;
  /** A preview with every so many network calls; none where absent. */
  readonly previewEveryCalls?: number | undefined;
}

export const maxSeed = 2 ** 32 - 1;
export const maxCount = 8;
export const maxSquares = 4;

export type Phase = 'load' | 'text' | 'encode' | 'invert' | 'cycles' | 'final' | 'decode';

export interface Preview {
  readonly width: number;
  readonly height: number;
  /** RGB, [height, width, 3]; one pixel a latent cell. */
  readonly rgb: Uint8Array;
}

export interface Progress {
  readonly phase: Phase;
  /** Network calls. */
  readonly done: number;
  readonly total: number;
  /** From measured speed; `undefined` until something has been measured. */
  readonly remainingMs: number | undefined;
  readonly preview?: Preview | undefined;
}

export interface PaintedPicture {
  readonly width: number;
  readonly height: number;
  /** RGB, [height, width, 3]. */
  readonly rgb: Uint8Array;
  /** Level 0, [C, h, w], what a variation restarts from. */
  readonly latents: Float32Array;
  /** With this seed and a count of 1 the same picture comes again. */
  readonly seed: number;
}

export interface PhaseCost {
  readonly calls: number;
  /** Wall time of the phase, and the part of it inside network calls. */
  readonly totalMs: number;
  readonly networkMs: number;
}

export interface EngineResult {
  readonly pictures: readonly PaintedPicture[];
  /** As they were used, everything resolved. */
  readonly parameters: CowParameters;
  readonly model: { readonly name: string; readonly fingerprint: string };
  /** Whether the same seed gives the same picture: not so where the encoder draws its own noise. */
  readonly isRepeatable: boolean;
  readonly cost: Readonly<Partial<Record<Phase, PhaseCost>>>;
  readonly totalMs: number;
}

/** Options of a call that runs for long. */
export interface EngineCallOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
}

/** What callers see of the engine, in this process or in another. */
export interface Engine {
  /**
   * @throws Refusal where the request cannot be painted by this model, Fault where the engine failed (`mayPass` where
   * another try can help), the signal's reason where it was aborted.
   */
  generate(request: EngineRequest, options?: EngineCallOptions): Promise<EngineResult>;
  close(): Promise<void>;
}

/** @throws Refusal for what no model could take; sizes are the model's own to check. */
export function checkRequest(request: EngineRequest): void {
  checkPrompt('prompt', request.prompt);
  checkWhole('seed', request.seed, 0, maxSeed);
  checkWhole('count', request.count ?? 1, 1, maxCount);
  if (request.seeds.length > maxSquares) {
    throw new Refusal(
      'parameters.seeds',
      `Expected at most ${maxSquares} photos for one picture, got ${request.seeds.length}.`,
    );
  }
  for (const { rgb, keep, width, height } of request.seeds) {
    if (rgb.length !== width * height * 3 || keep.length !== width * height) {
      throw new Refusal(
        'parameters.seeds',
        `Expected pixels and mask of ${width}x${height} for a seed square, got ${rgb.length} and ${keep.length} bytes.`,
      );
    }
  }
}

function checkWhole(name: string, value: number, min: number, max: number): void {
  if (Number.isInteger(value) && value >= min && value <= max) return;
  throw new Refusal(
    `parameters.${name}`,
    `Expected a whole number from ${min} to ${max} for \`${name}\`, got ${shown(value)}.`,
  );
}

/** The order of authority: what the person set, the balance they chose, what the model recommends, what the preset says. */
export function parametersOf(request: EngineRequest, recommended: Recommendation): CowParameters {
  const { guidance, steps, cycles } = recommended;
  return resolveParameters(
    request.preset ?? 'paper',
    request.parameters ?? {},
    request.balance === undefined ? {} : parametersOfBalance(request.balance),
    { guidance, steps, cycles },
  );
}
