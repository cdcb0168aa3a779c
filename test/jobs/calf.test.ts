import { expect, it, onTestFinished } from 'vitest';
import sharp from 'sharp';
import { findModelDir } from '../../models/catalogue.ts';
import { modelsDir } from '../../src/cli/places.ts';
import { createEngineHost } from '../../src/engine/process/host.ts';
import { runningProgress } from '../../src/jobs/running-progress.ts';
import { jobById } from '../../src/store/jobs.ts';
import { picturesOfJob } from '../../src/store/pictures.ts';
import { startBot } from './bot.ts';

it('paints a photo with calf, and again from its latents after the engine was killed', async () => {
  const host = createEngineHost({ modelDir: findModelDir('calf', modelsDir), device: 'cpu', threads: 1, backoffMs: 1 });
  onTestFinished(() => host.close());
  const slots = [{ name: 'cpu', engine: host, probe: async (signal: AbortSignal) => host.card(signal) }];
  const phases = new Set<string>();
  let lastPreview: ReturnType<typeof runningProgress>['preview'];
  const bot = await startBot({
    slots,
    card: await host.card(),
    clock: { now: Date.now(), read: Date.now },
    mayPreview: async ({ prompt }) => prompt === 'a horse',
    onProgress: (_, progress) => {
      phases.add(progress.phase);
      lastPreview = runningProgress(progress).preview ?? lastPreview;
    },
  });
  const photo = await sharp('test/fixtures/photos/astronaut.png').toBuffer();
  const wish = { photos: [{ keep: 'whole' as const }], parameters: { steps: 12, cycles: 1 }, seed: 5, count: 1 };
  const { id } = await bot.ask('a horse', { wish: { prompt: 'a horse', ...wish }, photos: [{ photo }] });
  await bot.becomes(id, 'done');
  const [picture] = await picturesOfJob(bot.store.db, id);
  const { width, height, format } = await sharp(await bot.store.blobs.get(picture.pngHash ?? '')).metadata();
  expect({ width, height, format }).toEqual({ width: picture.widthPx, height: picture.heightPx, format: 'png' });
  expect([...phases]).toEqual(expect.arrayContaining(['encode', 'decode']));
  const preview = await sharp(await lastPreview?.png()).metadata();
  expect(preview).toMatchObject({ format: 'png', width: 256, height: 256 });
  const { engineMs = 0, photoHash, modelHash } = (await jobById(bot.store.db, id)) ?? {};
  expect(engineMs).toBeGreaterThan(0);
  expect(modelHash).toBe((await host.card()).fingerprint);

  process.kill(host.pid ?? 0, 'SIGKILL');
  const variation = await bot.ask('again', {
    parentId: id,
    wish: { prompt: 'a horse', ...wish, seed: 6 },
    photos: [{ photo: photoHash ?? '' }],
    restart: { strength: 'subtle', latents: picture.latentsHash ?? '' },
  });
  await bot.becomes(variation.id, 'done');
  const [varied] = await picturesOfJob(bot.store.db, variation.id);
  expect(varied.pngHash).not.toBe(picture.pngHash);
});
