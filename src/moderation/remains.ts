/**
 * What is kept of a picture that its owner deletes while moderators have a case of it, until they have decided: what its
 * copies are known again by, and nothing that can be looked at. Nobody gets out of a case by being quick.
 */
import { z } from 'zod';
import type { PictureHashes } from './hashes/describe.ts';
import { readHashes, writeHashes } from './hashes/exchange.ts';

export interface Remains {
  readonly hashes: readonly PictureHashes[];
  /** SHA-256 of the photos that it was made of, where the case reaches all that was made of them. */
  readonly photos: readonly string[];
  /** What comes of the case when nobody decides: only whoever is shown was promised an end, nobody else is judged unseen. */
  readonly overdue: 'expired' | 'withdrawn';
}

const rowSchema = z.strictObject({
  hashes: z.array(z.string()),
  photos: z.array(z.string()),
  overdue: z.enum(['expired', 'withdrawn']),
});

/** As a case has it in its row. */
export function writeRemains({ hashes, ...rest }: Remains): string {
  return JSON.stringify({ hashes: hashes.map(writeHashes), ...rest });
}

export function readRemains(row: string): Remains {
  const { hashes, ...rest } = rowSchema.parse(JSON.parse(row));
  return { hashes: hashes.map(readHashes), ...rest };
}
