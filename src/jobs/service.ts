/**
 * The jobs as everybody else sees them: asked for, looked at, explained, cancelled, asked for again. What `submit` has
 * answered is in the database.
 */
import { randomUUID } from 'node:crypto';

import type { Progress } from '../engine/request.ts';
import { Refusal } from '../errors.ts';
import { estimateCost } from '../painting/estimate.ts';
import type { PictureWish } from '../painting/wish.ts';
import { admitJob } from '../queue/admission.ts';
import { forecast } from '../queue/forecast.ts';
import { setWeight } from '../queue/policy.ts';
import type { LedgerWeight } from '../queue/rebuild.ts';
import { explainWait, type WaitExplanation } from '../queue/reasons.ts';
import type { ShareSettings } from '../queue/shares.ts';
import { appendAudit } from '../store/audit.ts';
import { addBlobRef } from '../store/blob-rows.ts';
import { insertJob, type Job, jobById, jobByIdempotencyKey } from '../store/jobs.ts';
import { picturesOfJob } from '../store/pictures.ts';
import type { JsonObject } from '../store/tables.ts';
import { Dispatcher, type DispatcherOptions, type EngineState } from './dispatcher.ts';
import { type JobParameters, parametersOf, toRow } from './parameters.ts';
import { readWaiting, rebuildShares, recoverLost } from './recover.ts';
import { move } from './states.ts';

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
}

export interface JobLimits {
  readonly maxWaitingPerPerson: number;
  /** New jobs are refused with less free room. */
  readonly minFreeBytes: number;
  /** New jobs are refused when no engine has answered for longer. */
  readonly engineDownMs: number;
}

export interface JobsOptions extends Omit<DispatcherOptions, 'shares'> {
  readonly shares: ShareSettings;
  readonly weights: readonly LedgerWeight[];
  readonly limits: JobLimits;
}

/** How a job is doing. */
export type JobStatus =
  | { readonly kind: 'waiting'; readonly explanation: WaitExplanation }
  | { readonly kind: 'painting'; readonly progress: Progress | undefined }
  | { readonly kind: 'ended' };

/** The queue for operators: numbers only. */
export interface QueueSnapshot {
  readonly waitingPictures: number;
  readonly engines: readonly EngineState[];
  readonly engineDownSince: number | undefined;
  readonly communities: readonly {
    readonly id: string;
    readonly weight: number;
    readonly waiting: number;
    readonly running: number;
  }[];
}

export interface Jobs {
  /** @throws Refusal where there is no room, or the wish cannot be painted. */
  submit(submission: Submission): Promise<{ readonly job: Job; readonly isNew: boolean }>;
  get(id: string): Promise<Job | undefined>;
  /** @param actor `person:ID` or `system`. @returns whether there was something to cancel. */
  cancel(id: string, actor: string): Promise<boolean>;
  /** @throws Refusal where the job has not failed or its photo is gone. */
  retry(id: string, actor: string): Promise<void>;
  status(id: string): JobStatus;
  /** Position and expected wait of a waiting job; undefined once it does not wait. */
  place(id: string): { readonly position: number; readonly startsInMs: number; readonly doneInMs: number } | undefined;
  setWeight(weight: LedgerWeight): void;
  snapshot(): QueueSnapshot;
  /** Lets what runs end until the signal, and puts the rest back. */
  close(signal: AbortSignal): Promise<void>;
}

/** Finds what the last process left, and starts painting. */
export async function openJobs(options: JobsOptions): Promise<Jobs> {
  const { store, clock, slots, card, speed, limits, log } = options;
  const lost = await recoverLost(store, clock());
  const waiting = await readWaiting(store);
  if (lost > 0) log.info({ lost, waiting: waiting.length }, 'Jobs of the last run wait again.');
  const shares = await rebuildShares(store, options.shares, options.weights, waiting, clock());
  const dispatcher = new Dispatcher({ ...options, shares });
  for (const job of waiting) dispatcher.enqueue(job);
  dispatcher.start();
  let isClosed = false;

  const checkRoom = async (personId: string): Promise<void> => {
    if (isClosed) throw new Refusal('jobs.closing', 'cowbot is restarting; ask again in a minute.');
    const { downSince } = dispatcher;
    if (downSince !== undefined && clock() - downSince > limits.engineDownMs) {
      throw new Refusal('jobs.engine-down', 'The engine is out of order at the moment; ask again later.');
    }
    if ((await store.freeBytes()) < limits.minFreeBytes) {
      throw new Refusal('jobs.disk-full', 'There is no room for new pictures at the moment; ask again later.');
    }
    admitJob(shares, personId, limits.maxWaitingPerPerson, slots.length, clock());
  };

  const storePhotos = async (photos: Submission['photos']): Promise<JobParameters['photos']> => {
    const stored: JobParameters['photos'] = [];
    for (const { photo, mask } of photos) {
      stored.push({ photo: await hashOf(photo), ...(mask === undefined ? {} : { mask: await hashOf(mask) }) });
    }
    return stored;
  };
  const hashOf = async (file: Uint8Array | string): Promise<string> =>
    typeof file === 'string' ? file : (await store.blobs.put(file, 'application/octet-stream')).hash;

  const place: Jobs['place'] = (id) => {
    if (!shares.jobs.has(id)) return undefined;
    const { position, startsInMs, doneInMs } = forecast(shares, id, slots.length, clock());
    return { position, startsInMs, doneInMs };
  };

  return {
    async submit(submission) {
      const earlier = await jobByIdempotencyKey(store.db, submission.idempotencyKey);
      if (earlier !== undefined) return { job: earlier, isNew: false };
      await checkRoom(submission.personId);
      const { wish, personId, communityId, restart } = submission;
      const cost = await estimateCost(wish, card);
      const unitCostMs = speed.estimateMs(cost);
      const photos = await storePhotos(submission.photos);
      const parameters: JobParameters = { wish, photos, ...(restart === undefined ? {} : { restart }) };
      const at = clock();
      const { job, created } = await store.transaction(async (tx) => {
        const inserted = await insertJob(tx, {
          id: submission.id ?? randomUUID(),
          idempotencyKey: submission.idempotencyKey,
          state: 'queued',
          communityId,
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
          estimatedCost: unitCostMs * wish.count,
          submittedAt: at,
        });
        if (!inserted.created) return inserted;
        const owner = { ownerKind: 'job', ownerId: inserted.job.id };
        for (const hash of photos.flatMap(({ photo, mask }) => (mask === undefined ? [photo] : [photo, mask]))) {
          await addBlobRef(tx, { ...owner, hash, role: 'photo' });
        }
        if (restart !== undefined) await addBlobRef(tx, { ...owner, hash: restart.latents, role: 'restart' });
        await appendAudit(tx, {
          at,
          actor: `person:${personId}`,
          action: 'job.queued',
          subject: `job:${inserted.job.id}`,
          reason: 'asked',
          detail: { count: wish.count, estimatedCost: Math.round(unitCostMs * wish.count) },
        });
        return inserted;
      });
      if (created) {
        const missing = Array.from({ length: job.count }, (_, number) => number);
        dispatcher.enqueue({ id: job.id, communityId, personId, unitCostMs, missing });
      }
      return { job, isNew: created };
    },
    get: async (id) => jobById(store.db, id),
    cancel: async (id, actor) => dispatcher.cancel(id, actor),
    async retry(id, actor) {
      const job = await jobById(store.db, id);
      if (job === undefined) throw new Refusal('jobs.unknown', 'There is no such job.');
      if (job.state !== 'failed' && job.state !== 'cancelled') {
        throw new Refusal(
          'jobs.not-failed',
          `Only a job that failed or was cancelled can be tried again; this one is ${job.state}.`,
          { state: job.state },
        );
      }
      for (const { photo } of parametersOf(job).photos) {
        if ((await store.blobs.info(photo)) === undefined) {
          throw new Refusal('jobs.photo-gone', 'The photo of this job is no longer kept; send it again.');
        }
      }
      const painted = (await picturesOfJob(store.db, id)).map(({ number }) => number);
      const because = { actor, reason: 'asked-again', at: clock() };
      const changes = { endedAt: null, failureCode: null, failureReason: null, notBefore: 0 };
      const hasMoved = await store.transaction(async (tx) =>
        move(tx, id, ['failed', 'cancelled'], 'queued', because, changes),
      );
      if (!hasMoved) return;
      const missing = Array.from({ length: job.count }, (_, number) => number).filter(
        (number) => !painted.includes(number),
      );
      const { communityId, personId } = job;
      dispatcher.enqueue({ id, communityId, personId, unitCostMs: job.estimatedCost / job.count, missing });
    },
    status(id) {
      const engine = dispatcher.engines.find(({ jobId }) => jobId === id);
      if (engine !== undefined) return { kind: 'painting', progress: engine.progress };
      if (!shares.jobs.has(id)) return { kind: 'ended' };
      return { kind: 'waiting', explanation: explainWait(shares, id, slots.length, clock()) };
    },
    place,
    setWeight({ weight, community, person }) {
      setWeight(shares, weight, clock(), community, person);
    },
    snapshot: () => ({
      waitingPictures: [...shares.communities.values()].reduce((sum, { waitingUnits }) => sum + waitingUnits, 0),
      engines: dispatcher.engines,
      engineDownSince: dispatcher.downSince,
      communities: [...shares.communities.values()].map(({ id, weight, waitingUnits, running }) => ({
        id,
        weight,
        waiting: waitingUnits,
        running,
      })),
    }),
    async close(signal) {
      isClosed = true;
      await dispatcher.close(signal);
    },
  };
}
