import { afterAll, describe, expect, it } from 'vitest';

import { levelsOf, runCow } from '../../../src/engine/cow/loop.ts';
import { cardOf } from '../../../src/engine/card.ts';
import { loadModel, type LoadedModel } from '../../../src/engine/model/load.ts';
import { createWorkshop, tinyModel, type TinyModel } from '../model-folders.ts';
import { ellipse, flatSquare, paintWith, toolsOf } from '../painting.ts';

const workshop = createWorkshop();
afterAll(() => workshop.remove());

async function withModel<T>(dir: string, work: (model: LoadedModel) => Promise<T>): Promise<T> {
  const model = await loadModel(dir, { device: 'cpu', threads: 1 });
  try {
    return await work(model);
  } finally {
    await model.close();
  }
}

const quick = { steps: 4, cycles: 1 };
const request = {
  prompt: 'a boat on the sea',
  seed: 7,
  width: 128,
  height: 128,
  parameters: quick,
  seeds: [flatSquare({ x: 64, y: 0, width: 64, height: 64 }, [200, 120, 60], ellipse(64, 64))],
};

/** A cycle from given latents: the same numbers whatever the encoder of a model does. */
async function finalFrom(dir: string): Promise<Float32Array> {
  return withModel(dir, async (model) => {
    const { tools, noise, parameters } = await toolsOf(model, request);
    const canvas = { data: noise('canvas', 0, 4 * 256), pictures: 1, channels: 4, height: 16, width: 16 };
    const seed = { data: noise('seed', 0, 4 * 64), pictures: 1, channels: 4, height: 8, width: 8 };
    const seeds = [{ clean: seed, mask: new Uint8Array(64).fill(1), at: { x: 8, y: 0, width: 8, height: 8 } }];
    const settings = { ...parameters, levels: levelsOf(parameters) };
    return (await runCow(settings, seeds, { kind: 'canvas', clean: canvas }, tools)).data;
  });
}

function rms(values: Float32Array): number {
  return Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length);
}

describe.each<[TinyModel, object]>([
  ['tiny-sd21', { precision: 'float32', samplesItself: false }],
  ['tiny-sd15', { precision: 'float32', samplesItself: false }],
  ['tiny-sd21-old', { precision: 'float32', samplesItself: true }],
  ['tiny-sd21-fp16', { precision: 'float16', samplesItself: false }],
])('%s', (name, card) => {
  it('paints, with and without a photo', async () => {
    await withModel(tinyModel(name), async (model) => {
      expect(cardOf(model)).toMatchObject({
        ...card,
        prediction: 'epsilon',
        embeddingWidth: 32,
        latentChannels: 4,
        factor: 8,
        sizeMultiple: 64,
        canvasSize: 512,
        seedSize: 256,
      });
      for (const seeds of [request.seeds, []]) {
        const { pictures, isRepeatable } = await paintWith(model, { ...request, seeds });
        expect(pictures).toHaveLength(1);
        expect(new Set(pictures[0]?.rgb).size).toBeGreaterThan(8);
        expect(isRepeatable).toBe(seeds.length === 0 || !model.networks.samplesItself);
      }
    });
  });
});

describe('the same weights under another signature', () => {
  it('give the same latents: int32 ids and one int64 timestep a sample', async () => {
    const [plain, old] = [await finalFrom(tinyModel('tiny-sd21')), await finalFrom(tinyModel('tiny-sd21-old'))];
    expect(rms(plain)).toBeGreaterThan(0.1);
    expect(rms(plain.map((value, i) => value - old[i]))).toBeLessThan(1e-4 * rms(plain));
  });

  it('give nearly the same latents: half precision, the timestep too', async () => {
    const [plain, half] = [await finalFrom(tinyModel('tiny-sd21')), await finalFrom(tinyModel('tiny-sd21-fp16'))];
    expect(rms(plain.map((value, i) => value - half[i]))).toBeLessThan(0.03 * rms(plain));
    // Half precision was really used.
    expect(rms(plain.map((value, i) => value - half[i]))).toBeGreaterThan(1e-6 * rms(plain));
  });
});

describe('a float timestep for each sample, as the oldest script exports it', () => {
  it('reaches every sample of a batch', async () => {
    const copy = workshop.copy('per-sample');
    copy.graph('unet', 'unet-timestep-per-sample');
    await withModel(copy.dir, async ({ networks, encodePrompt }) => {
      const embedding = await networks.encodeText(encodePrompt('a boat'));
      const sample = Float32Array.from({ length: 3 * 4 * 64 }, (_, i) => i / 768);
      const output = await networks.predict(sample, 8, 8, 601, [embedding, embedding, embedding]);
      expect(output).toHaveLength(sample.length);
      for (const [i, value] of output.entries()) expect(value).toBeCloseTo(sample[i] / 10 + 0.0601, 5);
    });
  });

  it('paints', async () => {
    const copy = workshop.copy('per-sample-paints');
    copy.graph('unet', 'unet-timestep-per-sample');
    const { pictures } = await withModel(copy.dir, async (model) => paintWith(model, request));
    expect(pictures).toHaveLength(1);
  });
});

describe('v-prediction', () => {
  it('paints another picture from the same network, by the scheduler file alone', async () => {
    const copy = workshop.copy('velocity');
    copy.change('scheduler/scheduler_config.json', { prediction_type: 'v_prediction' });
    const velocity = await withModel(copy.dir, async (model) => {
      expect(cardOf(model).prediction).toBe('v_prediction');
      return paintWith(model, request);
    });
    const noise = await withModel(tinyModel('tiny-sd21'), async (model) => paintWith(model, request));
    expect(velocity.pictures[0]?.rgb).not.toEqual(noise.pictures[0]?.rgb);
    expect(velocity.pictures[0]?.latents.every((value) => Number.isFinite(value))).toBe(true);
  });
});

describe('values that are no numbers', () => {
  it.each([
    ['unet', 'unet-nan', "network's output"],
    ['unet', 'unet-infinite', "network's output"],
    ['vae_decoder', 'vae-decoder-nan', 'decoded picture'],
  ])('%s: %s fails the request with that reason', async (network, graph, what) => {
    const copy = workshop.copy(graph);
    copy.graph(network, graph);
    await withModel(copy.dir, async (model) => {
      await expect(paintWith(model, request)).rejects.toMatchObject({
        name: 'Fault',
        mayPass: false,
        message: expect.stringContaining(`The ${what} holds values that are no numbers (NaN or infinity).`),
      });
    });
  });
});
