/** What a run of the crash harness came to: the database, the files and the chat have to tell the same story. */
import { readdir } from 'node:fs/promises';
import path from 'node:path';

import { sweepExpired } from '../../src/jobs/expiry.ts';
import { auditPage, verifyAudit } from '../../src/store/audit.ts';
import { type Delivery, deliveriesOfJob } from '../../src/store/deliveries.ts';
import { type Job, jobByIdempotencyKey } from '../../src/store/jobs.ts';
import { picturesOfJob } from '../../src/store/pictures.ts';
import type { Store } from '../../src/store/store.ts';
import { JOB_STATES } from '../../src/store/tables.ts';
import type { Message } from '../../test/fakes/chat.ts';

export interface Verdict {
  /** Acknowledged requests without a job, and ended jobs whose chat never heard of it and could have. */
  readonly lost: number;
  /** Jobs whose end was shown in more than one message, or in more than one way. */
  readonly twice: number;
  /** Jobs without an end, and ends that still wait to be delivered. */
  readonly stuck: number;
  /** The chain holds, and each job's trail leads to the state that it is in. */
  readonly auditOk: boolean;
  /** Files without a row, rows without a file, and pictures that cannot be read. */
  readonly blobsUnaccounted: number;
  readonly done: number;
  readonly failed: number;
  readonly cancelled: number;
  readonly undeliverable: number;
}

const patient = new AbortController().signal;

/** @param keys of every acknowledged request. @param store of a bot that has ended. */
export async function judge(store: Store, keys: readonly string[], messages: readonly Message[]): Promise<Verdict> {
  const shown = shownResults(messages);
  const counts = { lost: 0, twice: 0, stuck: 0, done: 0, failed: 0, cancelled: 0, undeliverable: 0 };
  let isTrailWhole = (await verifyAudit(store.db)).brokenAt === undefined;
  for (const key of keys) {
    const job = await jobByIdempotencyKey(store.db, key);
    if (job === undefined) {
      counts.lost++;
      continue;
    }
    const deliveries = await deliveriesOfJob(store.db, job.id);
    const results = shown.get(job.id) ?? [];
    if (job.endedAt === null || deliveries.some(({ state }) => state === 'pending')) counts.stuck++;
    else if (isLost(job, deliveries, results)) counts.lost++;
    if (results.length > 1) counts.twice++;
    if (deliveries.some(({ state }) => state === 'undeliverable')) counts.undeliverable++;
    if (job.state === 'done' || job.state === 'failed' || job.state === 'cancelled') counts[job.state]++;
    isTrailWhole &&= await hasWholeTrail(store, job);
  }
  return { ...counts, auditOk: isTrailWhole, blobsUnaccounted: await countUnaccounted(store) };
}

/** For each job the different ends that messages showed. */
function shownResults(messages: readonly Message[]): ReadonlyMap<string, readonly string[]> {
  const shown = new Map<string, string[]>();
  for (const { id, results } of messages) {
    for (const result of results) {
      const { job } = JSON.parse(result) as { job: string };
      shown.set(job, [...(shown.get(job) ?? []), `${id} ${result}`]);
    }
  }
  return shown;
}

function isLost({ state }: Job, deliveries: readonly Delivery[], results: readonly string[]): boolean {
  if (deliveries.length === 0) return true;
  if (deliveries.some((delivery) => delivery.state === 'undeliverable')) return false;
  return !results.some((result) => result.includes(`"state":"${state}"`));
}

const moveNames: ReadonlySet<string> = new Set(JOB_STATES.map((state) => `job.${state}`));

/** Whether the trail of a job leads to the state that it is in. */
export async function hasWholeTrail(store: Store, { id, state }: Job): Promise<boolean> {
  const trail = await auditPage(store.db, { subject: `job:${id}` }, { limit: 1000 });
  // Others tell what somebody did with it, `job.shared`.
  const moves = trail.map(({ action }) => action).filter((action) => moveNames.has(action));
  const first = moves.at(-1);
  return first === 'job.queued' && moves[0] === `job.${state}`;
}

/** Files without a row, rows without a file, and pictures that cannot be read; of a bot that has ended. */
export async function countUnaccounted(store: Store): Promise<number> {
  const longMs = Number.MAX_SAFE_INTEGER;
  const keepAll = { photoMs: longMs, resultMs: longMs, auditMs: longMs, usageMs: longMs };
  // Whoever died between a file and its row, or a row and its job, left something that nobody needs: that is swept.
  await sweepExpired(store, { ...keepAll, blobGraceMs: 0 }, Date.now, patient);
  const rows = new Set((await store.db.selectFrom('blobs').select('hash').execute()).map(({ hash }) => hash));
  const files = new Set(await blobFiles(path.join(store.dataDir, 'blobs')));
  let unaccounted = [...rows].filter((hash) => !files.has(hash)).length;
  unaccounted += [...files].filter((hash) => !rows.has(hash)).length;
  for (const { id } of await store.db.selectFrom('jobs').select('id').execute()) {
    for (const { pngHash, latentsHash } of await picturesOfJob(store.db, id)) {
      for (const hash of [pngHash, latentsHash]) {
        if (hash === null) continue;
        await store.blobs.get(hash).catch(() => unaccounted++);
      }
    }
  }
  return unaccounted;
}

async function blobFiles(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isFile()).map(({ name }) => name);
}
