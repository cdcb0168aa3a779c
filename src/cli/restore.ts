import type { Command } from 'commander';

import { readConfig } from '../config.ts';
import { restore } from '../store/restore.ts';
import { printJson } from './output.ts';
import { interruptible } from './tool-store.ts';

/** `cowbot restore DIR`: a backup becomes what the bot keeps. */
export function addRestoreCommand(program: Command): void {
  program
    .command('restore')
    .description('put a backup into the data folder (COWBOT_DATA, DATABASE_URL) of a bot that is stopped')
    .argument('<dir>', 'a folder that `cowbot backup` made')
    .option('--replace', 'move what the data folder holds aside')
    .option('--json', 'one JSON object')
    .action(async (dir: string, flags: { replace?: true; json?: true }) => {
      const { dataDir, databaseUrl, blobKey } = readConfig(process.env);
      const { manifest, movedTo } = await interruptible((signal) =>
        restore({
          folder: dir,
          dataDir,
          databaseUrl,
          blobKey,
          replace: flags.replace === true,
          now: Date.now(),
          signal,
        }),
      );
      if (flags.json) printJson({ dataDir, movedTo: movedTo ?? null, ...manifest });
      else {
        console.log(`${dataDir}: as it was at ${manifest.madeAt}, with ${manifest.blobs} files`);
        if (movedTo !== undefined) console.error(`What was there before is in ${movedTo}`);
      }
    });
}
