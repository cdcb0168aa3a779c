/** What becomes of jobs in the database: one function a turn of events, each one transaction. */
import { randomUUID } from 'node:crypto';

import { endAttempt, startAttempt } from '../store/attempts.ts';
import type { RefusalDetails } from '../errors.ts';
import { addBlobRef } from '../store/blob-rows.ts';
import { deliveriesOfJob, insertDelivery } from '../store/deliveries.ts';
import { addEngineMs, type Job, type JobChanges, lockJob, noteFailure } from '../store/jobs.ts';
import { insertPicture, picturesOfJob } from '../store/pictures.ts';
import type { Store } from '../store/store.ts';
import type { AttemptOutcome, JobState, PictureState, Tx } from '../store/tables.ts';
import { addUsage } from '../store/usage.ts';
import { laneOf } from './adapter.ts';
import type { Painted, PictureFiles } from './paint-picture.ts';
import { type Because, isLive, liveStates, move } from './states.ts';

/** The part of a job that transactions about it need. */
export type JobKey = Pick<Job, 'id' | 'communityId' | 'personId'>;

/** Why a job has no picture to show, for the person: `reason` in English, `details` for the catalogues. */
export interface FailureSentence {
  readonly code: string;
  readonly reason: string;
  readonly details?: RefusalDetails | undefined;
}

/** An attempt at one picture under way. */
export interface AttemptKey {
  readonly token: string;
  readonly number: number;
  readonly engine: string;
}

/**
 * Claims a job for an attempt.
 * @param model that paints it; the operator may have changed it since the job was asked for.
 * @returns the job; undefined where it is not to be painted any more.
 */
export async function beginAttempt(
  store: Store,
  { id }: JobKey,
  attempt: AttemptKey,
  model: { readonly name: string; readonly fingerprint: string },
  because: Because,
): Promise<Job | undefined> {
  const { token, number, engine } = attempt;
  return store.transaction(async (tx) => {
    const job = await lockJob(tx, id);
    if (job === undefined) return undefined;
    const attemptCount = job.attemptCount + 1;
    const changes = {
      attemptCount,
      attemptToken: token,
      startedAt: job.startedAt ?? because.at,
      model: model.name,
      modelHash: model.fingerprint,
    };
    const detail = { attempt: attemptCount, picture: number, engine };
    if (!(await move(tx, id, ['queued', 'running'], 'running', { ...because, detail }, changes))) return undefined;
    await startAttempt(tx, { token, jobId: id, number: attemptCount, engine, startedAt: because.at });
    return { ...job, ...changes, state: 'running' };
  });
}

/** All of a job's pictures are painted, and the last is looked at. */
export async function beginChecks(store: Store, { id }: JobKey, because: Because): Promise<void> {
  await store.transaction(async (tx) => move(tx, id, 'running', 'checking', because));
}

/** Ends an attempt and charges what it cost. @returns false where it had ended before: its result is not wanted. */
async function settleAttempt(
  tx: Tx,
  job: JobKey,
  token: string,
  outcome: AttemptOutcome,
  { engineMs, reason, at }: { readonly engineMs: number; readonly reason: string | null; readonly at: number },
): Promise<boolean> {
  if (!(await endAttempt(tx, { token, outcome, reason, engineMs, endedAt: at }))) return false;
  if (engineMs > 0) {
    await addUsage(tx, { jobId: job.id, communityId: job.communityId, personId: job.personId, engineMs, at });
    await addEngineMs(tx, job.id, engineMs);
  }
  return true;
}

/**
 * What a check said of a picture that is kept. `keep-private`: good, and shown to nobody but whoever asked for it.
 * `hold`: a moderator decides.
 */
export type KeptVerdict =
  | { readonly kind: 'allow' | 'keep-private' }
  | { readonly kind: 'hold'; readonly code: string; readonly sentence: string };

const stateByVerdict = { allow: 'kept', 'keep-private': 'unshared', hold: 'held' } as const satisfies Record<
  KeptVerdict['kind'],
  PictureState
>;

/**
 * Accepts a picture from the attempt that still is the current one; with the last of the job's pictures the job ends.
 * @returns where the job stands now; undefined where the picture came too late.
 */
export async function acceptPicture(
  store: Store,
  job: JobKey,
  { token, number }: Pick<AttemptKey, 'token' | 'number'>,
  { picture, result: { totalMs: engineMs } }: Pick<Painted, 'picture' | 'result'>,
  files: PictureFiles,
  verdict: KeptVerdict,
  because: Because,
): Promise<JobState | undefined> {
  const { at } = because;
  return store.transaction(async (tx) => {
    if (!(await settleAttempt(tx, job, token, 'done', { engineMs, reason: null, at }))) return undefined;
    const row = await lockJob(tx, job.id);
    // Queued again: another picture of the same job waits for its next try.
    if (row === undefined || !isLive(row.state)) return undefined;
    await insertPicture(tx, {
      jobId: job.id,
      number,
      state: stateByVerdict[verdict.kind],
      seed: picture.seed,
      widthPx: picture.width,
      heightPx: picture.height,
      pngHash: files.png,
      previewHash: files.preview,
      latentsHash: files.latents,
      engineMs,
      createdAt: at,
    });
    for (const [role, hash] of Object.entries(files)) {
      await addBlobRef(tx, { hash, ownerKind: 'job', ownerId: job.id, role: `${role}:${number}` });
    }
    const sentence = verdict.kind === 'hold' ? { code: verdict.code, reason: verdict.sentence } : earlierHold(row);
    const pictures = await picturesOfJob(tx, job.id);
    if (pictures.length < row.count) {
      if (verdict.kind === 'hold') await noteFailure(tx, job.id, verdict.code, verdict.sentence);
      return row.state;
    }
    const end = pictures.some((one) => one.state === 'held') ? 'held' : 'done';
    await move(tx, job.id, 'running', 'checking', because);
    await finish(tx, row, 'checking', end, because, end === 'held' ? sentence : undefined);
    return end;
  });
}

/** Why an earlier picture of the same job is held. */
function earlierHold({ failureCode: code, failureReason: reason }: Job): FailureSentence | undefined {
  return code === null || reason === null ? undefined : { code, reason };
}

/** Ends a job, with the sentence for its person where there is one, and puts what is to be said into the outbox. */
export async function finish(
  tx: Tx,
  job: Job,
  from: JobState | readonly JobState[],
  to: JobState,
  because: Because,
  sentence?: FailureSentence,
): Promise<boolean> {
  const changes: JobChanges = {
    attemptToken: null,
    endedAt: because.at,
    failureCode: sentence?.code ?? null,
    failureReason: sentence?.reason ?? null,
    failureDetails: sentence?.details === undefined ? null : JSON.stringify(sentence.details),
  };
  if (!(await move(tx, job.id, from, to, because, changes))) return false;
  await sayNow(tx, job, to, because.at);
  return true;
}

/** Has the job's message say what is so now. @param at Unix ms. */
export async function sayNow(tx: Tx, job: Job, state: JobState, at: number): Promise<void> {
  const said = await deliveriesOfJob(tx, job.id);
  await insertDelivery(tx, {
    id: randomUUID(),
    jobId: job.id,
    // A job that was asked for again, hidden or shared has something new to say.
    subject: `${state}:${said.length}`,
    adapter: job.platform,
    lane: laneOf(job.platform, job.address),
    address: job.address,
    createdAt: at,
  });
}

/** An attempt that gave no picture ends the job. */
export async function endWithout(
  store: Store,
  key: JobKey,
  to: 'failed' | 'refused' | 'cancelled',
  attempt: { readonly token: string; readonly engineMs: number } | undefined,
  because: Because,
  sentence?: FailureSentence,
): Promise<boolean> {
  return store.transaction(async (tx) => {
    if (attempt !== undefined) {
      const outcome = to === 'cancelled' ? 'cancelled' : 'failed';
      const { at, reason } = because;
      if (!(await settleAttempt(tx, key, attempt.token, outcome, { engineMs: attempt.engineMs, reason, at })))
        return false;
    }
    const job = await lockJob(tx, key.id);
    if (job === undefined) return false;
    // A retry that waits is `queued`, and may be that of another picture than the one that has failed for good.
    return finish(tx, job, liveStates, to, because, sentence);
  });
}

/** An attempt ended without a picture and without a verdict: the job waits again, from `notBefore` on. */
export async function putBack(
  store: Store,
  key: JobKey,
  attempt: { readonly token: string; readonly engineMs: number; readonly outcome: 'failed' | 'lost' },
  notBefore: number,
  because: Because,
): Promise<boolean> {
  return store.transaction(async (tx) => {
    const { token, engineMs, outcome } = attempt;
    const { reason, at } = because;
    if (!(await settleAttempt(tx, key, token, outcome, { engineMs, reason, at }))) return false;
    return move(tx, key.id, ['running', 'checking'], 'queued', because, { attemptToken: null, notBefore });
  });
}
