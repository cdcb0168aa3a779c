/** A photo and a prompt become a request for pictures. */
import { Refusal } from '../src/errors.ts';
import { nextSeed } from '../src/painting/variations.ts';
import { type PictureWish, pictureWish } from '../src/painting/wish.ts';
import { parsePlace } from '../src/photo/place.ts';
import { checkArguments, textOf, wholeOf } from './arguments.ts';
import type { Asked } from './asked.ts';
import type { CommandAct, PhotoHandle } from './contract/act.ts';
import { changeRemembered, recentPhotos, rememberPhotos } from './recent-photos.ts';
import { requestKey, startJob } from './start-job.ts';
import { commandByName } from './table.ts';

/** Where nobody allows more. */
const defaultMaxCount = 4;
const maxPhotos = 4;

/** @throws Refusal in words about what is missing or cannot be. */
export async function cow(asked: Asked, { args, photos }: Pick<CommandAct, 'args' | 'photos'>): Promise<void> {
  if (textOf(args, 'prompt') === undefined) {
    await rememberPhotos(asked, photos, { isWaiting: true });
    throw new Refusal(
      'cow.no-prompt',
      'What shall I paint around your photo? For example: /cow a knight in a snowy forest',
    );
  }
  const entry = commandByName('cow');
  if (entry !== undefined) checkArguments(entry, args);
  const sent = photos.length > 0 ? photos : await recentPhotos(asked);
  if (sent.length === 0) throw noPhoto(asked);
  if (sent.length > maxPhotos) {
    throw new Refusal('cow.photos', `I can put ${maxPhotos} photos into one picture, not more.`, { limit: maxPhotos });
  }
  // At once, for the next photo may come before this one is stored.
  await rememberPhotos(asked, sent, { isWaiting: false });
  try {
    await startJob(asked, {
      key: requestKey(asked),
      wish: wishOf(asked, args, sent.length),
      photos: async (signal) => readAll(sent, signal),
      act: { kind: 'command', requestId: asked.requestId, name: 'cow', args, photos: sent },
    });
  } catch (error) {
    // Where the photo is as it should be, other words are all that it takes; one that did not come is sent once more.
    const isPhotoFine = error instanceof Refusal && !error.code.startsWith('photo.');
    await changeRemembered(asked, sent, isPhotoFine ? 'waiting' : 'forgotten');
    throw error;
  }
}

/** Says how a photo is sent there. */
export function noPhoto({ act, actor }: Pick<Asked, 'act' | 'actor'>): Refusal {
  const sentence = 'Send me a photo with it: I keep the face or the subject and paint the rest.';
  // Whoever writes without a command sends photos in the same way.
  return new Refusal('cow.no-photo', sentence, { platform: act.kind === 'message' ? 'any' : actor.platform });
}

export async function readAll(
  photos: readonly PhotoHandle[],
  signal: AbortSignal,
): Promise<readonly { readonly photo: Uint8Array }[]> {
  return Promise.all(photos.map(async (handle) => ({ photo: await handle.read(signal) })));
}

function wishOf({ person, community, services }: Asked, args: CommandAct['args'], photoCount: number): PictureWish {
  const own = person.settings;
  const here = community.settings;
  const limit = here.maxCount ?? defaultMaxCount;
  const count = wholeOf(args, 'count');
  if (count !== undefined && count > limit) {
    throw new Refusal('cow.count', `At most ${limit} pictures at once here.`, { limit });
  }
  const place = textOf(args, 'place');
  if (place !== undefined) parsePlace(place);
  const keep = textOf(args, 'keep') ?? own.keep ?? 'auto';
  const photos = Array.from({ length: photoCount }, (_, i) => ({
    keep,
    ...(i === 0 && place !== undefined ? { place } : {}),
  }));
  const avoid = textOf(args, 'avoid');
  return pictureWish.parse({
    prompt: textOf(args, 'prompt'),
    photos,
    width: here.size,
    height: here.size,
    preset: here.preset,
    balance: wholeOf(args, 'balance') ?? own.balance ?? here.balance,
    parameters: avoid === undefined ? {} : { negativePrompt: avoid },
    seed: wholeOf(args, 'seed') ?? nextSeed(services.random),
    count: Math.min(count ?? own.count ?? 1, limit),
  });
}
