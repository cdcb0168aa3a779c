/** Buttons that make a new picture of an old one. */
import { Refusal } from '../src/errors.ts';
import { type JobParameters, parametersOf } from '../src/jobs/parameters.ts';
import type { SubmittedPhoto } from '../src/jobs/submission.ts';
import { applyVariation, nextSeed, type VariationKind } from '../src/painting/variations.ts';
import type { PictureWish } from '../src/painting/wish.ts';
import type { Job } from '../src/store/jobs.ts';
import type { Picture } from '../src/store/pictures.ts';
import { plainText } from './arguments.ts';
import { type Asked, line, toAsker, toast } from './asked.ts';
import { choosePicture } from './choose-picture.ts';
import type { FormAct, PhotoHandle } from './contract/act.ts';
import { encodePressId, type PressId } from './contract/press-id.ts';
import { type Button, reply } from './contract/reply.ts';
import { readAll } from './cow.ts';
import { startJob } from './start-job.ts';
import { maxPromptLength } from './table.ts';
import { nextVariationKey } from './variation-children.ts';

/** The same wish once more, all its pictures, with other seeds. Works for what failed too. */
export async function again(asked: Asked, job: Job): Promise<void> {
  const { wish } = parametersOf(job);
  const seed = nextSeed(asked.services.random, wish.seed);
  await makeChild(asked, job, 'again', { wish: { ...wish, seed } });
}

/** Subtle, Strong, Keep more, Change more. */
export async function changeBy(kind: VariationKind, asked: Asked, job: Job, press: PressId): Promise<void> {
  const picture = await choosePicture(asked, job, press);
  if (picture !== undefined) await makeVariation(asked, job, picture, kind);
}

const rows = ['top', 'middle', 'bottom'] as const;
const columns = ['left', 'middle', 'right'] as const;
const arrows: Readonly<Record<string, string>> = {
  'top-left': '↖',
  top: '↑',
  'top-right': '↗',
  left: '←',
  middle: '•',
  right: '→',
  'bottom-left': '↙',
  bottom: '↓',
  'bottom-right': '↘',
};
const percents = ['50', '75', '100', '150'] as const;

/**
 * The extra grows with each press: nothing or `0` offers places, `0.75` the same at 75 %, `0.75.top-left` does it.
 */
export async function move(asked: Asked, job: Job, press: PressId): Promise<void> {
  const picture = await choosePicture(asked, job, press);
  if (picture === undefined) return;
  const [, percent = '100', place] = press.extra?.split('.') ?? [];
  if (!percents.some((known) => known === percent) || (place !== undefined && !Object.hasOwn(arrows, place))) {
    throw new Refusal('place.unknown', 'This is not a place in the picture. Press Move again.');
  }
  if (place !== undefined) return makeVariation(asked, job, picture, 'move', `${place} ${percent}%`);
  if (parametersOf(job).wish.photos.length === 0) throw noPhotoToMove();
  await offerPlaces(asked, job, picture, percent, press.extra?.includes('.') === true);
}

async function offerPlaces(
  { chat, words }: Asked,
  job: Job,
  { number }: Picture,
  percent: string,
  isPressedAgain: boolean,
): Promise<void> {
  const button = (label: string, extra: string, isChosen = false): Button => ({
    label,
    pressId: encodePressId({ action: 'move', id: job.id, extra }),
    style: isChosen ? 'primary' : 'secondary',
  });
  const grid = rows.map((row) =>
    columns.map((column) => {
      const place = [...new Set([row, column])].filter((name) => name !== 'middle').join('-') || 'middle';
      return button(arrows[place] ?? place, `${number}.${percent}.${place}`);
    }),
  );
  const sizes = percents.map((size) => button(`${size} %`, `${number}.${size}`, size === percent));
  const offer = toAsker([line(words.say('move.where'))], [...grid, sizes]);
  await chat.answer(isPressedAgain ? { ...offer, kind: 'edit-pressed' } : offer);
}

/** Opens the form with the old prompt. */
export async function remix({ words, chat }: Asked, job: Job): Promise<void> {
  const hasPhoto = parametersOf(job).photos.length > 0;
  const prompt = {
    name: 'prompt',
    kind: 'paragraph',
    label: words.say('remix.prompt'),
    value: job.prompt,
    isRequired: true,
    maxLength: maxPromptLength,
  } as const;
  const photo = { name: 'photo', kind: 'photo', label: words.say('remix.photo'), isRequired: false } as const;
  const form = { form: 'remix', id: job.id, title: words.say('remix.title') };
  const fields = hasPhoto ? [prompt, photo] : [prompt];
  await chat.answer(reply({ kind: 'new', visibility: 'asker', form: { ...form, fields } }));
}

/** @throws Refusal where there is no prompt. */
export async function remixed(asked: Asked, job: Job, { fields, photos, requestId }: FormAct): Promise<void> {
  const written = plainText(fields['prompt'] ?? '');
  // Another photo alone is a wish, too.
  const prompt = written === '' && photos.length > 0 ? job.prompt : written;
  if (prompt === '') throw new Refusal('remix.no-prompt', 'Write what I should paint this time.');
  if (prompt.length > maxPromptLength) {
    const details = { name: 'prompt', maxLength: maxPromptLength };
    throw new Refusal(
      'argument.long',
      `Please say it shorter: the prompt takes ${maxPromptLength} characters.`,
      details,
    );
  }
  const { wish } = parametersOf(job);
  const seed = nextSeed(asked.services.random, wish.seed);
  const [swapped] = photos;
  const { wish: changed } = applyVariation(wish, 'remix', { seed, prompt });
  // Two forms are two wishes, however alike: the key is the form's own event.
  await makeChild(asked, job, `remix-${requestId}`, { wish: changed, ...(swapped === undefined ? {} : { swapped }) });
}

async function makeVariation(
  asked: Asked,
  job: Job,
  picture: Picture,
  kind: VariationKind,
  place?: string,
): Promise<void> {
  const { wish } = parametersOf(job);
  const seed = nextSeed(asked.services.random, picture.seed);
  const varied = applyVariation({ ...wish, seed: picture.seed }, kind, { seed, place });
  const press = [kind, String(picture.number), place?.replace(' ', '-')].filter(Boolean).join('-');
  await makeChild(asked, job, press, { wish: varied.wish, restart: restartOf(varied.restart, picture) });
}

function restartOf(
  strength: 'subtle' | 'strong' | undefined,
  { latentsHash: latents }: Picture,
): JobParameters['restart'] {
  if (strength === undefined) return undefined;
  if (latents === null) throw new Refusal('picture.gone', 'This picture is no longer here.');
  return { strength, latents };
}

interface Child {
  readonly wish: PictureWish;
  readonly restart?: JobParameters['restart'];
  /** Takes the first photo's place. */
  readonly swapped?: PhotoHandle;
}

async function makeChild(asked: Asked, parent: Job, press: string, child: Child): Promise<void> {
  const { store } = asked.services;
  const { swapped, wish, restart } = child;
  const key = await nextVariationKey(store, parent.id, press);
  if (key === undefined) return toast(asked, 'vary.working');
  const old = parametersOf(parent).photos;
  for (const { photo } of swapped === undefined ? old : old.slice(1)) {
    if ((await store.blobs.info(photo)) === undefined) {
      throw new Refusal('jobs.photo-gone', 'The photo of this picture is no longer kept. Send it again with /cow.');
    }
  }
  const photos = async (signal: AbortSignal): Promise<readonly SubmittedPhoto[] | JobParameters['photos']> =>
    swapped === undefined ? old : swapFirst(asked, old, await readAll([swapped], signal));
  await startJob(asked, { key, wish, photos, parentId: parent.id, restart });
}

/** @returns the new photo before the older ones, whose bytes are read again. */
async function swapFirst(
  { services: { store } }: Asked,
  [, ...others]: JobParameters['photos'],
  first: readonly SubmittedPhoto[],
): Promise<readonly SubmittedPhoto[]> {
  const kept: SubmittedPhoto[] = [];
  for (const { photo, mask } of others) {
    kept.push({
      photo: await store.blobs.get(photo),
      ...(mask === undefined ? {} : { mask: await store.blobs.get(mask) }),
    });
  }
  return [...first, ...kept];
}

function noPhotoToMove(): Refusal {
  return new Refusal('variation.no-photo', 'This picture was made without a photo, so there is nothing to move.');
}
