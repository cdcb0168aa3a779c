/**
 * From a wish and its photos to a request of the engine: check the photos, find what to keep, place it, cut the squares.
 * The only place where photo and engine meet.
 */
import type { ModelCard } from '../engine/card.ts';
import type { RestartStrength } from '../engine/cow/variations.ts';
import type { EngineRequest, SeedSquare } from '../engine/request.ts';
import { Refusal } from '../errors.ts';
import type { FaceFinder } from '../photo/faces.ts';
import { readPhoto, type Photo } from '../photo/intake.ts';
import { findKept, keptByMask, type Kept, type KeepWish } from '../photo/keep.ts';
import { readMask } from '../photo/mask.ts';
import { parsePlace } from '../photo/place.ts';
import { placeSquares } from '../photo/placement.ts';
import { cutSeedSquare } from '../photo/seed-square.ts';
import { alignToCells } from './cells.ts';
import type { PictureWish } from './wish.ts';

/** A photo as it was sent, with the caller's own mask where there is one. */
export interface PhotoFile {
  readonly photo: Uint8Array;
  readonly mask?: Uint8Array | undefined;
}

export interface Composition {
  readonly request: EngineRequest;
  /** The squares with the outline that was found or drawn, for pasting pixels back; the model keeps whole cells. */
  readonly outlines: readonly SeedSquare[];
  /** The first photo, checked and upright; for a strip of before and after. */
  readonly photo: Photo | undefined;
}

export interface ComposeOptions {
  readonly card: Pick<ModelCard, 'canvasSize' | 'seedSize' | 'factor' | 'sizeMultiple'>;
  readonly faceFinder: FaceFinder;
  readonly signal: AbortSignal;
  /** Where the picture goes on from an older one. */
  readonly restart?: { readonly strength: RestartStrength; readonly latents: Float32Array } | undefined;
}

/** @throws Refusal for a photo, a mask, a place or a number that cannot be used. */
export async function compose(
  wish: PictureWish,
  files: readonly PhotoFile[],
  options: ComposeOptions,
): Promise<Composition> {
  const { card, restart } = options;
  if (files.length !== wish.photos.length) {
    throw new Refusal('wish.photos', `Expected ${wish.photos.length} photos for this wish, got ${files.length}.`);
  }
  const width = wish.width ?? card.canvasSize;
  const height = wish.height ?? card.canvasSize;
  const kept: KeptPhoto[] = [];
  for (const [i, file] of files.entries()) kept.push(await keepOf(file, wish.photos[i], options));
  const placed = kept.filter((photo) => photo.kept.kind !== 'none');
  const canvas = {
    width,
    height,
    seedSizePx: Math.min(card.seedSize, width, height),
    gridPx: card.factor,
    sizeGridPx: card.sizeMultiple,
  };
  const placements = placeSquares(
    placed.map(({ photo, kept, place }) => ({ photo, kept, ...place })),
    canvas,
  );
  const seeds: SeedSquare[] = [];
  const outlines: SeedSquare[] = [];
  for (const [i, { crop, square }] of placements.entries()) {
    const { photo, kept } = placed[i];
    const { rgb, keep } = await cutSeedSquare(photo, kept, crop, square);
    seeds.push({ ...square, rgb, keep: alignToCells(keep, square, card.factor, cellShareOf(kept, wish)) });
    outlines.push({ ...square, rgb, keep });
  }
  const { prompt, preset, balance, seed, count } = wish;
  const parameters = { ...wish.parameters, suppressPrompt: wish.parameters.suppressPrompt ?? suppressFor(placed) };
  return {
    request: { prompt, seeds, width, height, preset, balance, parameters, seed, count, restart },
    outlines,
    photo: kept[0]?.photo,
  };
}

interface KeptPhoto {
  readonly photo: Photo;
  readonly kept: Kept;
  readonly place: { readonly place?: ReturnType<typeof parsePlace> };
}

async function keepOf(
  file: PhotoFile,
  wish: { keep: KeepWish; place?: string | undefined },
  { faceFinder, signal }: ComposeOptions,
): Promise<KeptPhoto> {
  const place = wish.place === undefined ? {} : { place: parsePlace(wish.place) };
  const photo = await readPhoto(file.photo);
  signal.throwIfAborted();
  const kept =
    file.mask === undefined
      ? await findKept(photo, wish.keep, faceFinder, { signal })
      : keptByMask(photo, await readMask(file.mask, photo));
  return { photo, kept, place };
}

/**
 * Half a cell decides where an outline was found here: a rim of background around it would show. Somebody's own mask says
 * pixel by pixel what stays, and at balance 5 nothing of the subject may be given up.
 */
function cellShareOf({ kind }: Kept, { balance }: PictureWish): number {
  return kind === 'mask' || balance === 5 ? 0 : 0.5;
}

/** "human face" is right only where a face is kept; elsewhere nothing is pushed away unless the person names it. */
function suppressFor(placed: readonly KeptPhoto[]): string | undefined {
  const isFace = placed.every(({ kept: { kind } }) => kind === 'face' || kind === 'faces');
  return isFace ? undefined : '';
}
