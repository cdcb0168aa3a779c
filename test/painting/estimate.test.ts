import { expect, it } from 'vitest';
import type { ModelCard } from '../../src/engine/card.ts';
import { createNoiseSchedule } from '../../src/engine/cow/schedule.ts';
import { planCalls } from '../../src/engine/plan.ts';
import { prepare } from '../../src/engine/prepare.ts';
import type { EngineRequest, SeedSquare } from '../../src/engine/request.ts';
import { estimateCost } from '../../src/painting/estimate.ts';
import type { PictureWish } from '../../src/painting/wish.ts';
import { stubCard } from '../fakes/stub-card.ts';

const card: ModelCard = { ...stubCard, sizeMultiple: 16, canvasSize: 128, seedSize: 64, nativeSize: 128 };

const face: PictureWish['photos'][number] = { keep: 'face' };
const wishOf = (fields: Partial<PictureWish> = {}): PictureWish => ({
  prompt: 'a knight',
  photos: [face],
  parameters: {},
  seed: 1,
  count: 1,
  ...fields,
});

function square(x: number, y: number, side: number, keep: (pixel: number) => number): SeedSquare {
  const rgb = new Uint8Array(side * side * 3);
  return { x, y, width: side, height: side, rgb, keep: Uint8Array.from({ length: side * side }, (_, i) => keep(i)) };
}

/** UNet work of a request with all its pixels, in evaluations of its canvas. */
async function planned(request: Omit<EngineRequest, 'prompt' | 'seed'>): Promise<number> {
  const facts = { folder: card, schedule: createNoiseSchedule(card.schedule) };
  const job = prepare({ prompt: 'a knight', seed: 1, ...request }, facts);
  const calls = await planCalls(job, facts, 2);
  const work = calls.reduce((sum, call) => sum + (call.kind === 'unet' ? call.work : 0), 0);
  return work / (job.canvas.width * job.canvas.height);
}

const someKept = (pixel: number): number => (pixel % 5 === 0 ? 255 : 0);
const one = square(0, 64, 64, someKept);
const latents = new Float32Array(4 * 16 * 16);

it.each<[string, Partial<PictureWish>, Omit<EngineRequest, 'prompt' | 'seed'>]>([
  ['no photo', { photos: [] }, { seeds: [] }],
  ['a photo that only inspires', { photos: [{ keep: 'none' }] }, { seeds: [] }],
  ['a face', {}, { seeds: [one] }],
  ['two faces', { photos: [face, face] }, { seeds: [one, square(64, 64, 64, someKept)] }],
  ['a whole photo', { photos: [{ keep: 'whole' }] }, { seeds: [square(0, 0, 128, () => 255)] }],
  ['few steps', { parameters: { steps: 7, cycles: 2 } }, { seeds: [one], parameters: { steps: 7, cycles: 2 } }],
  ['a balance', { balance: 5 }, { seeds: [one], balance: 5 }],
  ['a wide canvas', { width: 192, height: 64 }, { seeds: [square(0, 0, 64, someKept)], width: 192, height: 64 }],
])('plans as much for %s as the engine will do', async (_, wish, request) => {
  const cost = await estimateCost(wishOf(wish), card);
  expect(cost).toEqual({
    evaluations: await planned(request),
    width: wish.width ?? 128,
    height: wish.height ?? 128,
  });
});

it.each(['subtle', 'strong'] as const)('plans a %s variation as what is left of the way', async (strength) => {
  const { evaluations } = await estimateCost(wishOf(), card, strength);
  expect(evaluations).toBe(await planned({ seeds: [one], restart: { strength, latents } }));
  expect(evaluations).toBeLessThan((await estimateCost(wishOf(), card)).evaluations);
});

it('asks for as many photos as a wish may have, wherever they will lie', async () => {
  const four = await estimateCost(wishOf({ photos: [face, face, face, face], width: 128, height: 128 }), card);
  expect(four.evaluations).toBeGreaterThan((await estimateCost(wishOf(), card)).evaluations);
});

it.each([
  ['a size that the model cannot take', { width: 100 }],
  ['a balance that there is not', { balance: 9 }],
  ['steps out of range', { parameters: { steps: 0 } }],
])('refuses %s', async (_, wish) => {
  await expect(estimateCost(wishOf(wish), card)).rejects.toMatchObject({ name: 'Refusal' });
});
