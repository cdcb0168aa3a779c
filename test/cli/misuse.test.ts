import { writeFile } from 'node:fs/promises';
import path from 'node:path';

import { describe, expect, it } from 'vitest';

import { astronaut, cat, filesIn, inFolder, runCli } from './run-cli.ts';

/** What somebody types wrongly, and the sentence they get. */
const misuses: readonly (readonly [string, readonly string[], RegExp])[] = [
  ['no command', [], /Usage: cowbot/],
  ['an unknown command', ['paint'], /unknown command 'paint'/],
  ['no prompt', ['generate', '--out', 'o.png'], /required option '--prompt/],
  ['no out', ['generate', '--prompt', 'x'], /required option '--out/],
  ['an unknown flag', ['generate', '--prompt', 'x', '--out', 'o.png', '--sepia'], /unknown option '--sepia'/],
  [
    'a format that cannot be written',
    generate('--out', 'o.bmp'),
    /^Expected a file name that ends in \.png, \.jpg or \.webp/,
  ],
  ['a folder that is not there', generate('--out', 'nowhere/o.png'), /^Expected a folder that can be written to/],
  [
    'a photo that is not there',
    generate('--photo', 'none.jpg'),
    /^Expected a file that can be read for `photo`, got none\.jpg/,
  ],
  ['a photo that is a text', generate('--photo', 'note.txt'), /photo|picture/i],
  [
    'a mask that is not there',
    generate('--photo', astronaut, '--mask', 'none.png'),
    /^Expected a file that can be read for `mask`/,
  ],
  ['a mask without a photo', generate('--mask', astronaut), /^Expected a --photo for every --mask/],
  ['no face to keep', generate('--photo', cat, '--keep', 'face'), /^No face was found in the photo/],
  ['an unknown way of keeping', generate('--photo', astronaut, '--keep', 'hands'), /`keep` cannot be used/],
  ['an unknown place', generate('--photo', astronaut, '--place', 'upstairs'), /"upstairs" is no place/],
  ['a place outside', generate('--photo', astronaut, '--place', '200,200'), /reaches over the edge/],
  [
    'a balance of 6',
    generate('--photo', astronaut, '--balance', '6'),
    /^Expected a whole number from 1 .* for `balance`, got 6/,
  ],
  ['a balance in words', generate('--balance', 'much'), /^Expected a number for `balance`, got "much"/],
  [
    'an unknown preset',
    generate('--preset', 'fast'),
    /^Expected one of paper, diffusers-0\.22 for `preset`, got "fast"/,
  ],
  ['no steps', generate('--steps', '0'), /^Expected a whole number from 1 to 500 for `steps`, got 0/],
  ['half a step', generate('--steps', '2.5'), /^Expected a whole number from 1 to 500 for `steps`, got 2\.5/],
  ['too many cycles', generate('--cycles', '101'), /^Expected a whole number from 1 to 100 for `cycles`/],
  ['a negative guidance', generate('--guidance', '-1'), /^Expected a number from 0 to 50 for `guidance`, got -1/],
  ['a negative seed', generate('--seed', '-1'), /for `seed`, got -1/],
  ['a seed beyond 32 bits', generate('--seed', '4294967296'), /for `seed`, got 4294967296/],
  ['nine pictures', generate('--count', '9'), /^Expected a whole number from 1 to 8 for `count`, got 9/],
  ['a size in words', generate('--size', 'large'), /^Expected WIDTHxHEIGHT in pixels .* for `size`, got "large"/],
  ['a size off the grid', generate('--size', '250x250'), /nearest that works is 256x256/],
  ['a giant size', generate('--size', '9999x9999'), /nearest that works is 2048x2048/],
  ['an unknown model', generate('--model', 'sd99'), /^Expected a model folder or one of calf/],
  ['a model that is not here yet', generate('--model', 'sd15'), /^The model sd15 is not here yet\. To get it/],
  ['a folder that is no model', generate('--model', '.'), /cannot be used:\n- /],
  ['an unknown device', generate('--device', 'abacus'), /^Expected one of auto, cpu/],
  ['a device that is not here', generate('--device', 'cuda'), /no cuda provider/],
  [
    'an endless prompt',
    ['generate', '--prompt', 'x'.repeat(5000), '--out', 'o.png'],
    /^Expected at most 4000 characters for `prompt`/,
  ],
  [
    'to vary a picture of somebody else',
    ['vary', astronaut, '--how', 'again', '--out', 'o.png'],
    /^Nothing in or beside astronaut\.png says how it was made/,
  ],
  [
    'to vary in an unknown way',
    ['vary', astronaut, '--how', 'sideways', '--out', 'o.png'],
    /^Expected one of again, subtle/,
  ],
  ['parity without a case', ['parity', '.'], /^Expected a recorded case/],
];

function generate(...flags: string[]): string[] {
  return ['generate', '--prompt', 'a castle', ...(flags.includes('--out') ? [] : ['--out', 'o.png']), ...flags];
}

describe('the command line used wrongly', () => {
  it.concurrent.each(misuses)('%s', async (_what, args, sentence) => {
    await inFolder(async (folder) => {
      await writeFile(path.join(folder, 'note.txt'), 'a note');
      const { status, stdout, stderr } = await runCli(args, folder);
      expect(stderr).toMatch(sentence);
      expect(stderr).not.toMatch(/\n\s+at /);
      expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
      expect(await filesIn(folder)).toEqual(['note.txt']);
    });
  });

  it('lists every mistake in the settings at once', async () => {
    await inFolder(async (folder) => {
      const { status, stderr } = await runCli(['doctor'], folder, { COWBOT_DEVICE: 'abacus', LOG_LEVEL: 'loud' });
      expect(status).toBe(2);
      expect(stderr).toMatch(/COWBOT_DEVICE: .*\n- LOG_LEVEL: /);
    });
  });
});
