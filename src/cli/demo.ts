import path from 'node:path';

import type { Command } from 'commander';

import { readInput } from './files.ts';
import { paintToFiles } from './paint-to-files.ts';
import { demoPhoto } from './places.ts';

const out = 'cow.png';
const keptPixels = 'cow-kept-pixels.png';
const prompt = 'a knight in a snowy forest';

/** `npm run demo`: the first thing a newcomer sees. */
export function addDemoCommand(program: Command): void {
  program
    .command('demo')
    .description(`keep the face of the bundled photo, paint "${prompt}" around it, write ${out} and ${keptPixels}`)
    .action(async () => {
      console.error(`Painting "${prompt}" around the face of the bundled photo …`);
      const files = [{ photo: await readInput(demoPhoto, 'photo') }];
      const wish = { prompt, photos: [{ keep: 'face' as const }], parameters: {}, balance: 4, seed: 7, count: 1 };
      await paintToFiles(wish, files, undefined, { out, keptPixels });
      console.error(
        `The picture is ${path.resolve(out)}, with the photo's own pixels pasted back in ${keptPixels}\nNow with a photo of yours: ./cowbot.mjs generate --photo me.jpg --prompt "a pirate on a ship" --out me.png`,
      );
    });
}
