/** A bot without a chat: real store, jobs, outbox and commands over an engine that paints one colour a seed. */
import { onTestFinished } from 'vitest';
import { openLanguages } from '../../commands/languages/languages.ts';
import type { Outgoing } from '../../commands/contract/outgoing.ts';
import { createNoticeBoard } from '../../commands/notice-board.ts';
import type { Services } from '../../commands/services.ts';
import type { ModelCard } from '../../src/engine/card.ts';
import { presets } from '../../src/engine/cow/parameters.ts';
import type { Engine, EngineCallOptions, EngineRequest, EngineResult } from '../../src/engine/request.ts';
import type { Adapter } from '../../src/jobs/adapter.ts';
import { createProgressNotes } from '../../src/jobs/delivery-progress.ts';
import { deliveryDefaults, startOutbox } from '../../src/jobs/delivery.ts';
import { openJobs } from '../../src/jobs/service.ts';
import { openSpeedBook } from '../../src/jobs/speed.ts';
import { createForgetting } from '../../src/people/forget.ts';
import { createLog } from '../../src/log.ts';
import { type Moderation, openModeration } from '../../src/moderation/service.ts';
import { openStore } from '../../src/store/store.ts';
import { consentForAll } from './consent.ts';
import { stubCard as plainCard } from '../fakes/stub-card.ts';

const { canvasSize: sidePx } = plainCard;

/** With a licence, for `about` says it. */
export const stubCard: ModelCard = { ...plainCard, licence: 'MIT' };

/** Paints at once, or when it is let. */
export class StubEngine implements Engine {
  /** What it was asked for, in order. */
  readonly requests: EngineRequest[] = [];
  #gate = Promise.withResolvers<void>();

  constructor() {
    this.#gate.resolve();
  }

  /** From now on pictures wait until `release`. */
  hold(): void {
    this.#gate = Promise.withResolvers<void>();
  }

  release(): void {
    this.#gate.resolve();
  }

  async generate(request: EngineRequest, { signal, onProgress }: EngineCallOptions = {}): Promise<EngineResult> {
    this.requests.push(request);
    onProgress?.({ phase: 'cycles', done: 1, total: 4, remainingMs: 1500 });
    const stopped = Promise.withResolvers<never>();
    const stop = (): void => stopped.reject(signal?.reason);
    signal?.addEventListener('abort', stop, { once: true });
    if (signal?.aborted === true) stop();
    await Promise.race([this.#gate.promise, stopped.promise]);
    signal?.removeEventListener('abort', stop);
    return resultOf(request.seed);
  }

  async close(): Promise<void> {}
}

function resultOf(seed: number): EngineResult {
  const colour = [seed & 0xff, (seed >> 8) & 0xff, (seed >> 16) & 0xff];
  const rgb = Uint8Array.from({ length: sidePx * sidePx * 3 }, (_, i) => colour[i % 3]);
  const latents = new Float32Array(stubCard.latentChannels * (sidePx / stubCard.factor) ** 2).fill(seed % 7);
  return {
    pictures: [{ width: sidePx, height: sidePx, rgb, latents, seed }],
    parameters: presets.paper,
    model: { name: stubCard.name, fingerprint: stubCard.fingerprint },
    isRepeatable: true,
    cost: { cycles: { calls: 4, totalMs: 20, networkMs: 20 } },
    totalMs: 20,
  };
}

export interface House {
  readonly services: Services;
  readonly engine: StubEngine;
  /** Ends as a stopped process does: what is painted is dropped and waits for the next house. */
  close(): Promise<void>;
}

/** What is other than usual. */
export type HouseOptions = Partial<Pick<Services, 'operators' | 'clock'>> & {
  readonly maxWaiting?: number;
  /** `given`: everybody has agreed to the terms from the start. */
  readonly consents?: 'given' | 'asked';
  /** Whether prompts, photos and results are looked at; that takes a process and some seconds. */
  readonly isModerated?: boolean;
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
  const log = createLog('silent');
  const store = await openStore({ dataDir, clock, role: 'bot' });
  if (options.consents !== 'asked') await consentForAll(store);
  const adapters = new Map<string, Adapter & Outgoing>();
  const progress = createProgressNotes({ adapters, minIntervalMs: 1, timeoutMs: 5_000 });
  const settings = { ...deliveryDefaults, firstBackoffMs: 5, pollMs: 20 };
  const outbox = startOutbox({ store, adapters, progress, clock, log, settings });
  const engine = new StubEngine();
  const closing = new AbortController();
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
      : { ...real, lookAtWish: async () => undefined, lookAtResult: async () => ({ kind: 'allow' }) };
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
    onProgress: (job, { phase, done, total, remainingMs }) =>
      progress.show(job, { state: 'running', phase, done, total, remainingMs }),
    onEnd: () => {
      outbox.wake();
      moderation.wake();
    },
    shares: { halfLifeMs: 3_600_000, maxRunningPerPerson: 2 },
    weights: [],
    limits: { maxWaitingPerPerson: options.maxWaiting ?? 10, minFreeBytes: 0, engineDownMs: 60_000 },
  });
  const forgetting = createForgetting({ store, jobs, progress, adapters, giveUpAfterMs: 60_000, clock, log });
  const services: Services = {
    store,
    jobs,
    progress,
    outgoing: adapters,
    retention: { photoMs: 24 * 3_600_000, resultMs: 30 * 24 * 3_600_000, auditMs: 365 * 24 * 3_600_000 },
    forgetting,
    takeIn: (work) => work(),
    card: stubCard,
    wordsOf: openLanguages(),
    operators,
    moderation,
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
    await moderation.close();
    await outbox.close(AbortSignal.abort());
    await progress.close();
    await store.close();
  };
  onTestFinished(close);
  return { services, engine, close };
}
