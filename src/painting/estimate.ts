/** What a wish will cost, before a pixel is touched. */
import type { ModelCard } from '../engine/card.ts';
import { createNoiseSchedule } from '../engine/cow/schedule.ts';
import { planCalls } from '../engine/plan.ts';
import { prepare, type ModelFacts } from '../engine/prepare.ts';
import type { PictureWish } from './wish.ts';

/** The UNet's work for one picture: evaluations of one canvas, calls on smaller squares counted by their area. */
export interface PaintingCost {
  readonly evaluations: number;
  readonly width: number;
  readonly height: number;
}

/**
 * Plans the calls of one picture of the wish. Where a photo will lie does not matter to its cost, and of what it keeps only
 * whether that is everything: other masks cost the same.
 * @throws Refusal where the model cannot take the wish's numbers.
 */
export async function estimateCost(wish: PictureWish, card: ModelCard): Promise<PaintingCost> {
  const facts = factsOf(card);
  const width = wish.width ?? card.canvasSize;
  const height = wish.height ?? card.canvasSize;
  const side = Math.min(card.seedSize, width, height);
  const seeds = wish.photos
    .filter(({ keep }) => keep !== 'none')
    .map(({ keep }, i) => {
      const size = keep === 'whole' ? { width, height } : { width: side, height: side };
      const rgb = new Uint8Array(size.width * size.height * 3);
      const mask = new Uint8Array(size.width * size.height);
      return {
        ...size,
        x: Math.min(i * side, width - size.width),
        y: 0,
        rgb,
        keep: keep === 'whole' ? mask.fill(255) : mask,
      };
    });
  const { prompt, preset, balance, parameters } = wish;
  const request = { prompt, seeds, width, height, preset, balance, parameters, seed: 0, count: 1 };
  const job = prepare(request, facts);
  const calls = await planCalls(job, facts, 0);
  const cells = job.canvas.width * job.canvas.height;
  const work = calls.reduce((sum, call) => sum + (call.kind === 'unet' ? call.work : 0), 0);
  return { evaluations: work / cells, width, height };
}

function factsOf({ recommended, nativeSize, sizeMultiple, factor, latentChannels, schedule }: ModelCard): ModelFacts {
  return {
    folder: { recommended, nativeSize, sizeMultiple, factor, latentChannels },
    schedule: createNoiseSchedule(schedule),
  };
}
