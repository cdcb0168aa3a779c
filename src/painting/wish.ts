/**
 * What a person asked for, as plain data that can be stored and asked for again: everything but the photos' bytes, which
 * travel beside it.
 */
import { z } from 'zod';

import { keepWishes } from '../photo/keep.ts';

const photoWish = z.strictObject({
  keep: z.enum(keepWishes).default('auto'),
  /** In the words of `photo/place.ts`; the paper's place where absent. */
  place: z.string().max(40).optional(),
});

const parameterWishes = z.strictObject({
  steps: z.number().optional(),
  replace: z.number().optional(),
  back: z.number().optional(),
  preserve: z.number().optional(),
  preserveTo: z.number().optional(),
  overwrite: z.enum(['back', 'cycle', 'all']).optional(),
  keepCells: z.enum(['topLeft', 'touched']).optional(),
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

export type PictureWish = z.infer<typeof pictureWish>;
