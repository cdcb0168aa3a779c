/** The buttons under a picture as changes of what was asked. */
import type { RestartStrength } from '../engine/cow/variations.ts';
import { maxSeed } from '../engine/request.ts';
import { Refusal } from '../errors.ts';
import type { PictureWish } from './wish.ts';

export const variationKinds = ['again', 'subtle', 'strong', 'keep-more', 'change-more', 'move', 'remix'] as const;
export type VariationKind = (typeof variationKinds)[number];

export interface VariationOptions {
  /** A seed that the old picture did not have. */
  readonly seed: number;
  /** For `move`: where to and how large, in the words of `photo/place.ts`. */
  readonly place?: string | undefined;
  /** For `remix`: the new prompt. */
  readonly prompt?: string | undefined;
}

export interface Variation {
  readonly wish: PictureWish;
  /** Set where the old picture's latents are gone on from. */
  readonly restart: RestartStrength | undefined;
}

/** @throws Refusal where `name` is no variation. */
export function parseVariation(name: string): VariationKind {
  const kind = variationKinds.find((known) => known === name);
  if (kind === undefined) {
    throw new Refusal('variation.unknown', `Expected one of ${variationKinds.join(', ')} for \`how\`, got "${name}".`);
  }
  return kind;
}

/** @throws Refusal where the variation cannot go further or lacks what it needs. */
export function applyVariation(old: PictureWish, kind: VariationKind, options: VariationOptions): Variation {
  const wish = { ...old, seed: options.seed, count: 1 };
  switch (kind) {
    case 'again':
      return { wish, restart: undefined };
    case 'subtle':
    case 'strong':
      return { wish, restart: kind };
    case 'keep-more':
      return { wish: { ...wish, seed: old.seed, balance: shiftBalance(old, 1) }, restart: undefined };
    case 'change-more':
      return { wish: { ...wish, seed: old.seed, balance: shiftBalance(old, -1) }, restart: undefined };
    case 'move':
      return { wish: { ...wish, seed: old.seed, photos: movePhotos(old, options) }, restart: undefined };
    case 'remix':
      if (options.prompt === undefined) {
        throw new Refusal('variation.prompt', 'Expected a new `prompt` for remix, got nothing.');
      }
      return { wish: { ...wish, prompt: options.prompt }, restart: undefined };
  }
}

function shiftBalance({ balance = 3, photos }: PictureWish, by: 1 | -1): number {
  if (photos.length === 0) {
    throw new Refusal(
      'variation.no-photo',
      'This picture was made without a photo, so there is nothing to keep more or less of.',
    );
  }
  const shifted = balance + by;
  if (shifted > 5) throw new Refusal('variation.most', 'This already keeps as much of the photo as can be kept.');
  if (shifted < 1) throw new Refusal('variation.least', 'This already lets the prompt change as much as it can.');
  return shifted;
}

/** With several photos only the first moves; two that both moved could only trade places. */
function movePhotos({ photos }: PictureWish, { place }: VariationOptions): PictureWish['photos'] {
  const [first, ...others] = photos;
  if (first === undefined) {
    throw new Refusal('variation.no-photo', 'This picture was made without a photo, so there is nothing to move.');
  }
  if (place === undefined) {
    throw new Refusal(
      'variation.place',
      'Expected a `place` to move the photo to (bottom, left 75%, 64,32, …), got nothing.',
    );
  }
  return [{ ...first, place }, ...others];
}

/** A seed for the next picture, never the same as the last. @param random 0..1. */
export function nextSeed(random: () => number, last?: number): number {
  const seed = Math.floor(random() * (maxSeed + 1));
  return seed === last ? (seed + 1) % (maxSeed + 1) : seed;
}
