/** A bot without a chat: real store, jobs, outbox and commands over an engine that paints one colour a seed. */
import { onTestFinished } from 'vitest';
import { openLanguages } from '../../commands/languages/languages.ts';
import type { Outgoing } from '../../commands/contract/outgoing.ts';
import type { Services } from '../../commands/services.ts';
import type { ModelCard } from '../../src/engine/card.ts';
import type { Adapter } from '../../src/jobs/adapter.ts';
import { createProgressNotes } from '../../src/jobs/delivery-progress.ts';
import { deliveryDefaults, type DeliverySettings, startOutbox } from '../../src/jobs/delivery.ts';
import { openJobs } from '../../src/jobs/service.ts';
import { openSpeedBook } from '../../src/jobs/speed.ts';
import { createLog } from '../../src/log.ts';
import { readPhoto } from '../../src/photo/intake.ts';
import { openStore } from '../../src/store/store.ts';
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

export interface HouseOptions extends Partial<Pick<Services, 'checkWish' | 'operators' | 'clock' | 'log'>> {
  readonly maxWaiting?: number;
  readonly delivery?: Partial<DeliverySettings>;
}

/** As the bot looks at photos before anything is queued. */
const readable: Services['checkWish'] = async ({ photos }) => {
  for (const photo of photos) await readPhoto(photo);
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
  const adapters = new Map<string, Adapter & Outgoing>();
  const progress = createProgressNotes({ adapters, minIntervalMs: 1, timeoutMs: 5_000 });
  const settings = { ...deliveryDefaults, firstBackoffMs: 5, pollMs: 20, ...options.delivery };
  const outbox = startOutbox({ store, adapters, progress, clock, log, settings });
  const engine = new StubEngine({ isQuick: true });
  const closing = new AbortController();
  const jobs = await openJobs({
    store,
    slots: [{ name: 'stub', engine, probe: async () => {} }],
    card: stubCard,
    // No faces: the subject is kept.
    faceFinder: { find: async () => [], close: async () => {} },
    speed: await openSpeedBook(store, stubCard.fingerprint),
    checkResult: async () => ({ kind: 'allow' }),
    retry: { maxTries: 2, firstBackoffMs: 1, maxBackoffMs: 5, maxLosses: 10 },
    clock,
    log,
    onProgress: (job, { phase, done, total, remainingMs }) =>
      progress.show(job, { state: 'running', phase, done, total, remainingMs }),
    onEnd: () => outbox.wake(),
    shares: { halfLifeMs: 3_600_000, maxRunningPerPerson: 2 },
    weights: [],
    limits: { maxWaitingPerPerson: options.maxWaiting ?? 10, minFreeBytes: 0, engineDownMs: 60_000 },
  });
  const services: Services = {
    store,
    jobs,
    progress,
    outgoing: adapters,
    card: stubCard,
    wordsOf: openLanguages(),
    operators: options.operators ?? new Set(),
    checkWish: options.checkWish ?? readable,
    sourceUrl: 'https://example.org/cowbot',
    clock,
    random: Math.random,
    log,
    signal: closing.signal,
  };
  for (const adapter of await openAdapters(services)) adapters.set(adapter.platform, adapter);
  outbox.wake();
  let isOpen = true;
  const close = async (): Promise<void> => {
    if (!isOpen) return;
    isOpen = false;
    closing.abort(new Error('The bot is stopped.'));
    for (const adapter of adapters.values()) await adapter.close();
    await jobs.close(AbortSignal.abort());
    await outbox.close(AbortSignal.abort());
    await progress.close();
    await store.close();
  };
  onTestFinished(close);
  return { services, engine, close };
}
