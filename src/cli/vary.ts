import { readFile } from 'node:fs/promises';
import path from 'node:path';

import type { Command } from 'commander';

import { Refusal } from '../errors.ts';
import { wishFromText } from '../painting/parameters-text.ts';
import { readSidecar, sidecarPath } from '../painting/sidecar.ts';
import { applyVariation, nextSeed, parseVariation, variationKinds } from '../painting/variations.ts';
import { pictureWish, type PictureWish } from '../painting/wish.ts';
import type { PhotoFile } from '../painting/compose.ts';
import { readMarks } from '../photo/marks.ts';
import { readInput } from './files.ts';
import { addPaintFlags, collect, numeric } from './generate.ts';
import { paintToFiles, type PaintFlags } from './paint-to-files.ts';

interface VaryFlags extends PaintFlags {
  readonly how: string;
  readonly photo?: string[];
  readonly place?: string;
  readonly prompt?: string;
  readonly seed?: number;
}

interface Past {
  readonly wish: PictureWish;
  readonly photos: readonly PhotoFile[];
  /** Known only from the sidecar. */
  readonly latents: Float32Array | undefined;
  readonly model: string | undefined;
}

/** `cowbot vary`: goes on from a picture that was made here. */
export function addVaryCommand(program: Command): void {
  addPaintFlags(
    program
      .command('vary')
      .description('go on from a finished picture; what it needs is found in the picture and beside it')
      .argument('<result>', 'a picture that cowbot made')
      .requiredOption('--how <kind>', variationKinds.join(', '))
      .option('--place <where>', 'for move: where to, and how large')
      .option('--prompt <text>', 'for remix: the new prompt')
      .option('--photo <file>', 'the photo, where the .cow.json beside the picture is lost', collect)
      .option('--seed <number>', 'number that all new noise is drawn from', numeric('seed')),
  ).action(async (result: string, flags: VaryFlags) => {
    const kind = parseVariation(flags.how);
    const past = await readPast(result, flags.photo ?? []);
    const { place, prompt } = flags;
    const seed = flags.seed ?? nextSeed(Math.random, past.wish.seed);
    const { wish, restart } = applyVariation(past.wish, kind, { seed, place, prompt });
    if (restart !== undefined && past.latents === undefined) {
      throw new Refusal(
        'variation.latents',
        `${kind} needs the .cow.json that was written beside ${path.basename(result)}; again, keep-more, change-more, move and remix do without.`,
      );
    }
    const restarted =
      restart === undefined || past.latents === undefined ? undefined : { strength: restart, latents: past.latents };
    await paintToFiles(wish, past.photos, restarted, {
      ...flags,
      ...(flags.model === undefined && past.model !== undefined ? { model: past.model } : {}),
    });
  });
}

async function readPast(result: string, photoFiles: readonly string[]): Promise<Past> {
  const picture = await readInput(result, 'result');
  const text = await readFile(sidecarPath(result), 'utf8').catch(() => undefined);
  if (text !== undefined && photoFiles.length === 0) {
    const { wish, photos, latents, model } = readSidecar(text);
    return { wish, photos, latents, model: model.name };
  }
  const { parameters, source } = await readMarks(picture);
  if (parameters === undefined) {
    throw new Refusal(
      'vary.unmarked',
      `Nothing in or beside ${path.basename(result)} says how it was made; generate a new picture from the photo instead.`,
    );
  }
  if (source === 'compositeWithTrainedAlgorithmicMedia' && photoFiles.length === 0) {
    throw new Refusal(
      'vary.no-photo',
      `The .cow.json beside ${path.basename(result)} is lost; name the photo it was made from with --photo.`,
    );
  }
  const photos = await Promise.all(photoFiles.map(async (file) => ({ photo: await readInput(file, 'photo') })));
  const wish = pictureWish.parse({ ...wishFromText(parameters), photos: photos.map(() => ({})) });
  return { wish, photos, latents: undefined, model: undefined };
}
