/**
 * What the checks add to a job, from the ask to its delivery, and to its acknowledgement: pictures by calf through the
 * real jobs, one with checks and one without in turn, each of a photo that was never seen.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import sharp from 'sharp';

import { createEngineHost } from '../src/engine/process/host.ts';
import type { Adapter } from '../src/jobs/adapter.ts';
import { createProgressNotes } from '../src/jobs/delivery-progress.ts';
import { deliveryDefaults, startOutbox } from '../src/jobs/delivery.ts';
import { retryDefaults } from '../src/jobs/patience.ts';
import { openJobs } from '../src/jobs/service.ts';
import { openSpeedBook } from '../src/jobs/speed.ts';
import { createLog } from '../src/log.ts';
import { describePicture } from '../src/moderation/hashes/describe.ts';
import { rememberRemoved } from '../src/moderation/removed.ts';
import { openModeration } from '../src/moderation/service.ts';
import { readPhoto } from '../src/photo/intake.ts';
import { createFaceFinder } from '../src/photo/faces.ts';
import { ensureCommunity } from '../src/store/communities.ts';
import { ensurePerson } from '../src/store/people.ts';
import { openStore, type Store } from '../src/store/store.ts';
import { median } from './table.ts';

export interface Cost {
  readonly jobs: number;
  /** Medians, ms: from the ask to the delivery, and to what is acknowledged. */
  readonly jobMs: number;
  readonly uncheckedJobMs: number;
  readonly askMs: number;
  readonly uncheckedAskMs: number;
  /** Of a job's time; the median over pairs of one after the other, so that a busy machine is busy for both. */
  readonly addedShare: number;
}

interface Times {
  readonly askMs: number;
  readonly jobMs: number;
}

/** Whoever sends a file that is no photo hears so at once, with and without checks. */
async function readAll(photos: readonly Uint8Array[]): Promise<undefined> {
  for (const photo of photos) await readPhoto(photo);
}

/** What the first jobs load does not count. */
const warmUps = 2;
const modelDir = new URL('../models/calf', import.meta.url).pathname;

/** @param hasPhoto whether the jobs are about a photo; without one there is only a result to be looked at. */
export async function measureCost(pairs: number, hasPhoto: boolean): Promise<Cost> {
  const dataDir = await mkdtemp(path.join(tmpdir(), 'cowbot-cost-'));
  const store = await openStore({ dataDir, clock: Date.now, role: 'bot' });
  try {
    const bot = await openBot(store, hasPhoto);
    try {
      const checked: Times[] = [];
      const unchecked: Times[] = [];
      for (let pair = -warmUps; pair < pairs; pair++) {
        // Neither kind is always the one that comes first.
        for (const isChecked of pair % 2 === 0 ? [true, false] : [false, true]) {
          const times = await bot.ask(isChecked);
          if (pair >= 0) (isChecked ? checked : unchecked).push(times);
        }
      }
      const shares = checked.map(({ jobMs }, pair) => jobMs / (unchecked[pair]?.jobMs ?? jobMs) - 1);
      return {
        jobs: pairs * 2,
        jobMs: median(checked.map(({ jobMs }) => jobMs)),
        uncheckedJobMs: median(unchecked.map(({ jobMs }) => jobMs)),
        askMs: median(checked.map(({ askMs }) => askMs)),
        uncheckedAskMs: median(unchecked.map(({ askMs }) => askMs)),
        addedShare: median(shares),
      };
    } finally {
      await bot.close();
    }
  } finally {
    await store.close();
    await rm(dataDir, { recursive: true, force: true });
  }
}

async function openBot(
  store: Store,
  hasPhoto: boolean,
): Promise<{ ask(isChecked: boolean): Promise<Times>; close(): Promise<void> }> {
  const log = createLog('error');
  const clock = Date.now;
  const host = createEngineHost({ modelDir, device: 'cpu' });
  const card = await host.card();
  const faceFinder = createFaceFinder();
  const delivered = new Map<string, () => void>();
  const adapter: Adapter = {
    platform: 'test',
    async deliver({ chat }, { pictures }) {
      for (const picture of pictures) await picture.png();
      delivered.get(chat)?.();
      return { kind: 'sent', receipt: {} };
    },
    showProgress: async () => {},
    remove: async () => ({ kind: 'sent', receipt: {} }),
    connection: { kind: 'up' },
    close: async () => {},
  };
  const adapters = new Map([[adapter.platform, adapter]]);
  const progress = createProgressNotes({ adapters, minIntervalMs: 3_000, timeoutMs: 2_000 });
  const outbox = startOutbox({ store, adapters, progress, clock, log, settings: deliveryDefaults });
  const moderation = openModeration({
    store,
    reviewMs: 3_600_000,
    operators: new Set(),
    mayBeUnchecked: false,
    clock,
    log,
    pollMs: 5_000,
    onChange: () => outbox.wake(),
    onStopped: () => {},
  });
  let isCheckedNow = true;
  const jobs = await openJobs({
    store,
    slots: [{ name: 'calf', engine: host, probe: (signal) => host.card(signal) }],
    card,
    faceFinder,
    speed: await openSpeedBook(store, card.fingerprint),
    checkResult: async (painted, job, signal) =>
      isCheckedNow ? moderation.lookAtResult(painted, job, signal) : { kind: 'allow' },
    retry: retryDefaults,
    shares: { halfLifeMs: 3_600_000, maxRunningPerPerson: 1 },
    weights: [],
    limits: { maxWaitingPerPerson: 10, minFreeBytes: 0, engineDownMs: 60_000 },
    clock,
    log,
    onProgress: () => {},
    onEnd: () => outbox.wake(),
  });
  const [personId, communityId] = ['anna', 'farm'];
  await store.transaction(async (tx) => {
    await ensurePerson(tx, { platform: 'test', platformUserId: personId, newPersonId: personId, at: 1 });
    await ensureCommunity(tx, { platform: 'test', platformChatId: communityId, newCommunityId: communityId, at: 1 });
  });
  await removeSomething(store);
  let asked = 0;
  return {
    async ask(isChecked) {
      isCheckedNow = isChecked;
      asked += 1;
      const chat = `chat-${asked}`;
      const prompt = `a castle on a hill, number ${asked}`;
      const photo = hasPhoto ? await photoNumber(asked) : undefined;
      const photos = photo === undefined ? [] : [photo];
      const { promise: arrived, resolve } = Promise.withResolvers<void>();
      delivered.set(chat, resolve);
      const start = performance.now();
      const signal = AbortSignal.timeout(60_000);
      const hold = isChecked
        ? await moderation.lookAtWish({ personId, communityId, prompt, photos }, signal)
        : await readAll(photos);
      await jobs.submit({
        idempotencyKey: chat,
        personId,
        communityId,
        platform: 'test',
        address: { chat, message: '1' },
        wish: { prompt, photos: photos.map(() => ({ keep: 'auto' })), parameters: {}, seed: asked, count: 1 },
        photos: photos.map((bytes) => ({ photo: bytes })),
        hold,
      });
      const askMs = performance.now() - start;
      await arrived;
      return { askMs, jobMs: performance.now() - start };
    },
    async close() {
      await jobs.close(AbortSignal.timeout(5_000));
      await moderation.close();
      await outbox.close(AbortSignal.timeout(1_000));
      await progress.close();
      await faceFinder.close();
      await host.close();
    },
  };
}

/** Where nothing was removed, nothing is compared. */
async function removeSomething(store: Store): Promise<void> {
  const { data, info } = await sharp(await readFile('test/fixtures/photos/chelsea.png'))
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  const hashes = await describePicture(new Uint8Array(data), info.width, info.height);
  await store.transaction(async (tx) => rememberRemoved(tx, [hashes], { communityId: null, at: 1 }));
}

/** As phones send it to chats; a little brighter each time, so that none was seen before. */
async function photoNumber(number: number): Promise<Uint8Array> {
  return sharp(await readFile('test/fixtures/photos/astronaut.png'))
    .resize(1280, 1280)
    .linear(1, number % 40)
    .jpeg({ quality: 85 })
    .toBuffer();
}
