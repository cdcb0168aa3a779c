import type { Command } from 'commander';

import { backup } from '../store/backup.ts';
import { printJson } from './output.ts';
import { interruptible, withToolStore } from './tool-store.ts';

/** `cowbot backup DIR`: everything that the bot keeps, while it runs. */
export function addBackupCommand(program: Command): void {
  program
    .command('backup')
    .description('copy everything that is kept into a new or empty folder, also while the bot runs')
    .argument('<dir>', 'where to')
    .option('--json', 'one JSON object')
    .addHelpText('after', '\nExit status 1 where files were missing or damaged; the backup has all the others.')
    .action(async (dir: string, flags: { json?: true }) => {
      const manifest = await interruptible((signal) =>
        withToolStore((store) => backup(store, dir, { madeAt: Date.now(), signal })),
      );
      const { blobs, bytes, missingBlobs } = manifest;
      if (missingBlobs.length > 0) process.exitCode = 1;
      if (flags.json) printJson({ folder: dir, ...manifest });
      else {
        console.log(`${dir}: the database and ${blobs} files, ${(bytes / 2 ** 20).toFixed(1)} MiB`);
        for (const hash of missingBlobs) console.error(`missing or damaged: ${hash}`);
      }
    });
}
