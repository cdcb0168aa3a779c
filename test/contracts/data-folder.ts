import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import sharp from 'sharp';

/** What is looked for, by a name that a failed test prints. */
export type Needles = Readonly<Record<string, Buffer>>;

/** Every way in which a text may lie in a file: UTF-8, UTF-16, as JSON has it with and without escapes. */
export function textNeedles(name: string, text: string): Needles {
  const json = JSON.stringify(text).slice(1, -1);
  const escaped = json.replaceAll(/[^\x20-\x7e]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
  return {
    [`${name}, UTF-8`]: Buffer.from(text),
    [`${name}, UTF-16 LE`]: Buffer.from(text, 'utf16le'),
    [`${name}, UTF-16 BE`]: Buffer.from(text, 'utf16le').swap16(),
    [`${name}, JSON`]: Buffer.from(json),
    [`${name}, JSON with escapes`]: Buffer.from(escaped),
  };
}

/** Pieces of a file from all over it: one that is left is enough to find it. */
export function byteNeedles(name: string, file: Buffer): Needles {
  const pieces = 12;
  const length = 48;
  const step = Math.floor((file.length - length) / pieces);
  return Object.fromEntries(
    Array.from({ length: pieces }, (_, i) => [
      `${name}, bytes from ${100 + i * step}`,
      file.subarray(100 + i * step, 100 + i * step + length),
    ]),
  );
}

/** Which needles lie in which files under a folder: `blobs/ab/abcd: photo, bytes from 100`. */
export async function foundIn(folder: string, needles: Needles): Promise<readonly string[]> {
  const found: string[] = [];
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const file = path.join(entry.parentPath, entry.name);
    const content = entry.isFile() ? await readFile(file) : Buffer.alloc(0);
    const named = Buffer.from(entry.name);
    for (const [name, needle] of Object.entries(needles)) {
      if (content.includes(needle) || named.includes(needle)) found.push(`${path.relative(folder, file)}: ${name}`);
    }
  }
  return found;
}

/** A photo that nobody else has, of noise, so that no piece of it is in any other file. */
export async function uniquePhoto(seed: number): Promise<Buffer> {
  const sidePx = 96;
  let state = seed;
  const rgb = Uint8Array.from({ length: sidePx * sidePx * 3 }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state >>> 24;
  });
  return sharp(rgb, { raw: { width: sidePx, height: sidePx, channels: 3 } })
    .png()
    .toBuffer();
}
