/** The picture check: photos and results, by a classifier that may hold a picture for review and never refuses one. */
import sharp from 'sharp';
import type { CheckProcess } from './process/check-process.ts';
import { classifiedSidePx, type Scores } from './process/messages.ts';
import { pictureHoldFrom } from './thresholds.ts';
import { allow, type Strictness, type Verdict, verdictOf } from './verdict.ts';

/** `rgb`: width * height * 3 bytes, 8 bit sRGB, row by row, no padding. */
export type CheckedPicture = { width: number; height: number; rgb: Uint8Array };

/**
 * `allow`, or `hold` with `picture.sexual`. With strictness `off` nothing is looked at. The first check also loads the
 * model (about a second).
 * @throws Fault where the classifier died, hung or failed; the signal's reason.
 */
export async function checkPicture(
  process: CheckProcess,
  picture: CheckedPicture,
  { strictness, signal }: { readonly strictness: Strictness; readonly signal?: AbortSignal | undefined },
): Promise<Verdict> {
  if (strictness === 'off') return allow;
  return verdictOn(await process.ask({ kind: 'classify', rgb: await shrink(picture) }, signal), strictness);
}

export function verdictOn({ porn, hentai, sexy }: Scores, strictness: Exclude<Strictness, 'off'>): Verdict {
  const from = pictureHoldFrom[strictness];
  const explicit = porn + hentai;
  const holds = explicit >= from.explicit || explicit + sexy >= from.sexual;
  return verdictOf(holds ? 'hold' : 'allow', 'picture.sexual');
}

/** Stretched to a square, as the classifiers were trained on. */
async function shrink({ width, height, rgb }: CheckedPicture): Promise<Uint8Array> {
  const raw = { width, height, channels: 3 } as const;
  const square = await sharp(rgb, { raw }).resize(classifiedSidePx, classifiedSidePx, { fit: 'fill' }).raw().toBuffer();
  return new Uint8Array(square);
}
