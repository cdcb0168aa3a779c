import type { Command } from 'commander';

import { Refusal } from '../errors.ts';
import { nextSeed } from '../painting/variations.ts';
import { pictureWish, type PictureWish } from '../painting/wish.ts';
import { readInput } from './files.ts';
import { paintToFiles, type PaintFlags } from './paint-to-files.ts';

interface GenerateFlags extends PaintFlags {
  readonly photo?: string[];
  readonly prompt: string;
  readonly keep?: string[];
  readonly mask?: string[];
  readonly place?: string[];
  readonly balance?: number;
  readonly preset?: string;
  readonly steps?: number;
  readonly cycles?: number;
  readonly guidance?: number;
  readonly suppress?: string;
  readonly seed?: number;
  readonly count?: number;
  readonly size?: string;
}

const afterHelp = `
What is kept: auto (the face where there is one, else the subject), face, faces, subject, whole, none, or a mask of
your own with --mask: black stays, white or transparent is painted, as in the paper.
Places: centre, top, bottom-left, …, or 64,0 or 64,0,128 (x, y and size in pixels), each with a scale: "top 75%".
--keep, --mask and --place count for the --photo at the same position.`;

/** `cowbot generate`: a photo and a prompt become a picture. */
export function addGenerateCommand(program: Command): void {
  addPaintFlags(
    program
      .command('generate')
      .description('paint a picture around what is kept of a photo, or from a prompt alone')
      .option('--photo <file>', 'photo to keep something of; a second one for two people', collect)
      .requiredOption('--prompt <text>', 'what to paint')
      .option('--keep <what>', 'what of the photo stays (default: auto)', collect)
      .option('--mask <file>', 'mask of your own: black stays', collect)
      .option('--place <where>', 'where on the picture, and how large', collect)
      .option('--balance <1-5>', 'from 1 (let the prompt change it) to 5 (do not touch it)', numeric('balance'))
      .option('--preset <name>', 'paper or diffusers-0.22')
      .option('--steps <number>', 'steps of the whole schedule', numeric('steps'))
      .option('--cycles <number>', 'cycles', numeric('cycles'))
      .option('--guidance <scale>', 'guidance scale', numeric('guidance'))
      .option('--suppress <words>', 'what not to paint once more beside the kept subject')
      .option('--seed <number>', 'number that all noise is drawn from', numeric('seed'))
      .option('--count <number>', 'how many pictures', numeric('count'))
      .option('--size <WxH>', 'size of the picture'),
  )
    .addHelpText('after', afterHelp)
    .action(async (flags: GenerateFlags) => {
      const files = [];
      for (const [i, photo] of (flags.photo ?? []).entries()) {
        const mask = flags.mask?.[i];
        files.push({
          photo: await readInput(photo, 'photo'),
          mask: mask === undefined ? undefined : await readInput(mask, 'mask'),
        });
      }
      if ((flags.mask?.length ?? 0) > files.length) {
        throw new Refusal('mask.no-photo', 'Expected a --photo for every --mask, got more masks than photos.');
      }
      await paintToFiles(wishOf(flags), files, undefined, flags);
    });
}

/** Flags that everything that paints shares. */
export function addPaintFlags(command: Command): Command {
  return command
    .requiredOption('--out <file>', 'where the picture goes: .png (lossless), .jpg or .webp')
    .option('--kept-pixels <file>', "also write the picture with the photo's own pixels pasted over what was kept")
    .option('--before-after <file>', 'also write a strip of the photo and the picture')
    .option('--max-bytes <number>', 'limit for .jpg and .webp', numeric('max-bytes'))
    .option('--no-sidecar', 'write no .cow.json beside the picture (vary then needs the photo again)')
    .option('--model <folder or name>', 'model to paint with')
    .option('--device <name>', 'auto, cpu, cuda, dml, coreml or webgpu')
    .option('--json', 'one JSON object a picture');
}

function wishOf(flags: GenerateFlags): PictureWish {
  const { prompt, balance, preset, steps, cycles, guidance } = flags;
  const [width, height] = parseSize(flags.size);
  const photos = (flags.photo ?? []).map((_, i) => ({
    keep: flags.keep?.[i] ?? flags.keep?.[0] ?? 'auto',
    place: flags.place?.[i],
  }));
  const parsed = pictureWish.safeParse({
    prompt,
    photos,
    width,
    height,
    preset,
    balance,
    parameters: { steps, cycles, guidance, suppressPrompt: flags.suppress },
    seed: flags.seed ?? nextSeed(Math.random),
    count: flags.count ?? 1,
  });
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const name = issue.path.findLast((part) => typeof part === 'string') ?? 'flags';
  throw new Refusal(`wish.${name}`, `The value for \`${name}\` cannot be used: ${issue.message}.`);
}

function parseSize(size: string | undefined): [number | undefined, number | undefined] {
  if (size === undefined) return [undefined, undefined];
  const [, width, height] = /^(\d{1,5})[x×](\d{1,5})$/.exec(size) ?? [];
  if (width === undefined)
    throw new Refusal('parameters.size', `Expected WIDTHxHEIGHT in pixels (512x512) for \`size\`, got "${size}".`);
  return [Number(width), Number(height)];
}

export function collect(value: string, earlier: string[] | undefined): string[] {
  return [...(earlier ?? []), value];
}

/** @throws Refusal where the text is no number; ranges are checked where the value is used. */
export function numeric(name: string): (text: string) => number {
  return (text) => {
    const value = text.trim() === '' ? Number.NaN : Number(text);
    if (!Number.isFinite(value))
      throw new Refusal(`parameters.${name}`, `Expected a number for \`${name}\`, got "${text}".`);
    return value;
  };
}
