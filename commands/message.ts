/** Words or photos without a command. */
import { type Asked, tell } from './asked.ts';
import type { MessageAct } from './contract/act.ts';
import { cow, noPhoto } from './cow.ts';
import { rememberPhotos, waitingPhotos } from './recent-photos.ts';

/** A photo waits for its prompt, a prompt goes with the photo before it. @throws Refusal where there is no photo. */
export async function message(asked: Asked, { text, photos }: MessageAct): Promise<void> {
  const prompt = text.trim();
  if (prompt === '' && photos.length > 0) {
    await rememberPhotos(asked, photos, { isWaiting: true });
    return tell(asked, 'message.photo-kept');
  }
  // In a group that is something people show each other.
  if (prompt === '' && asked.scene.kind !== 'private') return;
  const sent = photos.length > 0 || prompt === '' ? photos : await waitingPhotos(asked);
  if (sent.length === 0) throw noPhoto(asked);
  await cow(asked, { args: { prompt }, photos: sent });
}
