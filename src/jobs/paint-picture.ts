/** One picture of a job: its photos out of the store, through the engine, its files into the store. */
import type { ModelCard } from '../engine/card.ts';
import type { Engine, EngineResult, PaintedPicture, Progress } from '../engine/request.ts';
import type { SignResult } from '../photo/sign.ts';
import { Fault } from '../errors.ts';
import { compose, type Composition, type PhotoFile } from '../painting/compose.ts';
import { encodeResult, marksOf } from '../painting/results.ts';
import type { PictureWish } from '../painting/wish.ts';
import type { FaceFinder } from '../photo/faces.ts';
import type { Blobs } from '../store/blobs.ts';
import type { JobParameters } from './parameters.ts';

export interface Painted {
  readonly wish: PictureWish;
  readonly composition: Composition;
  readonly result: EngineResult;
  readonly picture: PaintedPicture;
}

/** Hashes of what a picture leaves in the store. */
export interface PictureFiles {
  readonly png: string;
  readonly preview: string;
  readonly latents: string;
}

/** Its message is for the person; what is wrong with the file is in the cause. */
export class LostFile extends Fault {}

/** A preview goes through chats; a lossless picture may not. */
const maxPreviewBytes = 2 ** 20;

/**
 * @param number of the picture in its job: it gets the wish's seed and that many more.
 * @throws Refusal where photo or wish cannot be used, LostFile where a stored file is damaged, Fault as the engine does,
 * the signal's reason.
 */
export async function paintPicture(
  { wish, photos, restart }: JobParameters,
  number: number,
  {
    blobs,
    generate,
    card,
    faceFinder,
    signal,
    previewEveryCalls,
    onProgress,
  }: {
    readonly blobs: Blobs;
    readonly generate: Engine['generate'];
    readonly card: ModelCard;
    readonly faceFinder: FaceFinder;
    readonly signal: AbortSignal;
    readonly previewEveryCalls?: number | undefined;
    readonly onProgress: (progress: Progress) => void;
  },
): Promise<Painted> {
  const own = { ...wish, seed: (wish.seed + number) % 2 ** 32, count: 1 };
  const read = async (hash: string): Promise<Uint8Array> => readBlob(blobs, hash);
  const files: PhotoFile[] = [];
  for (const { photo, mask } of photos) {
    files.push({ photo: await read(photo), mask: mask === undefined ? undefined : await read(mask) });
  }
  const latents = restart === undefined ? undefined : floats(await read(restart.latents));
  const composition = await compose(own, files, {
    card,
    faceFinder,
    signal,
    restart: restart === undefined || latents === undefined ? undefined : { strength: restart.strength, latents },
  });
  const result = await generate({ ...composition.request, previewEveryCalls }, { signal, onProgress });
  return { wish: own, composition, result, picture: result.pictures[0] };
}

/**
 * Writes the lossless picture, its preview and its latents; rows are the caller's.
 * @param sign puts the operator's signature into the lossless picture; undefined: there is none.
 */
export async function storePicture(
  { wish, composition, result, picture }: Painted,
  blobs: Blobs,
  sign?: SignResult,
): Promise<PictureFiles> {
  const marks = marksOf(wish, composition.request, result, picture);
  const { latents } = picture;
  const raw = new Uint8Array(latents.buffer, latents.byteOffset, latents.byteLength);
  const [png, preview, kept] = await Promise.all([
    encodeResult(picture, 'png', marks)
      .then(async (bytes) => sign?.(bytes, marks.source) ?? bytes)
      .then(async (bytes) => blobs.put(bytes, 'image/png')),
    encodeResult(picture, 'jpeg', marks, maxPreviewBytes).then(async (bytes) => blobs.put(bytes, 'image/jpeg')),
    blobs.put(raw, 'application/octet-stream'),
  ]);
  return { png: png.hash, preview: preview.hash, latents: kept.hash };
}

async function readBlob(blobs: Blobs, hash: string): Promise<Uint8Array> {
  try {
    return await blobs.get(hash);
  } catch (error) {
    if (error instanceof Fault && error.mayPass) throw error;
    throw new LostFile('A stored file that this is painted from is damaged or lost; send the photo again.', {
      cause: error,
    });
  }
}

/** float32, little-endian, as `storePicture` wrote it. */
function floats(bytes: Uint8Array): Float32Array {
  return new Float32Array(Uint8Array.from(bytes).buffer);
}
