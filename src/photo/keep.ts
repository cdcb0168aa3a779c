/** Which pixels of a photo stay. */
import { setImmediate as takeTurns } from 'node:timers/promises';
import { Refusal } from '../errors.ts';
import type { Face, FaceFinder } from './faces.ts';
import { headRegion } from './head.ts';
import type { Photo } from './intake.ts';
import { boxOf } from './maps.ts';
import type { Box } from './picture.ts';
import { type Region, spread } from './region.ts';
import { subjectRegion } from './subject.ts';

/** `auto`: the largest face where there is one, else the subject. */
export const keepWishes = ['auto', 'face', 'faces', 'subject', 'whole', 'none'] as const;
export type KeepWish = (typeof keepWishes)[number];

export type KeptKind = Exclude<KeepWish, 'auto'> | 'mask';

/**
 * `keep`: [height, width] of the photo, 255 = kept, 0 = painted anew, soft at the edge; 128 and above counts as kept.
 * `box` is the smallest around what counts, in whole pixels; undefined where nothing is kept.
 */
export type Kept = { kind: KeptKind; keep: Uint8Array; box: Box | undefined };

/**
 * Finds what is to be kept. `face` is the largest head with its hair, `faces` all of them.
 *
 * @throws Refusal `keep.no-face` or `keep.no-subject`, which name the other ways.
 * @throws Fault as {@link FaceFinder.find} does, and the signal's reason.
 */
export async function findKept(
  photo: Photo,
  wish: KeepWish,
  faceFinder: FaceFinder,
  options: { signal?: AbortSignal } = {},
): Promise<Kept> {
  options.signal?.throwIfAborted();
  switch (wish) {
    case 'none':
      return { kind: 'none', keep: new Uint8Array(photo.width * photo.height), box: undefined };
    case 'whole':
      return {
        kind: 'whole',
        keep: new Uint8Array(photo.width * photo.height).fill(255),
        box: { left: 0, top: 0, width: photo.width, height: photo.height },
      };
    case 'subject':
      return keepSubject(photo);
    case 'face':
    case 'faces':
      return keepHeads(photo, wish, await faceFinder.find(photo, options));
    case 'auto': {
      const faces = await faceFinder.find(photo, options);
      return faces.length > 0 ? keepHeads(photo, 'face', faces) : keepSubject(photo);
    }
  }
}

/** What a mask read by `readMask` for this photo keeps. */
export function keptByMask(photo: Photo, mask: Uint8Array): Kept {
  return { kind: 'mask', keep: mask, box: boxOf(photo, mask, 128) };
}

async function keepHeads(photo: Photo, kind: 'face' | 'faces', faces: Face[]): Promise<Kept> {
  if (faces.length === 0) {
    throw new Refusal(
      'keep.no-face',
      'No face was found in the photo: keep the `subject` or the `whole` photo instead, or send a mask that is black where the photo stays.',
    );
  }
  const regions: Region[] = [];
  for (const face of kind === 'face' ? faces.slice(0, 1) : faces) regions.push(await headRegion(photo, face));
  const keep = withoutTransparent(photo, await spread(photo, regions));
  await takeTurns();
  return { kind, keep, box: boxOf(photo, keep, 128) };
}

async function keepSubject(photo: Photo): Promise<Kept> {
  const keep = cutOut(photo) ?? withoutTransparent(photo, await spread(photo, [await subjectRegion(photo)]));
  await takeTurns();
  const box = boxOf(photo, keep, 128);
  if (box === undefined || box.width * box.height < leastSubjectShare * photo.width * photo.height) {
    throw new Refusal(
      'keep.no-subject',
      'Nothing in the photo stands out: keep the `whole` photo instead, or send a mask that is black where the photo stays.',
    );
  }
  return { kind: 'subject', keep, box };
}

/** Of the photo's area; a smaller subject is a speck. */
const leastSubjectShare = 0.005;

/** Of all pixels; fewer transparent ones are rounded corners, not a cut-out. */
const leastTransparentShare = 0.05;

/** Somebody has cut the subject out already. */
function cutOut({ alpha }: Photo): Uint8Array | undefined {
  if (alpha === undefined) return undefined;
  let transparent = 0;
  for (const value of alpha) if (value < 128) transparent += 1;
  return transparent >= leastTransparentShare * alpha.length ? alpha : undefined;
}

function withoutTransparent({ alpha }: Photo, keep: Uint8Array): Uint8Array {
  return alpha === undefined ? keep : keep.map((value, at) => Math.min(value, alpha[at]));
}
