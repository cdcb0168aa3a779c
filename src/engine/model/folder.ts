/**
 * Reads a model folder in the diffusers layout: what its configuration files say, and one list of all that is missing or
 * odd. Nothing here goes by a model's name, and nothing loads a network (`signatures.ts` looks at the graphs).
 *
 * Layout: `tokenizer/ text_encoder/ unet/ vae_encoder/ vae_decoder/ scheduler/ model_index.json`, each network a
 * `model.onnx` (with `model.onnx_data` or `weights.pb` beside it where it is larger than 2 GB).
 */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';

import { z } from 'zod';

import { Refusal } from '../../errors.ts';
import type { ScheduleConfig } from '../cow/schedule.ts';

export const networkNames = ['text_encoder', 'unet', 'vae_encoder', 'vae_decoder'] as const;
export type NetworkName = (typeof networkNames)[number];

/** What a model may recommend for itself in `cowbot.json`. */
export interface Recommendation {
  readonly guidance?: number | undefined;
  readonly steps?: number | undefined;
  readonly cycles?: number | undefined;
  /** Side of the canvas and of a seed square, pixels. */
  readonly size?: number | undefined;
  readonly seedSize?: number | undefined;
}

export interface ModelFolder {
  readonly dir: string;
  /** As `cowbot.json` has it, else the folder's name; for people only. */
  readonly name: string;
  readonly recommended: Recommendation;
  readonly licence: string | undefined;
  readonly networks: Readonly<Record<NetworkName, string>>;
  readonly schedule: ScheduleConfig;
  readonly latentChannels: number;
  /** Width of the text embedding that the UNet attends to; `undefined` where the configuration does not say. */
  readonly embeddingWidth: number | undefined;
  readonly scalingFactor: number;
  /** Pixels a latent cell spans, 2^(autoencoder levels - 1). */
  readonly factor: number;
  /** Pixels that widths and heights must be multiples of. */
  readonly sizeMultiple: number;
  /** The side of the pictures it was trained on, pixels. */
  readonly nativeSize: number;
  readonly tokenizer: { readonly dir: string; readonly padToken: string; readonly maxLength: number };
}

const unetConfig = z.object({
  in_channels: z.number().int().positive(),
  out_channels: z.number().int().positive().optional(),
  sample_size: z.union([z.number().int().positive(), z.array(z.number().int().positive()).min(1)]).optional(),
  block_out_channels: z.array(z.number()).min(1).optional(),
  cross_attention_dim: z.union([z.number().int().positive(), z.array(z.number().int().positive()).min(1)]).optional(),
});
const vaeConfig = z.object({
  block_out_channels: z.array(z.number()).min(1),
  scaling_factor: z.number().positive().default(0.18215),
  latent_channels: z.number().int().positive().default(4),
});
const schedulerConfig = z.object({
  num_train_timesteps: z.number().int().min(2).default(1000),
  beta_start: z.number().positive().default(0.00085),
  beta_end: z.number().positive().default(0.012),
  beta_schedule: z.enum(['scaled_linear', 'linear', 'squaredcos_cap_v2']).default('scaled_linear'),
  trained_betas: z.array(z.number()).min(2).nullish(),
  steps_offset: z.number().int().min(0).default(0),
  set_alpha_to_one: z.boolean().default(true),
  prediction_type: z.enum(['epsilon', 'v_prediction']).default('epsilon'),
  rescale_betas_zero_snr: z.literal(false).optional(),
});
const token = z.union([z.string(), z.object({ content: z.string() }).transform(({ content }) => content)]);
const tokenizerConfig = z.object({
  pad_token: token.optional(),
  // Some exports write 1e30 for "no limit". Begin and end tokens leave room for a word from 3 on.
  model_max_length: z.number().min(3).optional(),
});
const recommendationFile = z.object({
  name: z.string().min(1).max(80).optional(),
  licence: z.string().max(200).optional(),
  sizeMultiple: z.number().int().positive().optional(),
  recommended: z
    .object({
      guidance: z.number().min(0).max(50).optional(),
      steps: z.number().int().min(1).max(500).optional(),
      cycles: z.number().int().min(1).max(100).optional(),
      size: z.number().int().positive().max(4096).optional(),
      seedSize: z.number().int().positive().max(4096).optional(),
    })
    .default({}),
});

/**
 * @param dir the folder.
 * @throws Refusal `model.folder` with one line for every problem found.
 */
export async function readModelFolder(dir: string): Promise<ModelFolder> {
  if (!existsSync(dir) || !statSync(dir).isDirectory()) {
    throw new Refusal(
      'model.missing',
      `Expected a model folder at \`model\`, and there is no folder ${path.basename(dir)}.`,
    );
  }
  const problems: string[] = [];
  const read = async <T>(file: string, schema: z.ZodType<T>, required = true): Promise<T | undefined> =>
    readConfig(dir, file, schema, required, problems);

  const networks = findNetworks(dir, problems);
  const [unet, vae, scheduler, padding, special, recommendation] = await Promise.all([
    read('unet/config.json', unetConfig),
    read('vae_decoder/config.json', vaeConfig),
    read('scheduler/scheduler_config.json', schedulerConfig),
    read('tokenizer/tokenizer_config.json', tokenizerConfig, false),
    read('tokenizer/special_tokens_map.json', z.object({ pad_token: token.optional() }), false),
    read('cowbot.json', recommendationFile, false),
    read('model_index.json', z.object({}), true),
  ]);
  checkTokenizer(dir, problems);
  if (existsSync(path.join(dir, 'text_encoder_2'))) {
    problems.push('text_encoder_2/ makes this an SDXL model; cowbot paints with SD 1.x and 2.x models');
  }
  if (unet !== undefined && vae !== undefined && unet.in_channels !== vae.latent_channels) {
    problems.push(
      `unet/config.json takes ${unet.in_channels} channels and the autoencoder makes ${vae.latent_channels} (an inpainting or upscaling model?)`,
    );
  }
  const factor = vae === undefined ? 1 : 2 ** (vae.block_out_channels.length - 1);
  // A configuration that does not list its blocks is taken for Stable Diffusion's four.
  const unetLevels = unet?.block_out_channels?.length ?? 4;
  const sizeMultiple = recommendation?.sizeMultiple ?? factor * 2 ** (unetLevels - 1);
  if (sizeMultiple % factor !== 0) {
    problems.push(`cowbot.json: sizeMultiple ${sizeMultiple} does not divide by the ${factor} pixels of a latent cell`);
  }
  if (problems.length > 0 || unet === undefined || vae === undefined || scheduler === undefined) {
    throw new Refusal(
      'model.folder',
      [`The model folder ${path.basename(dir)} cannot be used:`, ...problems.map((problem) => `- ${problem}`)].join(
        '\n',
      ),
      { problems: problems.length },
    );
  }

  const attention = unet.cross_attention_dim;
  return {
    dir,
    name: recommendation?.name ?? path.basename(path.resolve(dir)),
    recommended: recommendation?.recommended ?? {},
    licence: recommendation?.licence ?? (await findLicence(dir)),
    networks,
    schedule: {
      trainTimesteps: scheduler.num_train_timesteps,
      betaStart: scheduler.beta_start,
      betaEnd: scheduler.beta_end,
      betaSchedule: scheduler.beta_schedule,
      trainedBetas: scheduler.trained_betas ?? undefined,
      stepsOffset: scheduler.steps_offset,
      setAlphaToOne: scheduler.set_alpha_to_one,
      predictionType: scheduler.prediction_type,
    },
    latentChannels: vae.latent_channels,
    embeddingWidth: Array.isArray(attention) ? attention[0] : attention,
    scalingFactor: vae.scaling_factor,
    factor,
    sizeMultiple,
    nativeSize: nativeSizeOf(unet.sample_size) * factor,
    tokenizer: {
      dir: path.join(dir, 'tokenizer'),
      padToken: padding?.pad_token ?? special?.pad_token ?? '<|endoftext|>',
      maxLength: Math.floor(Math.min(padding?.model_max_length ?? 77, 77)),
    },
  };
}

function nativeSizeOf(sampleSize: number | number[] | undefined): number {
  if (sampleSize === undefined) return 64;
  return Array.isArray(sampleSize) ? Math.max(...sampleSize) : sampleSize;
}

function findNetworks(dir: string, problems: string[]): Record<NetworkName, string> {
  const at = (name: NetworkName): string => {
    const file = path.join(dir, name, 'model.onnx');
    if (!existsSync(file)) problems.push(`${name}/model.onnx is missing`);
    else if (!statSync(file).isFile()) problems.push(`${name}/model.onnx is no file`);
    else if (statSync(file).size === 0) problems.push(`${name}/model.onnx is empty`);
    else if (statSync(file).size < 1000 && isPointer(file)) {
      problems.push(`${name}/model.onnx is a Git LFS pointer, not the network; run \`git lfs pull\` where you got it`);
    }
    return file;
  };
  return {
    text_encoder: at('text_encoder'),
    unet: at('unet'),
    vae_encoder: at('vae_encoder'),
    vae_decoder: at('vae_decoder'),
  };
}

function isPointer(file: string): boolean {
  return readFileSync(file, 'utf8').startsWith('version https://git-lfs');
}

async function readConfig<T>(
  dir: string,
  file: string,
  schema: z.ZodType<T>,
  required: boolean,
  problems: string[],
): Promise<T | undefined> {
  let text: string;
  try {
    text = await readFile(path.join(dir, file), 'utf8');
  } catch {
    if (required) problems.push(`${file} is missing`);
    return undefined;
  }
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    problems.push(`${file} is not JSON`);
    return undefined;
  }
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  for (const issue of parsed.error.issues) {
    problems.push(`${file}: ${issue.path.join('.') || 'the file'}: ${issue.message}`);
  }
  return undefined;
}

function checkTokenizer(dir: string, problems: string[]): void {
  const has = (file: string): boolean => existsSync(path.join(dir, 'tokenizer', file));
  if (has('tokenizer.json')) return;
  for (const file of ['vocab.json', 'merges.txt']) {
    if (!has(file)) problems.push(`tokenizer/${file} is missing (and there is no tokenizer.json)`);
  }
}

async function findLicence(dir: string): Promise<string | undefined> {
  const files = await readdir(dir);
  return files.find((file) => /^licen[cs]e/i.test(file));
}
