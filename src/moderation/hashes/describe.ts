/** What is kept of a picture so that its copies are known again; the picture cannot be made from it. */
import { fingerprintOf, fingerprintWords, planesOf } from './fingerprint.ts';
import { croppedViews, type Square, toSquare, viewInsideBorder, wholeView } from './views.ts';

/**
 * `words`: fingerprints of 8 words each: the whole picture, then what is inside its border where it has one (both are
 * compared with every view of another picture), then the views with 5 % cut off at their edges.
 */
export type PictureHashes = { readonly wholes: number; readonly words: Uint32Array };

/** `rgb`: width * height * 3 bytes, 8 bit sRGB, row by row, no padding. */
export async function describePicture(rgb: Uint8Array, width: number, height: number): Promise<PictureHashes> {
  return describeSquare(await toSquare(rgb, width, height));
}

/** The same of a picture that has been stretched already; keeps the processor busy for some milliseconds. */
export function describeSquare(square: Square): PictureHashes {
  const planes = planesOf(square);
  const inside = viewInsideBorder(square);
  const wholes = inside === undefined ? [wholeView] : [wholeView, inside];
  const cropped = wholes.flatMap((view) => croppedViews(view).slice(1));
  const views = [...wholes, ...cropped];
  const words = new Uint32Array(views.length * fingerprintWords);
  for (const [index, view] of views.entries()) words.set(fingerprintOf(planes, view), index * fingerprintWords);
  return { wholes: wholes.length, words };
}
