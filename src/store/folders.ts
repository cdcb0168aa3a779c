import { mkdir } from 'node:fs/promises';
import { Fault } from '../errors.ts';
import { fileCode, fileTrouble } from './trouble.ts';

/**
 * Makes a folder for this user only, and those above it, where they are missing.
 * @returns the topmost one that was made; undefined: it was there.
 * @throws Fault that may pass where it cannot be made.
 */
export async function makeFolder(folder: string): Promise<string | undefined> {
  try {
    return await mkdir(folder, { recursive: true, mode: 0o700 });
  } catch (error) {
    // What Node says of a read-only disk when it makes folders in a row.
    if (fileCode(error) === 'ENOENT') {
      throw new Fault(`The folder ${folder} cannot be made: the disk is read-only or not there.`, {
        cause: error,
        mayPass: true,
      });
    }
    throw fileTrouble(error, folder);
  }
}
