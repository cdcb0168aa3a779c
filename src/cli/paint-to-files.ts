import path from 'node:path';

import { findModelDir } from '../../models/catalogue.ts';
import { readConfig } from '../config.ts';
import { createEngineHost, type EngineHost } from '../engine/process/host.ts';
import type { EngineResult, PaintedPicture } from '../engine/request.ts';
import { parseDevice } from '../engine/runtime.ts';
import type { RestartStrength } from '../engine/cow/variations.ts';
import { Fault, Refusal } from '../errors.ts';
import { createLog } from '../log.ts';
import { compose, type Composition, type PhotoFile } from '../painting/compose.ts';
import { encodeResult, marksOf, type PictureFormat } from '../painting/results.ts';
import { sidecarPath, writeSidecar } from '../painting/sidecar.ts';
import type { PictureWish } from '../painting/wish.ts';
import { createFaceFinder } from '../photo/faces.ts';
import { keptPixels } from '../photo/kept-pixels.ts';
import type { Marks } from '../photo/marks.ts';
import type { Picture } from '../photo/picture.ts';
import { beforeAfter, contactSheet } from '../photo/views.ts';
import { checkWritable, writeWhole } from './files.ts';
import { printJson } from './output.ts';
import { modelsDir } from './places.ts';
import { createProgressBar } from './progress.ts';

export interface PaintFlags {
  readonly out: string;
  readonly keptPixels?: string;
  readonly beforeAfter?: string;
  readonly maxBytes?: number;
  readonly sidecar?: boolean;
  readonly model?: string;
  readonly device?: string;
  readonly json?: true;
}

export interface Restarted {
  readonly strength: RestartStrength;
  readonly latents: Float32Array;
}

/** Paints a wish and writes what the flags name. Ctrl-C stops at once and leaves no half-written file. */
export async function paintToFiles(
  wish: PictureWish,
  files: readonly PhotoFile[],
  restart: Restarted | undefined,
  flags: PaintFlags,
): Promise<void> {
  const outputs = [flags.out, flags.keptPixels, flags.beforeAfter].filter((file) => file !== undefined);
  for (const file of outputs) {
    formatOf(file);
    await checkWritable(file, 'out');
  }
  const config = readConfig(process.env);
  const log = createLog(config.logLevel);
  const stop = new AbortController();
  const onSignal = (): void => stop.abort(new Fault('Stopped.'));
  const faceFinder = createFaceFinder();
  const host = createEngineHost({
    modelDir: findModelDir(flags.model ?? config.model, modelsDir),
    device: parseDevice(flags.device ?? config.device),
    onProcess: (event) => log.debug(event, 'engine process'),
  });
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  stop.signal.addEventListener('abort', () => void host.close());
  try {
    const { composition, result } = await paint(wish, files, restart, { host, faceFinder, signal: stop.signal });
    await writeAll(wish, files, composition, result, flags, stop.signal);
  } finally {
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
    await Promise.all([host.close(), faceFinder.close()]);
  }
}

async function paint(
  wish: PictureWish,
  files: readonly PhotoFile[],
  restart: Restarted | undefined,
  {
    host,
    faceFinder,
    signal,
  }: { host: EngineHost; faceFinder: ReturnType<typeof createFaceFinder>; signal: AbortSignal },
): Promise<{ composition: Composition; result: EngineResult }> {
  const bar = createProgressBar();
  try {
    bar.show({ phase: 'load', done: 0, total: 0, remainingMs: undefined });
    const card = await host.card(signal);
    const composition = await compose(wish, files, { card, faceFinder, signal, restart });
    const result = await host.generate(composition.request, { signal, onProgress: (progress) => bar.show(progress) });
    return { composition, result };
  } finally {
    bar.stop();
  }
}

async function writeAll(
  wish: PictureWish,
  files: readonly PhotoFile[],
  { request, outlines, photo }: Composition,
  result: EngineResult,
  flags: PaintFlags,
  signal: AbortSignal,
): Promise<void> {
  const write = async (file: string, picture: Picture, marks: Marks): Promise<void> =>
    writeWhole(file, await encodeResult(picture, formatOf(file), marks, flags.maxBytes), signal);
  for (const [i, picture] of result.pictures.entries()) {
    const file = numbered(flags.out, i, result.pictures.length);
    const marks = marksOf(wish, request, result, picture);
    await write(file, picture, marks);
    const views = {
      keptPixels: flags.keptPixels === undefined ? undefined : numbered(flags.keptPixels, i, result.pictures.length),
      beforeAfter:
        flags.beforeAfter === undefined || photo === undefined
          ? undefined
          : numbered(flags.beforeAfter, i, result.pictures.length),
    };
    if (views.keptPixels !== undefined) await write(views.keptPixels, await keptPixels(picture, outlines), marks);
    if (views.beforeAfter !== undefined && photo !== undefined)
      await write(views.beforeAfter, await beforeAfter(photo, picture), marks);
    if (flags.sidecar !== false) {
      const own = { ...wish, seed: picture.seed, count: 1 };
      await writeSidecarFile(file, { wish: own, photos: files, model: result.model, latents: picture.latents }, signal);
    }
    report(file, picture, result, flags);
  }
  const { pictures } = result;
  if (pictures.length >= 2 && pictures.length <= 4) {
    const sheet = suffixed(flags.out, 'sheet');
    await write(sheet, await contactSheet(pictures), marksOf(wish, request, result, pictures[0]));
    if (flags.json === undefined) console.log(sheet);
  }
}

async function writeSidecarFile(
  picture: string,
  sidecar: Parameters<typeof writeSidecar>[0],
  signal: AbortSignal,
): Promise<void> {
  await writeWhole(sidecarPath(picture), writeSidecar(sidecar), signal);
}

function report(
  file: string,
  { width, height, seed }: PaintedPicture,
  result: EngineResult,
  { json }: PaintFlags,
): void {
  const { totalMs, parameters, model, cost, isRepeatable } = result;
  if (json) printJson({ file, width, height, seed, totalMs, model, parameters, cost, isRepeatable });
  else console.log(file);
}

/** @throws Refusal where the name ends in no format that can be written. */
function formatOf(file: string): PictureFormat {
  switch (path.extname(file).toLowerCase()) {
    case '.png':
      return 'png';
    case '.jpg':
    case '.jpeg':
      return 'jpeg';
    case '.webp':
      return 'webp';
    default:
      throw new Refusal(
        'file.format',
        `Expected a file name that ends in .png, .jpg or .webp for \`out\`, got ${path.basename(file)}.`,
      );
  }
}

function numbered(file: string, index: number, count: number): string {
  return count === 1 ? file : suffixed(file, String(index + 1));
}

function suffixed(file: string, suffix: string): string {
  const { dir, name, ext } = path.parse(file);
  return path.join(dir, `${name}-${suffix}${ext}`);
}
