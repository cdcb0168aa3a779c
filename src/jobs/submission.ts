/** From a request to a row: what is checked, what is stored, and in which order. */
import { randomUUID } from 'node:crypto';

import type { ModelCard } from '../engine/card.ts';
import { checkRequest } from '../engine/request.ts';
import { Refusal } from '../errors.ts';
import { estimateCost, type PaintingCost } from '../painting/estimate.ts';
import type { PictureWish } from '../painting/wish.ts';
import { appendAudit } from '../store/audit.ts';
import { addBlobRef, blobInfo } from '../store/blob-rows.ts';
import { insertJob, type Job } from '../store/jobs.ts';
import type { Store } from '../store/store.ts';
import type { JsonObject, Tx } from '../store/tables.ts';
import { type JobParameters, toRow } from './parameters.ts';

/** A photo with a mask where there is one; checked by whoever took it in. */
export interface SubmittedPhoto {
  readonly photo: Uint8Array;
  readonly mask?: Uint8Array | undefined;
}

export interface Submission {
  /** Of the new job, where its message has to name it before it is there; random where absent. */
  readonly id?: string | undefined;
  /** The platform's own id of the request: asked twice, it is one job. */
  readonly idempotencyKey: string;
  readonly personId: string;
  readonly communityId: string;
  readonly platform: string;
  /** Where the placeholder stands. */
  readonly address: JsonObject;
  readonly wish: PictureWish;
  /** New photos, or the blobs of an older job's. */
  readonly photos: readonly SubmittedPhoto[] | JobParameters['photos'];
  readonly parentId?: string | undefined;
  readonly restart?: JobParameters['restart'];
  readonly hold?: JobParameters['hold'];
}

/** @returns the work of one of its pictures. @throws Refusal where the model cannot take the wish. */
export async function checkSubmission({ wish, photos, restart }: Submission, card: ModelCard): Promise<PaintingCost> {
  checkRequest({ ...wish, seeds: [] });
  if (photos.length !== wish.photos.length) {
    throw new Refusal('wish.photos', `Expected ${wish.photos.length} photos for this wish, got ${photos.length}.`);
  }
  return estimateCost(wish, card, restart?.strength);
}

/**
 * Stores the photos, then the job. A crash in between leaves a photo that nobody needs, and no job.
 * @param unitCostMs estimated engine milliseconds of one picture.
 * @returns the job; not `created` where the same request has made it before.
 * @throws Refusal where a photo is named that is no longer kept.
 */
export async function writeSubmission(
  store: Store,
  submission: Submission,
  card: Pick<ModelCard, 'name' | 'fingerprint'>,
  { unitCostMs, at }: { readonly unitCostMs: number; readonly at: number },
): Promise<{ readonly job: Job; readonly created: boolean }> {
  const { wish, restart, hold, personId } = submission;
  const photos = await storePhotos(store, submission.photos);
  const parameters: JobParameters = {
    wish,
    photos,
    ...(restart === undefined ? {} : { restart }),
    ...(hold === undefined ? {} : { hold }),
  };
  const estimatedCost = unitCostMs * wish.count;
  return store.transaction(async (tx) => {
    const inserted = await insertJob(tx, {
      id: submission.id ?? randomUUID(),
      idempotencyKey: submission.idempotencyKey,
      state: 'queued',
      communityId: submission.communityId,
      personId,
      platform: submission.platform,
      address: submission.address,
      prompt: wish.prompt,
      parameters: toRow(parameters),
      seed: wish.seed,
      model: card.name,
      modelHash: card.fingerprint,
      parentId: submission.parentId ?? null,
      photoHash: photos[0]?.photo ?? null,
      count: wish.count,
      estimatedCost,
      submittedAt: at,
    });
    if (!inserted.created) return inserted;
    await needBlobs(tx, inserted.job.id, parameters);
    await appendAudit(tx, {
      community: submission.communityId,
      at,
      actor: `person:${personId}`,
      action: 'job.queued',
      subject: `job:${inserted.job.id}`,
      reason: 'asked',
      detail: { count: wish.count, estimatedCost: Math.round(estimatedCost), check: hold?.code ?? 'allow' },
    });
    return inserted;
  });
}

/** Keeps what a job is painted from. @throws Refusal where something of it is gone. */
export async function needBlobs(tx: Tx, jobId: string, { photos, restart }: JobParameters): Promise<void> {
  const owner = { ownerKind: 'job', ownerId: jobId };
  for (const hash of photos.flatMap(({ photo, mask }) => (mask === undefined ? [photo] : [photo, mask]))) {
    if ((await blobInfo(tx, hash)) === undefined) {
      throw new Refusal('jobs.photo-gone', 'The photo is no longer kept; send it again.');
    }
    await addBlobRef(tx, { ...owner, hash, role: 'photo' });
  }
  if (restart === undefined) return;
  if ((await blobInfo(tx, restart.latents)) === undefined) {
    throw new Refusal('jobs.picture-gone', 'The picture that this would go on from is no longer kept.');
  }
  await addBlobRef(tx, { ...owner, hash: restart.latents, role: 'restart' });
}

async function storePhotos(store: Store, photos: Submission['photos']): Promise<JobParameters['photos']> {
  const hashOf = async (file: Uint8Array | string): Promise<string> =>
    typeof file === 'string' ? file : (await store.blobs.put(file, 'application/octet-stream')).hash;
  const stored: JobParameters['photos'] = [];
  for (const { photo, mask } of photos) {
    stored.push({ photo: await hashOf(photo), ...(mask === undefined ? {} : { mask: await hashOf(mask) }) });
  }
  return stored;
}
