/**
 * Reads one recorded run of the authors' pipeline: a manifest, raw little-endian float32 tensors, and the pictures that
 * went in and came out (format: `test/fixtures/recorded/README.md`).
 */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';

import { z } from 'zod';

import { Fault, Refusal } from '../errors.ts';

const size = z.union([
  z
    .number()
    .int()
    .positive()
    .transform((side) => ({ width: side, height: side })),
  z
    .tuple([z.number().int().positive(), z.number().int().positive()])
    .transform(([width, height]) => ({ width, height })),
  z.object({ width: z.number().int().positive(), height: z.number().int().positive() }),
]);
const manifestFile = z.object({
  case: z.string(),
  model: z.string(),
  reading: z.string(),
  N: z.number().int().positive(),
  levels: z.object({ replace: z.number().int(), back: z.number().int(), preserve: z.number().int() }),
  cycles: z.number().int().positive(),
  guidance: z.number(),
  eta: z.object({ cycle: z.number(), final: z.number() }),
  canvas: size,
  seed: z.object({ size, x: z.number().int(), y: z.number().int() }),
  files: z.object({ image: z.string(), mask_1bit: z.string(), output: z.string() }),
  input_ids: z.object({
    prompt: z.array(z.number()),
    empty: z.array(z.number()),
    negative: z.array(z.number()),
    diverse: z.array(z.number()),
    suppress: z.array(z.number()),
  }),
  scheduler: z
    .object({
      num_train_timesteps: z.number().int(),
      beta_start: z.number(),
      beta_end: z.number(),
      beta_schedule: z.enum(['scaled_linear', 'linear', 'squaredcos_cap_v2']),
      steps_offset: z.number().int(),
      set_alpha_to_one: z.boolean(),
      prediction_type: z.enum(['epsilon', 'v_prediction']),
    })
    .optional(),
  tensors: z.array(
    z.object({
      name: z.string(),
      dtype: z.literal('float32'),
      file: z.string(),
      offset: z.number().int().min(0),
      bytes: z.number().int().positive(),
      noise: z.boolean(),
    }),
  ),
});

export type CaseManifest = z.infer<typeof manifestFile>;

export interface RecordedCase {
  readonly dir: string;
  readonly manifest: CaseManifest;
  /** Noise by its recorded name. @throws Fault where the run drew none of that name or of another length. */
  noise(name: string, length: number): Float32Array;
  /** Every recorded tensor that is not noise. */
  readonly recorded: ReadonlyMap<string, Float32Array>;
}

/** @throws Refusal where the folder is no recorded case. */
export async function readCase(dir: string): Promise<RecordedCase> {
  const manifest = await readManifest(dir);
  const files = new Map<string, Buffer>();
  for (const { file } of manifest.tensors) {
    if (!files.has(file)) files.set(file, await readFile(path.resolve(dir, file)));
  }
  const tensors = new Map(
    manifest.tensors.map(({ name, file, offset, bytes }) => {
      const whole = files.get(file) ?? Buffer.alloc(0);
      if (offset + bytes > whole.length)
        throw new Refusal('parity.case', `${path.basename(dir)}: ${file} ends before ${name}.`);
      // A copy, for a view would have to start at a multiple of four in its buffer.
      return [name, new Float32Array(Uint8Array.from(whole.subarray(offset, offset + bytes)).buffer)];
    }),
  );
  return {
    dir,
    manifest,
    noise(name, length) {
      const values = tensors.get(name);
      if (values?.length !== length) {
        throw new Fault(`Expected recorded noise ${name} of ${length} values, got ${values?.length ?? 'none'}.`);
      }
      return values;
    },
    recorded: new Map(
      manifest.tensors.flatMap(({ name, noise }) => (noise ? [] : [[name, tensors.get(name) ?? new Float32Array(0)]])),
    ),
  };
}

async function readManifest(dir: string): Promise<CaseManifest> {
  try {
    return manifestFile.parse(JSON.parse(await readFile(path.join(dir, 'case.json'), 'utf8')));
  } catch (cause) {
    throw new Refusal(
      'parity.case',
      `Expected a recorded case (a folder with case.json) at ${path.basename(dir)}.`,
      {},
      { cause },
    );
  }
}

/** A case's model by its name in a `models` folder beside the cases. @throws Refusal where there is none. */
export function findModelOf({ dir, manifest }: Pick<RecordedCase, 'dir' | 'manifest'>): string {
  const places = ['..', '../..'].map((up) => path.resolve(dir, up, 'models', manifest.model));
  const found = places.find((place) => existsSync(place));
  if (found === undefined) {
    throw new Refusal(
      'parity.model',
      `No folder models/${manifest.model} beside the case ${manifest.case}; name its model with --model.`,
    );
  }
  return found;
}
