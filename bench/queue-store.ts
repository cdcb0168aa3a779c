/** What a request costs while many wait: the whole way into the database, in front of an engine that does not end. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import { setImmediate as turn, setTimeout as delay } from 'node:timers/promises';

import { retryDefaults } from '../src/jobs/patience.ts';
import { type Jobs, openJobs } from '../src/jobs/service.ts';
import { openSpeedBook } from '../src/jobs/speed.ts';
import type { Submission } from '../src/jobs/submission.ts';
import { createLog } from '../src/log.ts';
import { createFaceFinder } from '../src/photo/faces.ts';
import { ensureCommunity } from '../src/store/communities.ts';
import { insertJob } from '../src/store/jobs.ts';
import { ensurePerson } from '../src/store/people.ts';
import { openStore, type Store } from '../src/store/store.ts';
import { createStubHost } from '../test/fakes/stub-host.ts';
import { seeded } from './random.ts';
import { quantile } from './rows.ts';

interface SubmitFigures {
  readonly submitP50Ms: number;
  readonly submitP99Ms: number;
  readonly submitLongestMs: number;
  /** With a new photo, which goes to the disk before its job does. */
  readonly photoP99Ms: number;
  /** Position and time left. */
  readonly placeP99Ms: number;
  /** Longest time for which the event loop heard of nothing, while submitting. */
  readonly loopMaxMs: number;
  /** The same of a loop with nothing to do: what the machine's other programs make of it. */
  readonly idleLoopMaxMs: number;
  /** The same while the bot starts with all these jobs, and how long that takes. */
  readonly startLoopMaxMs: number;
  readonly startMs: number;
}

const communities = 200;
const people = 5_000;
const submits = 3_000;
const photoSubmits = 500;
const photoBytes = 200_000;
const fillPage = 500;
const loopSettlesMs = 10;
/** About as long as the submissions take. */
const idleMs = 4_000;

/** On SQLite in a folder of its own; of the disk that temporary files are on. */
export async function measureSubmits(waiting: number): Promise<SubmitFigures> {
  const dataDir = await mkdtemp(path.join(tmpdir(), 'cowbot-bench-'));
  const closers: (() => Promise<unknown>)[] = [async () => rm(dataDir, { recursive: true })];
  try {
    const store = await openStore({ dataDir, clock: Date.now, role: 'bot' });
    closers.push(() => store.close());
    await fill(store, waiting);
    // One picture takes it ten minutes.
    const host = createStubHost(600_000);
    closers.push(() => host.close());
    const card = await host.card();
    const faceFinder = createFaceFinder();
    closers.push(() => faceFinder.close());
    const speed = await openSpeedBook(store, card.fingerprint);
    const open = async () =>
      openJobs({
        store,
        slots: [{ name: 'stub', engine: host, probe: (signal) => host.card(signal) }],
        card,
        faceFinder,
        speed,
        checkResult: async () => ({ kind: 'allow' }),
        retry: retryDefaults,
        shares: { halfLifeMs: 3_600_000, maxRunningPerPerson: 4 },
        weights: [],
        limits: { maxWaitingPerPerson: waiting, minFreeBytes: 0, engineDownMs: 3_600_000 },
        clock: Date.now,
        log: createLog('silent'),
        onProgress: () => {},
        onEnd: () => {},
      });
    const started = await measured(open);
    const jobs = started.value;
    closers.push(() => jobs.close(AbortSignal.abort()));
    return { ...(await submitFigures(jobs)), startLoopMaxMs: started.loopMaxMs, startMs: started.ms };
  } finally {
    for (const close of closers.toReversed()) await close();
  }
}

async function submitFigures(jobs: Jobs): Promise<Omit<SubmitFigures, 'startLoopMaxMs' | 'startMs'>> {
  const random = seeded(1);
  const ids: string[] = [];
  const submit = async (key: string, photos: readonly { readonly photo: Uint8Array }[]): Promise<number> => {
    const submission = submissionOf(key, Math.floor(random() * people), photos);
    const beganMs = performance.now();
    const { job } = await jobs.submit(submission);
    const ms = performance.now() - beganMs;
    ids.push(job.id);
    await turn();
    return ms;
  };
  // The compiler has to have seen the code before anything is timed.
  for (let index = 0; index < 200; index += 1) await submit(`warm ${index}`, []);
  const { value: times, loopMaxMs } = await measured(async () => {
    const all: number[] = [];
    for (let index = 0; index < submits; index += 1) all.push(await submit(`new ${index}`, []));
    return all;
  });
  const idle = await measured(async () => delay(idleMs));
  const photoTimes: number[] = [];
  for (let index = 0; index < photoSubmits; index += 1) {
    const photo = Uint8Array.from({ length: photoBytes }, () => random() * 256);
    photoTimes.push(await submit(`photo ${index}`, [{ photo }]));
  }
  const placeTimes = ids.map((id) => {
    const beganMs = performance.now();
    jobs.place(id);
    return performance.now() - beganMs;
  });
  return {
    submitP50Ms: quantile(times, 0.5),
    submitP99Ms: quantile(times, 0.99),
    submitLongestMs: quantile(times, 1),
    photoP99Ms: quantile(photoTimes, 0.99),
    placeP99Ms: quantile(placeTimes.slice(200), 0.99),
    loopMaxMs,
    idleLoopMaxMs: idle.loopMaxMs,
  };
}

async function measured<T>(
  work: () => Promise<T>,
): Promise<{ readonly value: T; readonly ms: number; readonly loopMaxMs: number }> {
  const delays = monitorEventLoopDelay({ resolution: 1 });
  delays.enable();
  await delay(loopSettlesMs);
  delays.reset();
  const beganMs = performance.now();
  const value = await work();
  const ms = performance.now() - beganMs;
  // What blocked last is counted at the next tick only.
  await delay(loopSettlesMs);
  delays.disable();
  return { value, ms, loopMaxMs: delays.max / 1e6 };
}

function submissionOf(key: string, person: number, photos: readonly { readonly photo: Uint8Array }[]): Submission {
  return {
    idempotencyKey: key,
    personId: `p${person}`,
    communityId: `c${person % communities}`,
    platform: 'bench',
    address: { chat: `c${person % communities}`, message: key },
    wish: {
      prompt: 'a knight in a snowy forest, oil on canvas',
      photos: photos.map(() => ({ keep: 'face' })),
      parameters: {},
      seed: 7,
      count: 1,
    },
    photos,
  };
}

async function fill(store: Store, waiting: number): Promise<void> {
  await store.transaction(async (tx) => {
    for (let index = 0; index < communities; index += 1) {
      const platformChatId = `chat${index}`;
      await ensureCommunity(tx, { platform: 'bench', platformChatId, newCommunityId: `c${index}`, at: 1 });
    }
    for (let index = 0; index < people; index += 1) {
      const platformUserId = `user${index}`;
      await ensurePerson(tx, { platform: 'bench', platformUserId, newPersonId: `p${index}`, at: 1 });
    }
  });
  const at = Date.now() - waiting;
  for (let first = 0; first < waiting; first += fillPage) {
    await store.transaction(async (tx) => {
      for (let index = first; index < Math.min(waiting, first + fillPage); index += 1) {
        const { wish, photos: _, restart: _none, ...fields } = submissionOf(`old ${index}`, index % people, []);
        await insertJob(tx, {
          ...fields,
          id: `old-${index}`,
          state: 'queued',
          prompt: wish.prompt,
          parameters: { wish: JSON.parse(JSON.stringify(wish)), photos: [] },
          seed: wish.seed,
          model: 'stub',
          modelHash: 'stub-1',
          parentId: null,
          photoHash: null,
          count: 1,
          estimatedCost: 1_000,
          submittedAt: at + index,
        });
      }
    });
    await turn();
  }
}
