/** Hashes as text, for communities that pass their lists on, and for keeping them. */
import { z } from 'zod';
import { Refusal } from '../../errors.ts';
import type { PictureHashes } from './describe.ts';
import { fingerprintWords } from './fingerprint.ts';

/** Changes with the way hashes are made; those of another version cannot be compared. */
const version = 1;

const exchangeLimits = { maxLines: 100_000 } as const;

const viewsOfWhole = 16;
const bytesOfView = fingerprintWords * Uint32Array.BYTES_PER_ELEMENT;

const lineSchema = z.strictObject({
  cowbotHashes: z.literal(version),
  wholes: z.union([z.literal(1), z.literal(2)]),
  words: z.base64().max(2 * viewsOfWhole * bytesOfView * 2),
});

/** One JSON object in one line, without the line's end: the version, and the words in base64, little-endian. */
export function writeHashes({ wholes, words }: PictureHashes): string {
  const bytes = Buffer.alloc(words.length * Uint32Array.BYTES_PER_ELEMENT);
  for (const [place, word] of words.entries()) bytes.writeUInt32LE(word, place * Uint32Array.BYTES_PER_ELEMENT);
  return JSON.stringify({ cowbotHashes: version, wholes, words: bytes.toString('base64') });
}

/**
 * One line of `writeHashes`.
 *
 * @throws Refusal `hashes.line`: damaged, or of another version.
 */
export function readHashes(line: string): PictureHashes {
  const { wholes, words } = parseLine(line);
  const bytes = Buffer.from(words, 'base64');
  if (bytes.length !== wholes * viewsOfWhole * bytesOfView) throw unreadable();
  const count = bytes.length / Uint32Array.BYTES_PER_ELEMENT;
  return {
    wholes,
    words: Uint32Array.from({ length: count }, (_, place) => bytes.readUInt32LE(place * Uint32Array.BYTES_PER_ELEMENT)),
  };
}

function parseLine(line: string): z.infer<typeof lineSchema> {
  try {
    return lineSchema.parse(JSON.parse(line));
  } catch (cause) {
    throw unreadable(cause);
  }
}

function unreadable(cause?: unknown): Refusal {
  return new Refusal(
    'hashes.line',
    `This is no line of a hash list of version ${version}. Export the list again with this version of the bot.`,
    { version },
    { cause },
  );
}

/** A whole list, a line for each picture. */
export function exportHashes(list: Iterable<PictureHashes>): string {
  let text = '';
  for (const hashes of list) text += `${writeHashes(hashes)}\n`;
  return text;
}

/**
 * All or nothing; empty lines are left out.
 *
 * @throws Refusal `hashes.too-many`, or `hashes.line` with the number of the first bad line in `details.line`.
 */
export function importHashes(text: string): PictureHashes[] {
  const lines = text.split('\n');
  if (lines.length > exchangeLimits.maxLines + 1) {
    throw new Refusal('hashes.too-many', `A hash list can have up to ${exchangeLimits.maxLines} lines.`, {
      max: exchangeLimits.maxLines,
    });
  }
  return lines.flatMap((line, place) => (line.trim() === '' ? [] : [readNumbered(line, place + 1)]));
}

function readNumbered(line: string, number: number): PictureHashes {
  try {
    return readHashes(line);
  } catch (cause) {
    throw new Refusal(
      'hashes.line',
      `Line ${number} is no line of a hash list of version ${version}.`,
      { line: number },
      { cause },
    );
  }
}
