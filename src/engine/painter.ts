/**
 * One request from pixels and a prompt to pictures, on a model that is loaded: text, encode, loop, decode. Runs in the
 * engine's process; callers hold `process/host.ts`.
 */
import { Fault } from '../errors.ts';
import { decode, encode, finite } from './autoencoder.ts';
import type { Branch } from './cow/guidance.ts';
import { concatenate, type Latents } from './cow/latents.ts';
import { levelsOf, runCow, runTextOnly, type LoopTools } from './cow/loop.ts';
import { createEmbeddingCache, promptOf, type EmbeddingCache } from './embeddings.ts';
import { createMeter, type MeasuredSpeeds, type Meter } from './meter.ts';
import type { LoadedModel } from './model/load.ts';
import type { TextEmbedding } from './model/networks.ts';
import { pasteOnGrey } from './pixels.ts';
import { branchesOf, chunkSizes, planCalls, startOf } from './plan.ts';
import { prepare, type PaintJob } from './prepare.ts';
import { createPreviewer, type Previewer } from './previews.ts';
import type { EngineRequest, EngineResult, PaintedPicture, Progress } from './request.ts';

export interface Painter {
  /** @throws Refusal, Fault, or what `beforeCall` throws. */
  paint(request: EngineRequest, hooks: PainterHooks): Promise<EngineResult>;
}

export interface PainterHooks {
  /** Awaited before every network call; throws to stop. */
  readonly beforeCall: () => Promise<void>;
  readonly onProgress: (progress: Progress) => void;
}

/** @param nowMs a monotonic clock. */
export function createPainter(model: LoadedModel, nowMs: () => number): Painter {
  const speeds: MeasuredSpeeds = new Map();
  const embeddings = createEmbeddingCache();
  let previewer: Previewer | undefined;

  return {
    async paint(request, hooks) {
      const startedMs = nowMs();
      const job = prepare(request, model);
      const every = request.previewEveryCalls;
      if (every !== undefined) previewer ??= await createPreviewer(model);
      const shown: { clean?: () => Latents } = {};
      const meter = createMeter({
        plan: await planCalls(job, model, newPrompts(job, embeddings)),
        speeds,
        nowMs,
        beforeCall: hooks.beforeCall,
        onProgress(progress) {
          const isDue = every !== undefined && progress.done % every === 0;
          const clean = isDue ? shown.clean?.() : undefined;
          hooks.onProgress(clean === undefined ? progress : { ...progress, preview: previewer?.(clean) });
        },
      });
      const latents = await paintLatents(job, model, meter, embeddings, (clean) => {
        shown.clean = clean;
      });
      meter.enter('decode');
      const pictures: PaintedPicture[] = [];
      for (let i = 0; i < job.count; i += 1) {
        const own = pictureOf(latents, i);
        const rgb = await decode(own, model, meter);
        pictures.push({ ...job.pixels, rgb, latents: own.data, seed: (request.seed + i) % 2 ** 32 });
      }
      return {
        pictures,
        parameters: job.parameters,
        model: { name: model.folder.name, fingerprint: model.fingerprint },
        isRepeatable: !model.networks.samplesItself || request.seeds.length === 0,
        cost: meter.cost(),
        totalMs: nowMs() - startedMs,
      };
    },
  };
}

function newPrompts(job: PaintJob, cache: EmbeddingCache): number {
  const prompts = branchesOf(job).map((branch) => promptOf(branch, job.prompt, job.parameters));
  return new Set(prompts.filter((prompt) => !cache.has(prompt))).size;
}

async function paintLatents(
  job: PaintJob,
  model: LoadedModel,
  meter: Meter,
  cache: EmbeddingCache,
  onClean: (clean: () => Latents) => void,
): Promise<Latents> {
  meter.enter('text');
  const prompts = new Map<Branch, TextEmbedding>();
  const texts = branchesOf(job).map((branch) => ({ branch, text: promptOf(branch, job.prompt, job.parameters) }));
  // Known ones first, for a new one may push the oldest out of the cache, and the plan counts on that.
  for (const { branch, text } of texts.toSorted((a, b) => Number(cache.has(b.text)) - Number(cache.has(a.text)))) {
    const run = async (): Promise<TextEmbedding> => model.networks.encodeText(model.encodePrompt(text));
    prompts.set(branch, await cache.get(text, async () => meter.call({ kind: 'text', work: 1 }, run)));
  }
  const tools: LoopTools = {
    timesteps: job.timesteps,
    prediction: model.schedule.predictionType,
    noise: job.noise,
    enterPhase: (phase) => meter.enter(phase),
    onClean,
    predict: createPredict(model, prompts, meter),
  };
  const data = new Float32Array(job.count * job.canvas.channels * job.canvas.height * job.canvas.width);
  const blank: Latents = { ...job.canvas, data };
  if (job.seeds.length === 0 && job.restart === undefined) return runTextOnly(job.parameters, blank, tools);

  meter.enter('encode');
  const seeds = [];
  for (const [i, { square, mask, at }] of job.seeds.entries()) {
    const name = i === 0 ? 'posterior_seed' : `posterior_seed${i}`;
    seeds.push({ mask, at, clean: await encode(square, job.count, name, job.noise, model, meter) });
  }
  const clean = job.restart === undefined ? await encodeCanvas(job, model, meter) : repeat(job.restart.latents, blank);
  return runCow({ ...job.parameters, levels: levelsOf(job.parameters) }, seeds, startOf(job, clean), tools);
}

async function encodeCanvas(job: PaintJob, model: LoadedModel, meter: Meter): Promise<Latents> {
  const { width, height } = job.pixels;
  const rgb = pasteOnGrey(
    width,
    height,
    job.parameters.grey,
    job.seeds.map(({ square }) => square),
  );
  return encode({ rgb, width, height }, job.count, 'posterior_canvas', job.noise, model, meter);
}

function repeat(latents: Float32Array, like: Latents): Latents {
  return { ...like, data: concatenate(Array.from({ length: like.pictures }, () => latents)) };
}

function pictureOf(latents: Latents, index: number): Latents {
  const size = latents.data.length / latents.pictures;
  return { ...latents, pictures: 1, data: latents.data.slice(index * size, (index + 1) * size) };
}

/** The UNet under several prompts: pictures x branches, in as few calls as their number allows. */
export function createPredict(
  { networks }: Pick<LoadedModel, 'networks'>,
  prompts: ReadonlyMap<Branch, TextEmbedding>,
  meter: Meter,
): LoopTools['predict'] {
  return async ({ data, pictures, height, width }, timestep, branches) => {
    const size = data.length / pictures;
    const samples = branches.flatMap((branch) =>
      Array.from({ length: pictures }, (_, i) => ({
        latents: data.subarray(i * size, (i + 1) * size),
        embedding: prompts.get(branch) ?? noEmbedding(branch),
      })),
    );
    const outputs: Float32Array[] = [];
    for (const count of chunkSizes(samples.length)) {
      const chunk = samples.splice(0, count);
      const joined = concatenate(chunk.map(({ latents }) => latents));
      const embeddings = chunk.map(({ embedding }) => embedding);
      const run = async (): Promise<Float32Array> => networks.predict(joined, height, width, timestep, embeddings);
      outputs.push(finite(await meter.call({ kind: 'unet', work: count * height * width }, run), "network's output"));
    }
    const all = concatenate(outputs);
    return branches.map((_, i) => all.subarray(i * data.length, (i + 1) * data.length));
  };
}

function noEmbedding(branch: Branch): never {
  throw new Fault(`Expected an embedding for the ${branch} prompt, got none.`);
}
