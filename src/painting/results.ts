/** A painted picture as a file, with the marks of how it was made. */
import type { EngineRequest, EngineResult, PaintedPicture, Preview } from '../engine/request.ts';
import { encodePng, encodeWithin } from '../photo/encode.ts';
import type { Marks } from '../photo/marks.ts';
import type { Picture } from '../photo/picture.ts';
import { scaledTo } from '../photo/views.ts';
import { describePainting } from './parameters-text.ts';
import type { PictureWish } from './wish.ts';

export type PictureFormat = 'png' | 'jpeg' | 'webp';

/** Telegram's limit for photos and Discord's for files. */
const defaultMaxBytes = 10 * 2 ** 20;

/** @param showsPrompt whether the `parameters` text goes in: it shows the prompt to whoever has the file. */
export function marksOf(
  wish: PictureWish,
  request: EngineRequest,
  result: EngineResult,
  picture: PaintedPicture,
  showsPrompt = true,
): Marks {
  const source = request.seeds.length > 0 ? 'compositeWithTrainedAlgorithmicMedia' : 'trainedAlgorithmicMedia';
  return showsPrompt ? { source, parameters: describePainting(wish, result, picture) } : { source };
}

/** As chats show it beside the progress: small, and marked as everything that is painted. */
const previewSidePx = 256;

/** @param preview one pixel a latent cell; larger ones are made smaller. */
export async function encodePreview(preview: Preview): Promise<Uint8Array> {
  return encodePng(await scaledTo(preview, previewSidePx), { source: 'trainedAlgorithmicMedia' });
}

/** PNG is lossless at any size; JPEG and WebP are as good as `maxBytes` allows. */
export async function encodeResult(
  picture: Picture,
  format: PictureFormat,
  marks: Marks,
  maxBytes = defaultMaxBytes,
): Promise<Uint8Array> {
  return format === 'png' ? encodePng(picture, marks) : encodeWithin(picture, { format, maxBytes }, marks);
}
