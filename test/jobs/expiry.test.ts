import { existsSync, readFileSync } from 'node:fs';
import { expect, it, onTestFinished } from 'vitest';
import { type Retention, startExpiry, sweepExpired } from '../../src/jobs/expiry.ts';
import { createLog } from '../../src/log.ts';
import { appendAudit, auditPage, verifyAudit } from '../../src/store/audit.ts';
import { addBlobRef } from '../../src/store/blob-rows.ts';
import { insertDelivery } from '../../src/store/deliveries.ts';
import { countJobs, insertJob, jobById, moveJob } from '../../src/store/jobs.ts';
import { insertPicture, picturesOfJob } from '../../src/store/pictures.ts';
import { sqliteFile, type Store } from '../../src/store/store.ts';
import { addUsage, usageSince } from '../../src/store/usage.ts';
import { opened, StoppedClock, temporaryFolder } from '../contracts/place.ts';
import { newJob, settle } from '../contracts/rows.ts';

const hour = 3_600_000;
const retention: Retention = {
  photoMs: 24 * hour,
  resultMs: 30 * 24 * hour,
  auditMs: 365 * 24 * hour,
  usageMs: 60 * hour,
  blobGraceMs: hour,
};
const patient = new AbortController().signal;

async function place() {
  const clock = new StoppedClock();
  const store = await opened({ dataDir: await temporaryFolder() }, { clock: clock.read });
  await settle(store);
  const start = clock.now;
  return { store, clock, sweepAt: (at: number) => sweep(at) };

  /** Twice: what the first one let go may be swept once its grace is over. */
  async function sweep(atMs: number) {
    clock.now = start + atMs;
    await sweepExpired(store, retention, clock.read, patient);
    clock.now += retention.blobGraceMs;
    await sweepExpired(store, retention, clock.read, patient);
    clock.now = start + atMs;
  }
}

/** A job on a photo, with one picture, which is done at `endedAt` or still waits. */
async function job(store: Store, id: string, photo: string, endedAt: number | null) {
  const photoBlob = await store.blobs.put(Buffer.from(photo), 'image/jpeg');
  const pictureBlob = await store.blobs.put(Buffer.from(`picture of ${id}`), 'image/png');
  await store.transaction(async (tx) => {
    await insertJob(tx, newJob(id, { photoHash: photoBlob.hash, state: 'running' }));
    await addBlobRef(tx, { hash: photoBlob.hash, ownerKind: 'job', ownerId: id, role: 'photo' });
    if (endedAt === null) return;
    await addBlobRef(tx, { hash: pictureBlob.hash, ownerKind: 'job', ownerId: id, role: 'png:0' });
    await insertPicture(tx, {
      jobId: id,
      number: 0,
      state: 'kept',
      seed: 1,
      widthPx: 1,
      heightPx: 1,
      pngHash: pictureBlob.hash,
      previewHash: null,
      latentsHash: null,
      engineMs: 1,
      createdAt: 1,
    });
    await moveJob(tx, { id, from: 'running', to: 'done', changes: { endedAt } });
    const outbox = { subject: 'result', adapter: 'test', lane: 'test:7', address: {}, createdAt: endedAt };
    await insertDelivery(tx, { id: `d-${id}`, jobId: id, ...outbox });
  });
  const isThere = (hash: string) => existsSync(store.blobs.pathOf(hash));
  return { hasPhoto: () => isThere(photoBlob.hash), hasPicture: () => isThere(pictureBlob.hash) };
}

it('keeps a photo until a day after the last job that needs it, and a result for a month', async () => {
  const { store, clock, sweepAt } = await place();
  const t = clock.now;
  const first = await job(store, 'first', 'shared photo', t);
  const second = await job(store, 'second', 'shared photo', t + 10 * hour);
  const waiting = await job(store, 'waiting', 'its own photo', null);
  await sweepAt(25 * hour);
  expect([first.hasPhoto(), first.hasPicture()]).toEqual([true, true]);
  await sweepAt(35 * hour);
  expect([second.hasPhoto(), second.hasPicture()]).toEqual([false, true]);
  expect(await jobById(store.db, 'first')).toMatchObject({ state: 'done' });
  await sweepAt(30 * 24 * hour + 5 * hour);
  expect(await jobById(store.db, 'first')).toBeUndefined();
  expect(await picturesOfJob(store.db, 'first')).toEqual([]);
  expect([first.hasPicture(), second.hasPicture(), waiting.hasPhoto()]).toEqual([false, true, true]);
  await sweepAt(400 * 24 * hour);
  expect([second.hasPicture(), waiting.hasPhoto()]).toEqual([false, true]);
  expect(await countJobs(store.db, {})).toBe(1);
});

it('leaves nothing of a deleted prompt in the files of the database', async () => {
  const { store, clock, sweepAt } = await place();
  const secret = 'a prompt that nobody may find';
  await store.transaction(async (tx) => {
    await insertJob(tx, newJob('secret', { state: 'running', prompt: secret }));
    await moveJob(tx, { id: 'secret', from: 'running', to: 'done', changes: { endedAt: clock.now } });
  });
  const files = [sqliteFile(store.dataDir), `${sqliteFile(store.dataDir)}-wal`];
  const isFound = () => files.some((file) => readFileSync(file).includes(secret));
  expect(isFound()).toBe(true);
  await sweepAt(31 * 24 * hour);
  expect(isFound()).toBe(false);
});

it('leaves the fact that there was a job, for as long as the trail is kept', async () => {
  const { store, clock, sweepAt } = await place();
  await job(store, 'gone', 'photo', clock.now);
  const entry = { actor: 'system', action: 'job.done', subject: 'job:gone', reason: '', detail: {} };
  await store.transaction((tx) => appendAudit(tx, { ...entry, at: clock.now }));
  const actions = async () => (await auditPage(store.db, { subject: 'job:gone' }, { limit: 9 })).map((a) => a.action);
  await sweepAt(31 * 24 * hour);
  expect(await actions()).toEqual(['job.expired', 'job.done']);
  await sweepAt(366 * 24 * hour);
  expect(await actions()).toEqual(['job.expired']);
  expect(await verifyAudit(store.db)).toEqual({ rows: 1, brokenAt: undefined });
});

it('forgets use, settings with an end, and files that nobody needs', async () => {
  const { store, clock, sweepAt } = await place();
  const usage = { jobId: 'j', communityId: 'farm', personId: 'anna', engineMs: 5 };
  await store.transaction((tx) => addUsage(tx, { ...usage, at: clock.now }));
  await store.transaction((tx) => addUsage(tx, { ...usage, at: clock.now + 50 * hour }));
  await store.keyv('cache').set('short', 1, hour);
  await store.keyv('cache').set('long', 1);
  const orphan = await store.blobs.put(Buffer.from('nobody asked for it'), 'image/jpeg');
  const isThere = () => existsSync(store.blobs.pathOf(orphan.hash));
  await sweepExpired(store, retention, clock.read, patient);
  expect(isThere()).toBe(true);
  await sweepAt(61 * hour);
  expect(isThere()).toBe(false);
  expect(await usageSince(store.db, { since: 0, limit: 9 })).toMatchObject([{ at: clock.now - 11 * hour }]);
  const keys = await store.db.selectFrom('keyv').select('key').execute();
  expect(keys).toEqual([{ key: 'long' }]);
});

it('sweeps any number in steps, ends with its signal, and goes on later', async () => {
  const { store, clock } = await place();
  await store.transaction(async (tx) => {
    for (let i = 0; i < 180; i++) {
      await insertJob(tx, newJob(`job-${i}`, { state: 'running' }));
      await moveJob(tx, { id: `job-${i}`, from: 'running', to: 'done', changes: { endedAt: clock.now } });
    }
  });
  clock.now += retention.resultMs + 1;
  const stop = new AbortController();
  let steps = 0;
  const stopping: Store = {
    ...store,
    transaction: (work) => {
      // The first step is about photos, the second about results.
      if (++steps === 2) stop.abort(new Error('enough'));
      return store.transaction(work);
    },
  };
  await expect(sweepExpired(stopping, retention, clock.read, stop.signal)).rejects.toThrow('enough');
  expect(await countJobs(store.db, {})).toBe(130);
  expect(await sweepExpired(store, retention, clock.read, patient)).toMatchObject({ results: 130 });
  expect(await countJobs(store.db, {})).toBe(0);
});

it('sweeps from the start on, and again as time passes, until it is closed', async () => {
  const { store, clock } = await place();
  await job(store, 'one', 'photo', clock.now);
  clock.now += retention.resultMs + 1;
  const expiry = startExpiry({ store, retention, clock: clock.read, log: createLog('silent'), everyMs: 5 });
  onTestFinished(() => expiry.close());
  await expect.poll(() => countJobs(store.db, {})).toBe(0);
  await job(store, 'two', 'photo', clock.now - retention.resultMs - 1);
  await expect.poll(() => countJobs(store.db, {})).toBe(0);
  await expiry.close();
  await job(store, 'three', 'photo', 0);
  await new Promise((resolve) => setTimeout(resolve, 30));
  expect(await countJobs(store.db, {})).toBe(1);
});
