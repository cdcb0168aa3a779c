/** What is looked at before the engine and after it, by a community's own rules. */
import type { ResultVerdict } from '../jobs/dispatcher.ts';
import type { Painted } from '../jobs/paint-picture.ts';
import { type JobParameters, parametersOf } from '../jobs/parameters.ts';
import { type CommunitySettings, communitySettingsOf } from '../people/settings.ts';
import { Refusal } from '../errors.ts';
import { readPhoto } from '../photo/intake.ts';
import { appendAudit } from '../store/audit.ts';
import type { Job } from '../store/jobs.ts';
import type { Store } from '../store/store.ts';
import type { Checker } from './checks/checker.ts';
import type { CheckedPicture } from './checks/picture.ts';
import { combine, reason, type Reason, type Strictness, type Verdict, verdictOf } from './checks/verdict.ts';
import type { RemovedPictures } from './removed.ts';

/** @property mayBeUnchecked whether the operator lets communities switch the checks off. */
export interface LookOptions {
  readonly store: Store;
  readonly checker: Checker;
  readonly removed: RemovedPictures;
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
  const verdicts = [await checker.checkPrompt(wish.prompt, rules, signal)];
  for (const photo of wish.photos) {
    const bytes = typeof photo === 'string' ? await store.blobs.get(photo) : photo;
    verdicts.push(await lookAtPhoto(options, await readPhoto(bytes), wish.communityId, strictness, signal));
  }
  const verdict = combine(verdicts);
  if (verdict.kind === 'allow') return undefined;
  const [why] = verdict.reasons;
  await noteCheck(options, wish, verdict.kind, verdict.reasons);
  if (verdict.kind === 'refuse') throw new Refusal(why.code, why.sentence);
  return { code: why.code, sentence: why.sentence };
}

async function lookAtPhoto(
  { checker, removed }: LookOptions,
  photo: CheckedPicture,
  communityId: string,
  strictness: Strictness,
  signal: AbortSignal,
): Promise<Verdict> {
  if (await removed.knows(communityId, await checker.describe(photo, signal))) {
    return verdictOf('refuse', 'photo.removed-before');
  }
  const verdict = await checker.checkPicture(photo, { strictness, signal });
  return verdict.kind === 'hold' && verdict.reasons[0].code === 'picture.sexual'
    ? verdictOf('hold', 'photo.sexual')
    : verdict;
}

/** Looks at what was painted. @throws the signal's reason; Fault where it could not be compared with what was removed. */
export async function lookAtResult(
  options: LookOptions,
  { picture }: Pick<Painted, 'picture'>,
  job: Job,
  signal: AbortSignal,
): Promise<ResultVerdict> {
  const { store, checker, removed } = options;
  const settings = await communitySettingsOf(store, job.communityId);
  if (await removed.knows(job.communityId, await checker.describe(picture, signal))) {
    const { code, sentence } = reason('picture.removed-before');
    return { kind: 'refuse', code, sentence };
  }
  const { hold } = parametersOf(job);
  const strictness = strictnessOf(settings, options);
  const verdict = await checker.checkPicture(picture, { strictness, signal });
  if (verdict.kind !== 'allow') {
    const [{ code, sentence }] = verdict.reasons;
    return { kind: verdict.kind, code, sentence };
  }
  if (hold !== undefined) return { kind: 'hold', ...hold };
  switch (settings.showing) {
    case 'at-once':
      return { kind: 'allow' };
    case 'after-review': {
      const { code, sentence } = reason('share.review');
      return { kind: 'hold', code, sentence };
    }
    case 'asker':
      return { kind: 'keep-private' };
  }
}

function strictnessOf({ strictness }: CommunitySettings, { mayBeUnchecked }: LookOptions): Strictness {
  return strictness === 'off' && !mayBeUnchecked ? 'normal' : strictness;
}

/** What is let through is written down with the job itself. */
async function noteCheck(
  { store, clock }: LookOptions,
  { personId }: AskedFor,
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
      detail: {},
    }),
  );
}
