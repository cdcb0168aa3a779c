import { constants } from 'node:fs';
import { access, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { Refusal } from '../errors.ts';

/** @throws Refusal where there is no such file or it cannot be read. */
export async function readInput(file: string, flag: string): Promise<Uint8Array> {
  try {
    return new Uint8Array(await readFile(file));
  } catch (cause) {
    throw new Refusal(
      'file.unreadable',
      `Expected a file that can be read for \`${flag}\`, got ${path.basename(file)}.`,
      {},
      { cause },
    );
  }
}

/** Before minutes of painting, not after. @throws Refusal where a file could not be written there. */
export async function checkWritable(file: string, flag: string): Promise<void> {
  const folder = path.dirname(path.resolve(file));
  try {
    await access(folder, constants.W_OK);
  } catch (cause) {
    throw new Refusal(
      'file.folder',
      `Expected a folder that can be written to for \`${flag}\`, got ${path.dirname(file)}.`,
      {},
      { cause },
    );
  }
  if ((await stat(file).catch(() => undefined))?.isDirectory() === true) {
    throw new Refusal('file.is-folder', `Expected a file name for \`${flag}\`, got the folder ${path.basename(file)}.`);
  }
}

/** All of it or nothing: written beside its place and moved there. */
export async function writeWhole(file: string, bytes: Uint8Array | string, signal: AbortSignal): Promise<void> {
  const unfinished = `${file}.${process.pid}.part`;
  try {
    await writeFile(unfinished, bytes, { signal });
    signal.throwIfAborted();
    await rename(unfinished, file);
  } catch (error) {
    await rm(unfinished, { force: true });
    throw error;
  }
}
