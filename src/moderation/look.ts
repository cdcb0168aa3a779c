/** What is looked at before the engine and after it, by a community's own rules. */
import type { ResultVerdict } from '../jobs/dispatcher.ts';
import type { Painted } from '../jobs/paint-picture.ts';
import { type JobParameters, parametersOf } from '../jobs/parameters.ts';
import { type CommunitySettings, communitySettingsOf } from '../people/settings.ts';
import { Fault, Refusal } from '../errors.ts';
import { readPhoto } from '../photo/intake.ts';
import { appendAudit } from '../store/audit.ts';
import { sha256 } from '../store/blobs.ts';
import type { Job } from '../store/jobs.ts';
import type { Store } from '../store/store.ts';
import type { Checker } from './checks/checker.ts';
import type { CheckedPicture } from './checks/picture.ts';
import { combine, reason, type Reason, type Strictness, verdictOf } from './checks/verdict.ts';
import type { Photos } from './photos.ts';
import type { RemovedPictures } from './removed.ts';

/** @property mayBeUnchecked whether the operator lets communities switch the checks off. */
export interface LookOptions {
  readonly store: Store;
  readonly checker: Checker;
  readonly removed: RemovedPictures;
  readonly photos: Photos;
  readonly mayBeUnchecked: boolean;
  /** Now, in Unix ms. */
  readonly clock: () => number;
}

/** What somebody asks for. @property photos files, or blobs of an older request. */
export interface AskedFor {
  readonly personId: string;
  readonly communityId: string;
  readonly prompt: string;
  readonly photos: readonly (Uint8Array | string)[];
}

/**
 * Looks at a wish before anything is queued.
 * @returns why the pictures are to be looked at before they are shown; undefined where they need not be.
 * @throws Refusal where a photo cannot be read, or it must not be painted; the signal's reason.
 */
export async function lookAtWish(
  options: LookOptions,
  wish: AskedFor,
  signal: AbortSignal,
): Promise<JobParameters['hold']> {
  const { store, checker } = options;
  const settings = await communitySettingsOf(store, wish.communityId);
  const strictness = strictnessOf(settings, options);
  const rules = { strictness, photoShowsPerson: wish.photos.length > 0, words: settings.words };
  const [prompt, photos] = await Promise.all([
    checker.checkPrompt(wish.prompt, rules, signal),
    lookAtPhotos(options, wish, signal),
  ]);
  const isRemoved = photos.some((photo) => photo.isRemoved);
  const verdict = combine([prompt, verdictOf(isRemoved ? 'refuse' : 'allow', 'photo.removed-before')]);
  if (verdict.kind !== 'refuse') {
    for (const { hash, picture } of photos) options.photos.lookAhead(hash, picture, strictness);
  }
  if (verdict.kind === 'allow') return undefined;
  const [why] = verdict.reasons;
  await noteCheck(options, wish, verdict.kind, verdict.reasons);
  if (verdict.kind === 'refuse') throw new Refusal(why.code, why.sentence);
  return { code: why.code, sentence: why.sentence };
}

interface AskedPhoto {
  readonly hash: string;
  readonly picture: CheckedPicture;
  readonly isRemoved: boolean;
}

/** @throws Refusal where a photo cannot be read; the signal's reason. */
async function lookAtPhotos(
  options: LookOptions,
  { communityId, photos }: AskedFor,
  signal: AbortSignal,
): Promise<AskedPhoto[]> {
  const looked: AskedPhoto[] = [];
  for (const photo of photos) {
    const bytes = typeof photo === 'string' ? await options.store.blobs.get(photo) : photo;
    const hash = typeof photo === 'string' ? photo : sha256(bytes);
    const picture = await readPhoto(bytes);
    const isRemoved = await wasRemoved(options, communityId, hash, async () => picture, signal);
    looked.push({ hash, picture, isRemoved });
  }
  return looked;
}

async function wasRemoved(
  { removed, photos }: LookOptions,
  communityId: string,
  hash: string,
  read: () => Promise<CheckedPicture>,
  signal: AbortSignal,
): Promise<boolean> {
  if (await removed.isEmpty(communityId)) return false;
  return removed.knows(communityId, await photos.describe(hash, read, signal));
}

/** Looks at what was painted. @throws the signal's reason; Fault where it could not be compared with what was removed. */
export async function lookAtResult(
  options: LookOptions,
  { picture }: Pick<Painted, 'picture'>,
  job: Job,
  signal: AbortSignal,
): Promise<ResultVerdict> {
  const { store, checker } = options;
  const { communityId } = job;
  const settings = await communitySettingsOf(store, communityId);
  const strictness = strictnessOf(settings, options);
  const { hold, photos } = parametersOf(job);
  // It may have been removed while this waited.
  for (const { photo } of photos) {
    if (await wasPhotoRemoved(options, communityId, photo, signal))
      return said('refuse', reason('photo.removed-before'));
  }
  const [isRemoved, verdict] = await Promise.all([
    isResultRemoved(options, communityId, picture, signal),
    checker.checkPicture(picture, { strictness, signal }),
  ]);
  if (isRemoved) return said('refuse', reason('picture.removed-before'));
  if (verdict.kind !== 'allow') return said(verdict.kind, verdict.reasons[0]);
  if (hold !== undefined) return { kind: 'hold', ...hold };
  for (const { photo } of photos) {
    const looked = await options.photos.verdict(photo, strictness);
    if (looked.kind !== 'allow') return said(looked.kind, looked.reasons[0]);
  }
  switch (settings.showing) {
    case 'at-once':
      return { kind: 'allow' };
    case 'after-review':
      return said('hold', reason('share.review'));
    case 'asker':
      return { kind: 'keep-private' };
  }
}

function said(kind: 'hold' | 'refuse', { code, sentence }: Reason): ResultVerdict {
  return { kind, code, sentence };
}

async function isResultRemoved(
  { removed, checker }: LookOptions,
  communityId: string,
  picture: CheckedPicture,
  signal: AbortSignal,
): Promise<boolean> {
  if (await removed.isEmpty(communityId)) return false;
  return removed.knows(communityId, await checker.describe(picture, signal));
}

/** What cannot be read any more was painted from before it was lost. */
async function wasPhotoRemoved(
  options: LookOptions,
  communityId: string,
  hash: string,
  signal: AbortSignal,
): Promise<boolean> {
  try {
    return await wasRemoved(options, communityId, hash, async () => options.photos.read(hash), signal);
  } catch (error) {
    if (error instanceof Refusal || (error instanceof Fault && !error.mayPass)) return false;
    throw error;
  }
}

function strictnessOf({ strictness }: CommunitySettings, { mayBeUnchecked }: LookOptions): Strictness {
  return strictness === 'off' && !mayBeUnchecked ? 'normal' : strictness;
}

/** What is let through is written down with the job itself. */
async function noteCheck(
  { store, clock }: LookOptions,
  { personId, communityId }: AskedFor,
  kind: 'hold' | 'refuse',
  reasons: readonly Reason[],
): Promise<void> {
  await store.transaction(async (tx) =>
    appendAudit(tx, {
      at: clock(),
      actor: 'system',
      action: `check.${kind}`,
      subject: `person:${personId}`,
      reason: reasons.map(({ code }) => code).join(' '),
      community: communityId,
      detail: {},
    }),
  );
}
