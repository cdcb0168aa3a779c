import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';

import { describe, expect, it } from 'vitest';

import { readPhoto } from '../../src/photo/intake.ts';
import { readMarks } from '../../src/photo/marks.ts';
import { astronaut, cat, filesIn, inFolder, runCli, startCli } from './run-cli.ts';

const quick = ['--steps', '4', '--cycles', '2'];

describe('cowbot generate', () => {
  it('writes the picture, its views and what a variation needs', async () => {
    await inFolder(async (folder) => {
      const { status, stdout, stderr } = await runCli(
        [
          'generate',
          '--photo',
          astronaut,
          '--prompt',
          'a knight',
          '--seed',
          '7',
          '--out',
          'me.png',
          '--kept-pixels',
          'kept.webp',
          '--before-after',
          'strip.jpg',
          '--json',
        ],
        folder,
      );
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
      const row: unknown = JSON.parse(stdout);
      expect(row).toMatchObject({
        file: 'me.png',
        width: 256,
        height: 256,
        seed: 7,
        isRepeatable: true,
        parameters: { guidance: 1, steps: 10 },
      });
      expect(await filesIn(folder)).toEqual(['kept.webp', 'me.cow.json', 'me.png', 'strip.jpg']);
      const picture = await readFile(path.join(folder, 'me.png'));
      expect(await readPhoto(picture)).toMatchObject({ width: 256, height: 256, format: 'png' });
      const { source, parameters } = await readMarks(picture);
      expect(source).toBe('compositeWithTrainedAlgorithmicMedia');
      expect(parameters).toMatch(
        /^a knight\nNegative prompt: .*\nSteps: 10, Sampler: COW DDIM, CFG scale: 1, Seed: 7, Size: 256x256, Model: calf, /,
      );
    });
  });

  it('gives the same picture for the same request and seed, and picture i for seed + i', async () => {
    await inFolder(async (folder) => {
      const request = ['generate', '--photo', astronaut, '--prompt', 'a castle', '--no-sidecar', ...quick];
      await runCli([...request, '--seed', '5', '--out', 'a.png'], folder);
      await runCli([...request, '--seed', '5', '--out', 'b.png'], folder);
      await runCli([...request, '--seed', '4', '--count', '2', '--out', 'c.png'], folder);
      const pixels = async (file: string): Promise<Uint8Array> =>
        (await readPhoto(await readFile(path.join(folder, file)))).rgb;
      const [a, b, c] = await Promise.all([pixels('a.png'), pixels('b.png'), pixels('c-2.png')]);
      expect(Buffer.compare(a, b)).toBe(0);
      expect(a.every((value, i) => Math.abs(value - c[i]) <= 1)).toBe(true);
      expect(await filesIn(folder)).toEqual(['a.png', 'b.png', 'c-1.png', 'c-2.png', 'c-sheet.png']);
    });
  });

  it('paints two people, another size, a text alone and a whole photo', async () => {
    await inFolder(async (folder) => {
      const runs = [
        ['--photo', astronaut, '--photo', astronaut, '--out', 'two.png'],
        ['--photo', cat, '--size', '320x192', '--place', 'right 75%', '--out', 'wide.png'],
        ['--out', 'text.png'],
        ['--photo', astronaut, '--keep', 'whole', '--balance', '2', '--out', 'whole.png'],
      ];
      for (const run of runs) {
        expect(
          await runCli(['generate', '--prompt', 'a beach', '--no-sidecar', ...quick, ...run], folder),
        ).toMatchObject({ status: 0, stderr: '' });
      }
      expect(await readPhoto(await readFile(path.join(folder, 'wide.png')))).toMatchObject({ width: 320, height: 192 });
      expect((await readMarks(await readFile(path.join(folder, 'text.png')))).source).toBe('trainedAlgorithmicMedia');
    });
  });

  it('stops at once on Ctrl-C, with no half-written file and no process left', async () => {
    await inFolder(async (folder) => {
      const run = startCli(
        [
          'generate',
          '--photo',
          astronaut,
          '--prompt',
          'a castle',
          '--steps',
          '300',
          '--cycles',
          '100',
          '--out',
          'never.png',
        ],
        folder,
      );
      await childOf(run.pid);
      run.kill('SIGINT');
      run.kill('SIGINT');
      const { status, stderr } = await run.finished;
      expect({ status, stderr: stderr.trim() }).toEqual({ status: 1, stderr: 'Stopped.' });
      expect(await filesIn(folder)).toEqual([]);
    });
  });
});

describe('cowbot vary', () => {
  it('finds what it needs beside the picture, and in the picture when that is lost', async () => {
    await inFolder(async (folder) => {
      await runCli(['generate', '--photo', astronaut, '--prompt', 'a knight', '--out', 'me.png', ...quick], folder);
      for (const how of [
        ['subtle'],
        ['strong'],
        ['again'],
        ['keep-more'],
        ['change-more'],
        ['move', '--place', 'bottom'],
        ['remix', '--prompt', 'a beach'],
      ]) {
        expect(await runCli(['vary', 'me.png', '--how', ...how, '--out', `${how[0]}.png`], folder)).toEqual({
          status: 0,
          stdout: `${how[0]}.png\n`,
          stderr: '',
        });
      }
      await rm(path.join(folder, 'me.cow.json'));
      const withoutPhoto = await runCli(['vary', 'me.png', '--how', 'again', '--out', 'x.png'], folder);
      expect(withoutPhoto).toMatchObject({
        status: 2,
        stderr: 'The .cow.json beside me.png is lost; name the photo it was made from with --photo.\n',
      });
      const subtle = await runCli(
        ['vary', 'me.png', '--how', 'subtle', '--photo', astronaut, '--out', 'x.png'],
        folder,
      );
      expect(subtle.stderr).toMatch(/^subtle needs the \.cow\.json/);
      expect(
        await runCli(['vary', 'me.png', '--how', 'again', '--photo', astronaut, '--out', 'found.png'], folder),
      ).toMatchObject({ status: 0 });
    });
  });
});

/** Waits for the engine's process: the command has a child once it has begun to load. */
async function childOf(pid: number): Promise<void> {
  for (;;) {
    const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '');
    if (children.trim() !== '') return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
