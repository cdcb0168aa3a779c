import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { loadModel, type LoadedModel } from '../../src/engine/model/load.ts';
import { createPainter } from '../../src/engine/painter.ts';
import { planCalls } from '../../src/engine/plan.ts';
import { prepare, type ModelFacts } from '../../src/engine/prepare.ts';
import type { EngineRequest, EngineResult, Phase, Progress } from '../../src/engine/request.ts';
import { tinyModel } from './model-folders.ts';
import { ellipse, everything, flatSquare, paint, paintWith } from './painting.ts';
import { laterRefusalOf } from './refusals.ts';

let model: LoadedModel;
beforeAll(async () => {
  model = await loadModel(tinyModel('tiny-sd21'), { device: 'cpu', threads: 1 });
});
afterAll(async () => model.close());

const face = flatSquare({ x: 0, y: 0, width: 64, height: 64 }, [200, 120, 60], ellipse(64, 64));
const other = flatSquare({ x: 64, y: 64, width: 64, height: 64 }, [40, 90, 200], ellipse(64, 64, 0.5));
const whole = flatSquare({ x: 0, y: 0, width: 128, height: 128 }, [40, 190, 90], everything(128, 128));
const latents = Float32Array.from({ length: 4 * 16 * 16 }, (_, i) => Math.sin(i));

const one: EngineRequest = {
  prompt: 'a boat on the sea',
  seed: 7,
  width: 128,
  height: 128,
  parameters: { steps: 4, cycles: 1 },
  seeds: [face],
};

/** Painted with its progress, by a painter that has not seen anything yet. */
async function watch(request: EngineRequest): Promise<{ result: EngineResult; seen: Progress[] }> {
  const seen: Progress[] = [];
  const painter = createPainter(model, () => performance.now());
  const result = await paint(painter, request, (progress) => seen.push(progress));
  return { result, seen };
}

function callsOf({ cost }: EngineResult): Partial<Record<Phase, number>> {
  return Object.fromEntries(Object.entries(cost).map(([phase, { calls }]) => [phase, calls]));
}

function largestDifference(a: Uint8Array, b: Uint8Array): number {
  return a.length === b.length ? a.reduce((worst, value, i) => Math.max(worst, Math.abs(value - b[i])), 0) : Infinity;
}

describe('the plan', () => {
  it.each<[string, EngineRequest]>([
    ['text only', { ...one, seeds: [] }],
    ['one seed', one],
    ['two seeds', { ...one, seeds: [face, other] }],
    ['the whole picture', { ...one, seeds: [whole] }],
    ['two pictures', { ...one, count: 2 }],
    ['three pictures of two seeds', { ...one, count: 3, seeds: [face, other] }],
    ['four pictures', { ...one, count: 4 }],
    ['four pictures of text only', { ...one, seeds: [], count: 4 }],
    ['subtle', { ...one, restart: { strength: 'subtle', latents } }],
    ['strong', { ...one, restart: { strength: 'strong', latents } }],
    ['strong without a photo', { ...one, seeds: [], restart: { strength: 'strong', latents } }],
    ['strong of three', { ...one, count: 3, restart: { strength: 'strong', latents } }],
    ['balance 1', { ...one, balance: 1 }],
    ['balance 2', { ...one, balance: 2 }],
    ['balance 3', { ...one, balance: 3 }],
    ['balance 4', { ...one, balance: 4 }],
    ['balance 5', { ...one, balance: 5 }],
    ['guidance 1', { ...one, parameters: { steps: 4, cycles: 1, guidance: 1 } }],
    ['one step', { ...one, parameters: { steps: 1, cycles: 1 } }],
    ['previews', { ...one, previewEveryCalls: 1 }],
  ])('is what is done: %s', async (_name, request) => {
    const { result, seen } = await watch(request);
    const executed = Object.values(callsOf(result)).reduce((sum, calls) => sum + calls, 0);
    expect(seen.at(-1)).toMatchObject({ phase: 'decode', done: executed, total: executed, remainingMs: 0 });
    expect(new Set(seen.map(({ total }) => total)).size).toBe(1);
    expect(seen.every(({ done, total }) => done <= total)).toBe(true);
  });

  it.each([25, 26, 27, 28, 29])(
    'stays right when a prompt is on the point of being forgotten, %d later',
    async (later) => {
      const painter = createPainter(model, () => performance.now());
      const ask = async (prompt: string, suppressPrompt: string): Promise<Progress | undefined> => {
        const seen: Progress[] = [];
        const parameters = { steps: 1, cycles: 1, suppressPrompt };
        const request = { ...one, prompt, parameters, width: 64, height: 64 };
        await paint(painter, request, (progress) => seen.push(progress));
        return seen.at(-1);
      };
      await ask('a boat', 'a word of long ago');
      for (let i = 0; i < later; i += 1) await ask(`boat ${i}`, 'another word');
      const last = await ask('a new boat', 'a word of long ago');
      expect(last?.done).toBe(last?.total);
    },
  );
});

describe("the paper's cost, counted in the plan of a 512 x 512 picture", () => {
  const squareAt = (x: number, side: number, keep: Uint8Array): EngineRequest['seeds'][number] =>
    flatSquare({ x, y: 0, width: side, height: side }, [99, 99, 99], keep);

  /** UNet evaluations by the side of the latents. */
  async function evaluations(
    request: Partial<EngineRequest>,
    facts: ModelFacts = model,
  ): Promise<Record<number, number>> {
    const full = { ...one, width: 512, height: 512, parameters: {}, ...request };
    const plan = await planCalls(prepare(full, facts), facts, 0);
    const sides: Record<number, number> = { 32: 0, 64: 0 };
    for (const { kind, work } of plan) {
      if (kind !== 'unet') continue;
      const side = work % 4096 === 0 ? 64 : 32;
      sides[side] = (sides[side] ?? 0) + work / side ** 2;
    }
    return sides;
  }

  it('is 14 evaluations of the photo and 100 of the canvas', async () => {
    expect(await evaluations({ seeds: [squareAt(128, 256, ellipse(256, 256))] })).toEqual({ 32: 14, 64: 100 });
  });

  it('is 40 less in the cycles where everything is kept', async () => {
    // The photo is as large as the canvas here: 14 for its inversion, 60 for the canvas.
    expect(await evaluations({ seeds: [squareAt(0, 512, everything(512, 512))] })).toEqual({ 32: 0, 64: 14 + 60 });
  });

  it('is a third of it at guidance 1', async () => {
    const parameters = { guidance: 1 };
    const seeds = [squareAt(128, 256, ellipse(256, 256))];
    expect(await evaluations({ seeds, parameters })).toEqual({ 32: 7, 64: 5 + 20 + 5 });
  });

  it('follows the recommendation of the model', async () => {
    const facts = { ...model, folder: { ...model.folder, recommended: { guidance: 1 } } };
    const seeds = [squareAt(128, 256, ellipse(256, 256))];
    expect(await evaluations({ seeds }, facts)).toEqual({ 32: 7, 64: 30 });
  });

  it('grows with the number of pictures', async () => {
    const seeds = [squareAt(128, 256, ellipse(256, 256))];
    expect(await evaluations({ seeds, count: 3 })).toEqual({ 32: 42, 64: 300 });
  });
});

describe('prompts', () => {
  it('are encoded once, however many requests share them', async () => {
    const painter = createPainter(model, () => performance.now());
    const texts: (number | undefined)[] = [];
    for (const prompt of ['a boat', 'a boat', 'a car', 'a boat']) {
      texts.push(callsOf(await paint(painter, { ...one, prompt })).text);
    }
    expect(texts).toEqual([5, 0, 1, 0]);
  });

  it('that say the same are one', async () => {
    const parameters = { ...one.parameters, suppressPrompt: '', negativePrompt: 'a boat on the sea' };
    expect(callsOf((await watch({ ...one, parameters })).result).text).toBe(3);
  });

  it('that no branch reads are not encoded', async () => {
    expect(callsOf((await watch({ ...one, parameters: { ...one.parameters, guidance: 1 } })).result).text).toBe(1);
    expect(callsOf((await watch({ ...one, seeds: [whole] })).result).text).toBe(3);
    expect(callsOf((await watch({ ...one, seeds: [] })).result).text).toBe(2);
  });
});

describe('pictures', () => {
  it('come again, to the bit', async () => {
    const [a, b] = [await paintWith(model, one), await paintWith(model, one)];
    expect(a.pictures).toEqual(b.pictures);
    expect(a.isRepeatable).toBe(true);
  });

  it('differ with the seed and with the prompt', async () => {
    const [base, seed, prompt] = [
      await paintWith(model, one),
      await paintWith(model, { ...one, seed: 8 }),
      await paintWith(model, { ...one, prompt: 'a castle' }),
    ].map(({ pictures }) => pictures[0]?.rgb);
    expect(seed).not.toEqual(base);
    expect(prompt).not.toEqual(base);
  });

  it.each<[string, EngineRequest]>([
    ['a photo', one],
    ['two photos', { ...one, seeds: [face, other] }],
    ['text only', { ...one, seeds: [] }],
    ['a restart', { ...one, restart: { strength: 'strong', latents } }],
  ])('of one request are what each seed gives alone: %s', async (_name, request) => {
    const { pictures } = await paintWith(model, { ...request, count: 3 });
    expect(pictures.map(({ seed }) => seed)).toEqual([7, 8, 9]);
    for (const picture of pictures) {
      const [alone] = (await paintWith(model, { ...request, seed: picture.seed })).pictures;
      expect(largestDifference(picture.rgb, alone?.rgb ?? new Uint8Array(0))).toBeLessThanOrEqual(1);
    }
  });

  it('count their seeds on from the last to the first', async () => {
    const { pictures } = await paintWith(model, { ...one, seeds: [], seed: 2 ** 32 - 1, count: 2 });
    expect(pictures.map(({ seed }) => seed)).toEqual([2 ** 32 - 1, 0]);
  });

  it('can be wider than high', async () => {
    const { pictures } = await paintWith(model, { ...one, width: 192, height: 64 });
    expect(pictures[0]).toMatchObject({ width: 192, height: 64 });
    expect(pictures[0]?.rgb).toHaveLength(192 * 64 * 3);
    expect(pictures[0]?.latents).toHaveLength(4 * 24 * 8);
  });
});

describe('a request that cannot be painted', () => {
  it.each<[string, Partial<EngineRequest>, string, RegExp]>([
    ['no text', { prompt: 'x'.repeat(5000) }, 'parameters.prompt', /^Expected at most 4000 characters for `prompt`/],
    [
      'a seed below 0',
      { seed: -1 },
      'parameters.seed',
      /^Expected a whole number from 0 to 4294967295 for `seed`, got -1/,
    ],
    ['a seed beyond 32 bits', { seed: 2 ** 32 }, 'parameters.seed', /got 4294967296/],
    ['half a seed', { seed: 0.5 }, 'parameters.seed', /got 0\.5/],
    ['no pictures', { count: 0 }, 'parameters.count', /^Expected a whole number from 1 to 8 for `count`, got 0/],
    ['nine pictures', { count: 9 }, 'parameters.count', /got 9/],
    ['a balance of 6', { balance: 6 }, 'parameters.balance', /for `balance`, got 6/],
    ['an unknown preset', { preset: 'best' }, 'parameters.preset', /for `preset`, got "best"/],
    ['a size that does not divide', { width: 100 }, 'size.canvas', /the nearest that works is 128x128/],
    ['too many steps', { parameters: { steps: 501 } }, 'parameters.steps', /for `steps`, got 501/],
    ['five photos', { seeds: Array(5).fill(face) }, 'parameters.seeds', /^Expected at most 4 photos/],
    ['photos on each other', { seeds: [face, face] }, 'place.overlap', /two that overlap at 0,0; place them apart/],
    ['a photo beyond the canvas', { seeds: [{ ...face, x: 120 }] }, 'place.outside', /got 64x64 at 120,0/],
    ['a photo off the grid', { seeds: [{ ...face, x: 3 }] }, 'place.grid', /the nearest is 0,0/],
    [
      'a mask of another size',
      { seeds: [{ ...face, keep: new Uint8Array(9) }] },
      'parameters.seeds',
      /got 12288 and 9 bytes/,
    ],
    [
      'latents of another size',
      { restart: { strength: 'subtle', latents: new Float32Array(7) } },
      'restart.latents',
      /hold 1024 values for 128x128, got 7/,
    ],
  ])('%s', async (_name, change, code, words) => {
    const refusal = await laterRefusalOf(paintWith(model, { ...one, ...change }));
    expect(refusal.code).toBe(code);
    expect(refusal.message).toMatch(words);
  });
});

describe('before every network call', () => {
  it('the caller may stop the work, and no further call is made', async () => {
    const painter = createPainter(model, () => performance.now());
    let asked = 0;
    let done = 0;
    const work = painter.paint(one, {
      async beforeCall() {
        asked += 1;
        if (asked === 9) throw new Error('enough');
      },
      onProgress: (progress) => {
        done = progress.done;
      },
    });
    await expect(work).rejects.toThrow('enough');
    expect([asked, done]).toEqual([9, 8]);
    // The painter is as good as new.
    expect((await paint(painter, one)).pictures).toHaveLength(1);
  });
});
