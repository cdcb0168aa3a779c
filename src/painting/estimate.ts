/** What a wish will cost, before a pixel is touched. */
import type { ModelCard } from '../engine/card.ts';
import { createNoiseSchedule } from '../engine/cow/schedule.ts';
import type { RestartStrength } from '../engine/cow/variations.ts';
import { planCalls } from '../engine/plan.ts';
import { prepare, type ModelFacts, type PaintJob, type PreparedSeed } from '../engine/prepare.ts';
import type { KeepWish } from '../photo/keep.ts';
import type { PictureWish } from './wish.ts';

/** The UNet's work for one picture: evaluations of one canvas, calls on smaller squares counted by their area. */
export interface PaintingCost {
  readonly evaluations: number;
  readonly width: number;
  readonly height: number;
}

/**
 * Plans the calls of one picture of the wish. Where a photo will lie does not matter to its cost, and of what it keeps only
 * whether that is everything: other masks cost the same. No pixel is needed for it, and none is touched: this runs for
 * every request, on the event loop.
 * @param restart set where the picture goes on from an older one's latents, which costs less.
 * @throws Refusal where the model cannot take the wish's numbers.
 */
export async function estimateCost(
  wish: PictureWish,
  card: ModelCard,
  restart?: RestartStrength,
): Promise<PaintingCost> {
  const facts = factsOf(card);
  const width = wish.width ?? card.canvasSize;
  const height = wish.height ?? card.canvasSize;
  const { prompt, preset, balance, parameters } = wish;
  const bare = prepare({ prompt, seeds: [], width, height, preset, balance, parameters, seed: 0, count: 1 }, facts);
  const { canvas } = bare;
  const seeds = wish.photos.filter(({ keep }) => keep !== 'none').map(({ keep }) => squareFor(keep, canvas, card));
  const calls = await planCalls(
    {
      ...bare,
      seeds,
      restart: restart === undefined ? undefined : { strength: restart, latents: new Float32Array(0) },
    },
    facts,
    0,
  );
  const work = calls.reduce((sum, call) => sum + (call.kind === 'unet' ? call.work : 0), 0);
  return { evaluations: work / (canvas.width * canvas.height), width, height };
}

function squareFor(keep: KeepWish, canvas: PaintJob['canvas'], { seedSize, factor }: ModelCard): PreparedSeed {
  const side = Math.min(seedSize / factor, canvas.width, canvas.height);
  const { width, height } = keep === 'whole' ? canvas : { width: side, height: side };
  const at = { x: 0, y: 0, width, height };
  const mask = new Uint8Array(width * height).fill(keep === 'whole' ? 1 : 0);
  return { at, mask, square: { ...at, rgb: new Uint8Array(0) } };
}

function factsOf({ recommended, nativeSize, sizeMultiple, factor, latentChannels, schedule }: ModelCard): ModelFacts {
  return {
    folder: { recommended, nativeSize, sizeMultiple, factor, latentChannels },
    schedule: createNoiseSchedule(schedule),
  };
}
