/**
 * What a job's message needs beside its content: it travels in the job's address, since a message is edited long after
 * the act that it answers, perhaps by another process.
 */
import { z } from 'zod';
import type { Address } from '../src/jobs/adapter.ts';
import type { JsonObject } from '../src/store/tables.ts';
import { languages } from './languages/languages.ts';

const presentation = z.object({
  /** Of the job, for the buttons while it waits. */
  jobId: z.string(),
  language: z.enum(languages),
  /** Who asked, by the platform's own id, and as they were called. */
  askerId: z.string(),
  askerName: z.string(),
  isSpoiler: z.boolean(),
  /** How many pictures were asked for; one where it does not say so. */
  count: z.int().positive().optional(),
  /** Whether the placeholder shows the picture while it is painted. */
  hasPreviews: z.boolean().optional(),
  /** Whether nobody but the asker reads the message; a message that does not say so may have other readers. */
  isPrivate: z.boolean().optional(),
});

export type Presentation = Readonly<z.infer<typeof presentation>>;

const presentationKey = 'cowbot';

/** An adapter's address with the commands' part; adapters leave that part alone. */
export function withPresentation(address: Address, part: Presentation): Address {
  const { hasPreviews = false, isPrivate = false, count = 1, ...rest } = part;
  return { ...address, [presentationKey]: { ...rest, hasPreviews, isPrivate, count } };
}

/** Whether whoever asked, and their community, want to see a job's picture while it is painted. */
export function wantsPreviews({ address }: { readonly address: JsonObject }): boolean {
  return presentationOf(address)?.hasPreviews === true;
}

/** Undefined where a job was not asked for by a command. */
export function presentationOf(address: JsonObject): Presentation | undefined {
  return presentation.safeParse(address[presentationKey]).data;
}
