/** A bot without a chat: real store, jobs, outbox and commands over an engine that paints one colour a seed. */
import { onTestFinished } from 'vitest';
import { openLanguages } from '../../commands/languages/languages.ts';
import type { Outgoing } from '../../commands/contract/outgoing.ts';
import { wantsPreviews } from '../../commands/presentation.ts';
import { createNoticeBoard } from '../../commands/notice-board.ts';
import { openOnce } from '../../commands/once.ts';
import type { Services } from '../../commands/services.ts';
import type { ModelCard } from '../../src/engine/card.ts';
import type { Adapter } from '../../src/jobs/adapter.ts';
import { createProgressNotes } from '../../src/jobs/delivery-progress.ts';
import { deliveryDefaults, startOutbox } from '../../src/jobs/delivery.ts';
import { openJobs } from '../../src/jobs/service.ts';
import { runningProgress } from '../../src/jobs/running-progress.ts';
import { openWeights, readWeights } from '../../src/jobs/weights.ts';
import { openSpeedBook } from '../../src/jobs/speed.ts';
import { startWaitingNotes, type WaitingNotes } from '../../src/jobs/waiting-notes.ts';
import { createForgetting } from '../../src/people/forget.ts';
import { createLog } from '../../src/log.ts';
import { readPhoto } from '../../src/photo/intake.ts';
import { changeCommunitySettings } from '../../src/people/settings.ts';
import { mayPreview } from '../../src/moderation/may-preview.ts';
import { type Moderation, openModeration } from '../../src/moderation/service.ts';
import { openStore } from '../../src/store/store.ts';
import { consentForAll } from './consent.ts';
import { stubCard as plainCard } from '../fakes/stub-card.ts';
import { StubEngine } from '../fakes/stub-engine.ts';

/** With a licence, for `about` says it. */
export const stubCard: ModelCard = { ...plainCard, licence: 'MIT' };

export interface House {
  readonly services: Services;
  readonly engine: StubEngine;
  /** Ends as a stopped process does: what is painted is dropped and waits for the next house. */
  close(): Promise<void>;
}

/** What is other than usual. */
export type HouseOptions = Partial<Pick<Services, 'operators' | 'clock' | 'log'>> & {
  readonly maxWaiting?: number;
  /** `given`: everybody has agreed to the terms from the start. */
  readonly consents?: 'given' | 'asked';
  /** Whether prompts, photos and results are looked at; that takes a process and some seconds. */
  readonly isModerated?: boolean;
};

/** Unmoderated, photos are read all the same before anything is queued. */
const readAll: Moderation['lookAtWish'] = async ({ photos }) => {
  for (const photo of photos) if (typeof photo !== 'string') await readPhoto(photo);
  return undefined;
};

/**
 * @param openAdapters makes the adapters that deliver; called before anything is delivered. They are closed with the house.
 */
export async function openHouse(
  dataDir: string,
  openAdapters: (services: Services) => Promise<readonly (Adapter & Outgoing)[]>,
  options: HouseOptions = {},
): Promise<House> {
  const clock = options.clock ?? Date.now;
  const log = options.log ?? createLog('silent');
  const store = await openStore({ dataDir, clock, role: 'bot' });
  if (options.consents !== 'asked') await consentForAll(store);
  const adapters = new Map<string, Adapter & Outgoing>();
  const progress = createProgressNotes({ adapters, minIntervalMs: 1, timeoutMs: 5_000 });
  const settings = { ...deliveryDefaults, firstBackoffMs: 5, pollMs: 20 };
  const outbox = startOutbox({ store, adapters, progress, clock, log, settings });
  const engine = new StubEngine({ isQuick: true });
  const closing = new AbortController();
  let waiting: WaitingNotes | undefined;
  const operators = options.operators ?? new Set<string>();
  const real = openModeration({
    store,
    reviewMs: 3_600_000,
    operators,
    mayBeUnchecked: true,
    clock,
    log,
    pollMs: 20,
    onChange: () => outbox.wake(),
    onStopped: () => {},
  });
  const moderation: Moderation =
    options.isModerated === true
      ? real
      : { ...real, lookAtWish: readAll, lookAtResult: async () => ({ kind: 'allow' }) };
  const jobs = await openJobs({
    store,
    slots: [{ name: 'stub', engine, probe: async () => {} }],
    card: stubCard,
    // No faces: the subject is kept.
    faceFinder: { find: async () => [], close: async () => {} },
    speed: await openSpeedBook(store, stubCard.fingerprint),
    checkResult: async (painted, job, signal) => moderation.lookAtResult(painted, job, signal),
    retry: { maxTries: 2, firstBackoffMs: 1, maxBackoffMs: 5, maxLosses: 10 },
    clock,
    log,
    onProgress: (job, running) => progress.show(job, runningProgress(running)),
    mayPreview: async (job) => wantsPreviews(job) && mayPreview(store, job),
    onQueueChange: () => waiting?.changed(),
    onEnd: () => {
      outbox.wake();
      moderation.wake();
    },
    shares: { halfLifeMs: 3_600_000, maxRunningPerPerson: 2 },
    weights: await readWeights(store),
    limits: { maxWaitingPerPerson: options.maxWaiting ?? 10, minFreeBytes: 0, engineDownMs: 60_000 },
  });
  waiting = startWaitingNotes({ store, jobs, progress, log, everyMs: 20 });
  const forgetting = createForgetting({ store, jobs, progress, adapters, giveUpAfterMs: 60_000, clock, log });
  const services: Services = {
    store,
    once: openOnce(store, clock),
    jobs,
    progress,
    outgoing: adapters,
    retention: { photoMs: 24 * 3_600_000, resultMs: 30 * 24 * 3_600_000, auditMs: 365 * 24 * 3_600_000 },
    forgetting,
    arriving: new Map(),
    takeIn: (work) => work(),
    card: stubCard,
    wordsOf: openLanguages(),
    operators,
    moderation,
    weights: openWeights({ store, jobs, clock }),
    contact: 'mail@example.org',
    sourceUrl: 'https://example.org/cowbot',
    clock,
    random: Math.random,
    log,
    signal: closing.signal,
  };
  for (const adapter of await openAdapters(services)) adapters.set(adapter.platform, adapter);
  outbox.wake();
  moderation.start(createNoticeBoard({ store, outgoing: adapters, wordsOf: openLanguages() }));
  forgetting.resume();
  let isOpen = true;
  const close = async (): Promise<void> => {
    if (!isOpen) return;
    isOpen = false;
    closing.abort(new Error('The bot is stopped.'));
    await forgetting.close();
    for (const adapter of adapters.values()) await adapter.close();
    await jobs.close(AbortSignal.abort());
    await waiting?.close();
    await moderation.close();
    await outbox.close(AbortSignal.abort());
    await progress.close();
    await store.close();
  };
  onTestFinished(close);
  return { services, engine, close };
}

/** As the managers of every chat would: pictures are shown while they are painted. */
export async function allowPreviews({ services: { store } }: House): Promise<void> {
  for (const { id } of await store.db.selectFrom('communities').select('id').execute()) {
    await store.transaction(async (tx) => changeCommunitySettings(tx, id, (here) => ({ ...here, hasPreviews: true })));
  }
}
