/**
 * What a person asked for, as plain data that can be stored and asked for again: everything but the photos' bytes, which
 * travel beside it.
 */
import { z } from 'zod';

import { Refusal } from '../errors.ts';

/** What of a photo is to be kept; `auto` is the face where there is one and the salient subject elsewhere. */
export const keepKinds = ['auto', 'face', 'faces', 'subject', 'whole', 'none'] as const;
export type KeepKind = (typeof keepKinds)[number];

const photoWish = z.strictObject({
  keep: z.enum(keepKinds).default('auto'),
  /** A name (`top`, `left`, …) or numbers, see `photo/placement.ts`; the default place where absent. */
  place: z.string().max(40).optional(),
  /** Side of the seed square, pixels. */
  seedSize: z.number().int().positive().max(4096).optional(),
});

const parameterWishes = z.strictObject({
  steps: z.number().optional(),
  replace: z.number().optional(),
  back: z.number().optional(),
  preserve: z.number().optional(),
  preserveTo: z.number().optional(),
  overwrite: z.enum(['back', 'cycle', 'all']).optional(),
  cycles: z.number().optional(),
  guidance: z.number().optional(),
  etaCycle: z.number().optional(),
  etaFinal: z.number().optional(),
  negativePrompt: z.string().optional(),
  diversePrompt: z.string().optional(),
  suppressPrompt: z.string().optional(),
  grey: z.number().optional(),
  reading: z.enum(['0.17', '0.22']).optional(),
});

/** The stored form; ranges are the engine's to check. */
export const pictureWish = z.strictObject({
  prompt: z.string(),
  /** One a photo, in the order of the photos. */
  photos: z.array(photoWish).max(4),
  /** Canvas, pixels; the model's own size where absent. */
  width: z.number().optional(),
  height: z.number().optional(),
  preset: z.string().optional(),
  balance: z.number().optional(),
  parameters: parameterWishes.default({}),
  seed: z.number(),
  count: z.number().default(1),
});

export type PhotoWish = z.infer<typeof photoWish>;
export type PictureWish = z.infer<typeof pictureWish>;

/** @throws Refusal where `name` is no way of keeping. */
export function parseKeep(name: string): KeepKind {
  const kind = keepKinds.find((known) => known === name);
  if (kind === undefined) {
    throw new Refusal('keep.unknown', `Expected one of ${keepKinds.join(', ')} for \`keep\`, got "${name}".`);
  }
  return kind;
}
