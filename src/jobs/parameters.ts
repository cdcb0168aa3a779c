/** What a job's row remembers of its request: enough to explain and to repeat it. */
import { z } from 'zod';

import { Fault } from '../errors.ts';
import { pictureWish } from '../painting/wish.ts';
import type { Job } from '../store/jobs.ts';
import type { JsonObject } from '../store/tables.ts';

const hash = z.string().regex(/^[\da-f]{64}$/);

const jobParameters = z.strictObject({
  wish: pictureWish,
  /** Blobs, in the order of the wish's photos. */
  photos: z.array(z.strictObject({ photo: hash, mask: hash.optional() })),
  /** The older picture's latents that this one goes on from. */
  restart: z.strictObject({ strength: z.enum(['subtle', 'strong']), latents: hash }).optional(),
  /** Why its pictures are to be looked at by a moderator, whatever they are: a code and a sentence for the person. */
  hold: z.strictObject({ code: z.string(), sentence: z.string() }).optional(),
});

export type JobParameters = z.infer<typeof jobParameters>;

/** @throws Fault where the row holds something else. */
export function parametersOf({ id, parameters }: Pick<Job, 'id' | 'parameters'>): JobParameters {
  const parsed = jobParameters.safeParse(parameters);
  if (!parsed.success) throw new Fault(`The parameters of job ${id} cannot be read.`, { cause: parsed.error });
  return parsed.data;
}

export function toRow(parameters: JobParameters): JsonObject {
  return JSON.parse(JSON.stringify(parameters));
}
