/**
 * Replays a recorded run through the real loop, with the recorded noise, and measures how far every intermediate is from
 * the authors' pipeline. A model's recommendations are not looked at.
 */
import path from 'node:path';

import { decode, encode } from '../engine/autoencoder.ts';
import type { Branch } from '../engine/cow/guidance.ts';
import type { Latents } from '../engine/cow/latents.ts';
import { runCow, type LoopTools } from '../engine/cow/loop.ts';
import type { NoiseSource } from '../engine/cow/noise.ts';
import { createNoiseSchedule, createTimesteps, type NoiseSchedule, type Reading } from '../engine/cow/schedule.ts';
import { createMeter, type Meter } from '../engine/meter.ts';
import type { LoadedModel } from '../engine/model/load.ts';
import type { TextEmbedding } from '../engine/model/networks.ts';
import { createPredict } from '../engine/painter.ts';
import { pasteOnGrey } from '../engine/pixels.ts';
import { prepareSeed, type PreparedSeed } from '../engine/prepare.ts';
import { psnrDb } from '../photo/compare.ts';
import { readPlainPicture } from './pictures.ts';
import type { CaseManifest, RecordedCase } from './recorded-case.ts';

/** From the recorded `seedAt0` and `canvas0`, or from the photo through our own encoding. */
export type ReplayFrom = 'latents' | 'photo';

export interface Replay {
  readonly case: string;
  readonly from: ReplayFrom;
  readonly finalMaxAbs: number;
  readonly worstMaxAbs: number;
  /** Of the decoded picture against the recorded one; 100 where no pixel differs by anything. */
  readonly psnrDb: number;
  /** Largest absolute difference of every recorded intermediate. */
  readonly maxAbs: Readonly<Record<string, number>>;
}

const grey = 128;

export async function replay(recorded: RecordedCase, model: LoadedModel, from: ReplayFrom): Promise<Replay> {
  const { manifest } = recorded;
  const made = new Map<string, Float32Array>();
  const meter = createMeter({
    plan: [],
    speeds: new Map(),
    nowMs: () => 0,
    beforeCall: async () => {},
    onProgress: () => {},
  });
  const noise: NoiseSource = (name, _picture, length) => recorded.noise(name, length);
  const seed = await readSeed(recorded, model);
  made.set('latent_mask', Float32Array.from(seed.mask));

  const prompts = new Map<Branch, TextEmbedding>();
  for (const [branch, name] of Object.entries(branchNames)) {
    const embedding = await model.networks.encodeText(manifest.input_ids[name]);
    made.set(`text.${name}`, embedding.data);
    if (isBranch(branch)) prompts.set(branch, embedding);
  }

  const start =
    from === 'photo' ? await encodeBoth(recorded, seed, model, noise, meter) : recordedStart(recorded, model);
  if (from === 'photo') made.set('canvas0', start.canvas.data);
  const schedule = scheduleOf(manifest, model);
  const tools: LoopTools = {
    timesteps: createTimesteps(schedule, manifest.N, readingOf(manifest)),
    prediction: schedule.predictionType,
    noise,
    predict: createPredict(model, prompts, meter),
    enterPhase: () => {},
    onTensor: (name, data) => made.set(name, data),
  };
  const settings = {
    levels: { ...manifest.levels, preserveTo: manifest.levels.preserve },
    cycles: manifest.cycles,
    guidance: manifest.guidance,
    etaCycle: manifest.eta.cycle,
    etaFinal: manifest.eta.final,
    overwrite: 'all',
  } as const;
  const seeds = [{ clean: start.seed, mask: seed.mask, at: seed.at }];
  const final = await runCow(settings, seeds, { kind: 'canvas', clean: start.canvas }, tools);

  const maxAbs = compareAll(recorded.recorded, made, from);
  const output = await readPlainPicture(path.join(recorded.dir, manifest.files.output));
  const picture = { ...manifest.canvas, rgb: await decode(final, model, meter) };
  return {
    case: manifest.case,
    from,
    finalMaxAbs: maxAbs['final'] ?? Number.NaN,
    worstMaxAbs: Math.max(...Object.values(maxAbs)),
    psnrDb: Math.min(100, psnrDb(picture, output)),
    maxAbs,
  };
}

const branchNames = {
  text: 'prompt',
  empty: 'empty',
  negative: 'negative',
  diverse: 'diverse',
  suppress: 'suppress',
} as const;

function isBranch(name: string): name is Branch {
  return name in branchNames;
}

function readingOf({ reading }: CaseManifest): Reading {
  const [major = 0, minor = 0] = reading.split('.').map(Number);
  return major === 0 && minor < 22 ? '0.17' : '0.22';
}

/** What was used while recording, where the manifest says so. */
function scheduleOf({ scheduler }: CaseManifest, model: LoadedModel): NoiseSchedule {
  if (scheduler === undefined) return model.schedule;
  return createNoiseSchedule({
    trainTimesteps: scheduler.num_train_timesteps,
    betaStart: scheduler.beta_start,
    betaEnd: scheduler.beta_end,
    betaSchedule: scheduler.beta_schedule,
    stepsOffset: scheduler.steps_offset,
    setAlphaToOne: scheduler.set_alpha_to_one,
    predictionType: scheduler.prediction_type,
  });
}

/** The 1-bit mask as it was used: on grey edges the authors dither, and a threshold would keep other pixels. */
async function readSeed({ dir, manifest }: RecordedCase, { folder }: LoadedModel): Promise<PreparedSeed> {
  const image = await readPlainPicture(path.join(dir, manifest.files.image));
  const mask = await readPlainPicture(path.join(dir, manifest.files.mask_1bit));
  const keep = mask.rgb.filter((_, i) => i % 3 === 0);
  const { size, x, y } = manifest.seed;
  return prepareSeed({ rgb: image.rgb, keep, x, y, ...size }, { grey, keepCells: 'topLeft' }, folder.factor);
}

interface Start {
  readonly seed: Latents;
  readonly canvas: Latents;
}

async function encodeBoth(
  { manifest }: RecordedCase,
  { square }: PreparedSeed,
  model: LoadedModel,
  noise: NoiseSource,
  meter: Meter,
): Promise<Start> {
  const { width, height } = manifest.canvas;
  const canvas = { rgb: pasteOnGrey(width, height, grey, [square]), width, height };
  return {
    seed: await encode(square, 1, 'posterior_seed', noise, model, meter),
    canvas: await encode(canvas, 1, 'posterior_canvas', noise, model, meter),
  };
}

function recordedStart({ manifest, recorded }: RecordedCase, { folder }: LoadedModel): Start {
  const latents = (name: string, { width, height }: { width: number; height: number }): Latents => ({
    data: recorded.get(name) ?? new Float32Array(0),
    pictures: 1,
    channels: folder.latentChannels,
    height: height / folder.factor,
    width: width / folder.factor,
  });
  return { seed: latents('seedAt0', manifest.seed.size), canvas: latents('canvas0', manifest.canvas) };
}

/** Recorded tensors that the loop made too; a recorded tensor that it did not make counts as infinitely far. */
function compareAll(
  recorded: ReadonlyMap<string, Float32Array>,
  made: ReadonlyMap<string, Float32Array>,
  from: ReplayFrom,
): Record<string, number> {
  const given = from === 'latents' ? ['seedAt0', 'canvas0'] : [];
  const compared = [...recorded.keys()].filter((name) => !given.includes(name));
  return Object.fromEntries(compared.map((name) => [name, maxAbsDifference(recorded.get(name), made.get(name))]));
}

function maxAbsDifference(a: Float32Array | undefined, b: Float32Array | undefined): number {
  if (a === undefined || b?.length !== a.length) return Number.POSITIVE_INFINITY;
  return a.reduce((worst, value, i) => Math.max(worst, Math.abs(value - b[i])), 0);
}
