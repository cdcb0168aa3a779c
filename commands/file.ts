/** The lossless picture, as a file. */
import { Refusal } from '../src/errors.ts';
import type { Job } from '../src/store/jobs.ts';
import { type Asked, toAsker } from './asked.ts';
import { choosePicture } from './choose-picture.ts';
import type { PressId } from './contract/press-id.ts';

export async function file(asked: Asked, job: Job, press: PressId): Promise<void> {
  const picture = await choosePicture(asked, job, press);
  if (picture === undefined) return;
  const { chat, scene, services } = asked;
  const { blobs } = services.store;
  const { pngHash, number } = picture;
  const info = pngHash === null ? undefined : await blobs.info(pngHash);
  if (info === undefined) throw new Refusal('picture.gone', 'This picture is no longer here.');
  if (info.bytes > scene.maxUploadBytes) {
    throw new Refusal(
      'file.too-big-here',
      'This file is bigger than may be sent here. Ask me for it in a private chat.',
    );
  }
  const name = `cowbot-${job.id.slice(0, 8)}-${number + 1}.png`;
  const files = [{ name, mediaType: 'image/png', bytes: () => blobs.get(info.hash) }];
  await chat.answer({ ...toAsker([]), files });
}
