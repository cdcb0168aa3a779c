import { execFile } from 'node:child_process';
import { open, rm } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { onTestFinished } from 'vitest';
import { temporaryFolder } from '../contracts/place.ts';

const run = promisify(execFile);

/** A disk of a few megabytes, for the running test. */
export interface SmallDisk {
  readonly folder: string;
  /** Leaves not a byte; the returned function gives the room back. */
  fill(): Promise<() => Promise<void>>;
  /** Only while nothing on it is open for writing. */
  setReadOnly(readOnly: boolean): Promise<void>;
}

/** Mounts one in memory. @throws Error where this user may not, saying what would help. */
export async function smallDisk(sizeMib: number): Promise<SmallDisk> {
  const folder = await temporaryFolder();
  await asRoot('mount', '-t', 'tmpfs', '-o', `size=${sizeMib}m,mode=1777`, 'tmpfs', folder);
  onTestFinished(() => asRoot('umount', '-l', folder));
  const filler = path.join(folder, 'filler');
  return {
    folder,
    fill: async () => {
      const handle = await open(filler, 'w');
      for (let blockBytes = 1 << 20; blockBytes >= 1; blockBytes >>= 1) {
        // A tmpfs gives out whole pages, so a block that does not fit may still be written in part.
        while (
          await handle.write(Buffer.alloc(blockBytes)).then(
            () => true,
            () => false,
          )
        );
      }
      await handle.close();
      return () => rm(filler);
    },
    setReadOnly: (readOnly) => asRoot('mount', '-o', `remount,${readOnly ? 'ro' : 'rw'}`, folder),
  };
}

async function asRoot(...command: readonly [string, ...string[]]): Promise<void> {
  const [program, ...args] = process.getuid?.() === 0 ? command : (['sudo', '-n', ...command] as const);
  try {
    await run(program, args);
  } catch (cause) {
    throw new Error('Tests of a full and a read-only disk mount a small tmpfs: run them as root or with sudo.', {
      cause,
    });
  }
}

/** Writes noise over part of a file. */
export async function scribble(file: string, atByte: number, bytes: number): Promise<void> {
  const handle = await open(file, 'r+');
  await handle.write(Buffer.alloc(bytes, 0xa5), 0, bytes, atByte);
  await handle.close();
}
