/** After the engine: a picture is looked at, its files are written, and its attempt is accepted. */
import { Refusal } from '../../errors.ts';
import type { SignResult } from '../../photo/sign.ts';
import type { Job } from '../../store/jobs.ts';
import type { Store } from '../../store/store.ts';
import type { JobState } from '../../store/tables.ts';
import { acceptPicture, type AttemptKey, beginChecks, type KeptVerdict } from '../outcome.ts';
import { type Painted, type PictureFiles, storePicture } from '../paint-picture.ts';
import type { Patience } from '../patience.ts';
import { bySystem } from '../states.ts';
import type { LiveJob } from './live-job.ts';

/** What a check says of a picture before anybody sees it. */
export type ResultVerdict = KeptVerdict | { readonly kind: 'refuse'; readonly code: string; readonly sentence: string };

export interface KeepingOptions {
  readonly store: Store;
  /** Looks at a picture; the signal says that nobody wants it any more. */
  readonly checkResult: (painted: Painted, job: Job, signal: AbortSignal) => Promise<ResultVerdict>;
  /** Of results, where the operator has a certificate. */
  readonly sign?: SignResult | undefined;
  /** Now, in Unix ms. */
  readonly clock: () => number;
}

/**
 * @param live the job that the picture is of, as `job` was when its attempt began.
 * @returns where the job stands now; undefined where the picture came too late. What is not kept leaves no files.
 * @throws Refusal where the check refuses, `Stopped` where somebody has cancelled, Fault as the store and the check do.
 */
export async function keepPicture(
  painted: Painted,
  attempt: AttemptKey,
  live: LiveJob,
  job: Job,
  options: KeepingOptions & { readonly patience: Patience },
): Promise<JobState | undefined> {
  const { store, checkResult, sign, clock, patience } = options;
  // Its files are written while it is looked at.
  const storing = patience.throughTrouble(async () => storePicture(painted, store.blobs, sign));
  const isLast = live.openCount <= 1;
  const [verdict, files] = await Promise.all([
    keptOrLetGo(store, storing, checkResult(painted, job, live.signal)),
    storing,
    isLast ? patience.throughTrouble(async () => beginChecks(store, live, bySystem('painted', clock()))) : undefined,
  ]);
  if (live.stoppedBy !== undefined) {
    await letGo(store, files);
    throw live.signal.reason;
  }
  const because = { ...bySystem('painted', clock()), detail: { picture: attempt.number, check: verdict.kind } };
  const state = await patience.throughTrouble(async () =>
    acceptPicture(store, live, attempt, painted, files, verdict, because),
  );
  if (state === undefined) await letGo(store, files);
  return state;
}

/** @throws as the check does, Refusal where it refuses; then the files are gone again. */
async function keptOrLetGo(
  store: Store,
  storing: Promise<PictureFiles>,
  check: Promise<ResultVerdict>,
): Promise<KeptVerdict> {
  // Trouble with the files is heard by whoever waits for them.
  const stored = storing.catch(() => undefined);
  try {
    const verdict = await check;
    if (verdict.kind === 'refuse') throw new Refusal(verdict.code, verdict.sentence);
    return verdict;
  } catch (error) {
    const files = await stored;
    if (files !== undefined) await letGo(store, files);
    throw error;
  }
}

async function letGo({ blobs }: Store, files: PictureFiles): Promise<void> {
  await blobs.removeUnreferenced(Object.values(files));
}
