/**
 * What lies beside a picture so that a variation finds all it needs: the wish, the photos and masks as they were checked,
 * and the latents. One JSON file, `picture.cow.json` beside `picture.png`.
 */
import path from 'node:path';

import { z } from 'zod';

import { Refusal } from '../errors.ts';
import type { PhotoFile } from './compose.ts';
import { pictureWish, type PictureWish } from './wish.ts';

export interface Sidecar {
  readonly wish: PictureWish;
  readonly photos: readonly PhotoFile[];
  readonly model: { readonly name: string; readonly fingerprint: string };
  /** [C, h, w], level 0. */
  readonly latents: Float32Array;
}

const base64 = z.base64().transform((text) => new Uint8Array(Buffer.from(text, 'base64')));
const sidecarFile = z.object({
  cowbot: z.literal(1),
  wish: pictureWish,
  model: z.object({ name: z.string(), fingerprint: z.string() }),
  photos: z.array(z.object({ photo: base64, mask: base64.optional() })).max(4),
  latents: base64.refine((bytes) => bytes.length % 4 === 0, 'not float32'),
});

/** @returns `portrait.cow.json` for `portrait.png`. */
export function sidecarPath(picture: string): string {
  const { dir, name } = path.parse(picture);
  return path.join(dir, `${name}.cow.json`);
}

export function writeSidecar({ wish, photos, model, latents }: Sidecar): string {
  const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');
  const bytes = new Uint8Array(latents.buffer, latents.byteOffset, latents.byteLength);
  return JSON.stringify({
    cowbot: 1,
    wish,
    model,
    photos: photos.map(({ photo, mask }) => ({
      photo: text(photo),
      mask: mask === undefined ? undefined : text(mask),
    })),
    latents: text(bytes),
  });
}

/** @throws Refusal where the text is no sidecar of ours. */
export function readSidecar(text: string): Sidecar {
  const parsed = sidecarFile.safeParse(parseJson(text));
  if (!parsed.success)
    throw new Refusal(
      'sidecar.unreadable',
      'The .cow.json beside the picture is damaged or of another version; name its --photo to go on without it.',
    );
  const { wish, model, photos, latents } = parsed.data;
  // A copy starts at a multiple of four.
  return { wish, model, photos, latents: new Float32Array(Uint8Array.from(latents).buffer) };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
