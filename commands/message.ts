/** Words or photos without a command. */
import { type Asked, tell } from './asked.ts';
import type { MessageAct } from './contract/act.ts';
import { cow } from './cow.ts';
import { rememberPhotos } from './recent-photos.ts';

/** A photo waits for its prompt, a prompt goes with the photo before it. */
export async function message(asked: Asked, { text, photos }: MessageAct): Promise<void> {
  if (text.trim() !== '') return cow(asked, { args: { prompt: text.trim() }, photos });
  if (photos.length === 0) return;
  await rememberPhotos(asked, photos);
  await tell(asked, 'message.photo-kept');
}
