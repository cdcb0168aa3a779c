import { readFile } from 'node:fs/promises';

import { readPhoto } from '../photo/intake.ts';
import type { Picture } from '../photo/picture.ts';

/** A recorded picture at exactly its own size. */
export async function readPlainPicture(file: string): Promise<Picture> {
  return readPhoto(await readFile(file));
}
