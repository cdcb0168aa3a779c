/** The bot as a whole: the only place where everything meets. */
import { setTimeout as delay } from 'node:timers/promises';

import { Registry } from 'prom-client';

import type { Config } from './config.ts';
import type { ModelCard } from './engine/card.ts';
import type { EngineHost } from './engine/process/host.ts';
import { Fault, Refusal } from './errors.ts';
import { type HealthServer, type Readiness, serveHealth } from './health.ts';
import type { Adapter } from './jobs/adapter.ts';
import { startControl, type Wish } from './jobs/control.ts';
import { createProgressNotes, type ProgressNotes } from './jobs/delivery-progress.ts';
import { deliveryDefaults, type DeliverySettings, type Outbox, startOutbox } from './jobs/delivery.ts';
import type { EngineSlot } from './jobs/engine-pool.ts';
import { startExpiry } from './jobs/expiry.ts';
import { overviewOf } from './jobs/overview.ts';
import { retryDefaults, type RetrySettings } from './jobs/patience.ts';
import { type Jobs, openJobs } from './jobs/service.ts';
import { runningProgress } from './jobs/running-progress.ts';
import { openSpeedBook } from './jobs/speed.ts';
import { startWaitingNotes, type WaitingNotes } from './jobs/waiting-notes.ts';
import { readWeights, storeWeight } from './jobs/weights.ts';
import type { Log } from './log.ts';
import { createMetrics, type Metrics } from './metrics.ts';
import type { NoticeBoard } from './moderation/desk.ts';
import { mayPreview } from './moderation/may-preview.ts';
import { type Moderation, openModeration } from './moderation/service.ts';
import { createForgetting, type Forgetting, sweepAfterDeath } from './people/forget.ts';
import { createFaceFinder } from './photo/faces.ts';
import { openResultSigner } from './photo/sign.ts';
import { ledgerReachMs } from './queue/rebuild.ts';
import type { Job } from './store/jobs.ts';
import { countDeliveries } from './store/deliveries.ts';
import { openStore, type Store, type StoreOptions } from './store/store.ts';
import type { JsonObject } from './store/tables.ts';

/** What an adapter may ask of the bot. */
export interface AppServices {
  readonly store: Store;
  readonly jobs: Jobs;
  readonly progress: ProgressNotes;
  readonly moderation: Moderation;
  readonly forgetting: Forgetting;
  readonly card: ModelCard;
  readonly metrics: Metrics;
  /** Takes what a platform brings to a path of the bot's own web server. */
  readonly route: HealthServer['route'];
  /** Aborted when the bot begins to stop. */
  readonly closing: AbortSignal;
}

/** The bot at work. */
interface Connected {
  readonly jobs: Jobs;
  readonly adapters: ReadonlyMap<string, Adapter>;
  /** Aborted when the end has begun. */
  readonly closing: AbortSignal;
}

/** One engine, one device. */
export interface NamedEngine {
  readonly name: string;
  readonly host: EngineHost;
}

/**
 * @property connect makes the adapters, each of which hears its platform from then on. @property open `openStore`, or
 * what stands before it in a test. @property delivery, retry what is other than by default.
 */
export interface AppOptions {
  readonly config: Config;
  /** Now, in Unix ms. */
  readonly clock: () => number;
  readonly log: Log;
  readonly engines: readonly NamedEngine[];
  readonly connect: readonly ((services: AppServices) => Promise<Adapter>)[];
  /** Whether a job is to be seen while it is painted, where nothing speaks against it; none is where absent. */
  readonly wantsPreviews?: (job: Job) => boolean;
  /** Puts into words what moderators and people are told; without one nobody is. */
  readonly board?: (services: AppServices) => NoticeBoard;
  readonly open?: (options: StoreOptions) => Promise<Store>;
  readonly delivery?: Partial<DeliverySettings>;
  readonly retry?: Partial<RetrySettings>;
}

export interface App extends Pick<AppServices, 'store' | 'jobs'> {
  /** Of the health endpoint. */
  readonly port: number;
  /** Lets what runs end within the drain time, puts the rest back, and closes everything. */
  close(): Promise<void>;
}

const PROGRESS_INTERVAL_MS = 3_000;
/** Waiting placeholders: often enough, and rarely beside what a chat may be told. */
const WAITING_LOOK_MS = 1_000;
const CONTROL_POLL_MS = 250;
const MODERATION_POLL_MS = 5_000;
const SWEEP_EVERY_MS = 600_000;
const BLOB_GRACE_MS = 3_600_000;
/** What calls to platforms get to end at a stop, after the last picture. */
const LAST_CALLS_MS = 2_000;
/** What an engine gets to stop painting before its process is ended. */
const LAST_NETWORK_CALL_MS = 5_000;
const ENGINE_RETRY_MS = 500;

/**
 * Starts the bot; what the last run left goes on.
 * @throws Refusal where data folder, port or model cannot be used, Fault where the engine does not come up in time.
 */
export async function startApp(options: AppOptions): Promise<App> {
  const { config, clock, log, engines } = options;
  const closers: (() => Promise<void>)[] = [];
  const closeAll = async (): Promise<void> => {
    for (const close of closers.toReversed()) {
      await close().catch((error: unknown) => log.error({ err: error }, 'A part of the bot could not be closed.'));
    }
  };
  try {
    const { dataDir, databaseUrl, blobKey } = config;
    const store = await (options.open ?? openStore)({ dataDir, databaseUrl, blobKey, clock, role: 'bot' });
    closers.push(() => store.close());
    closers.push(async () => void (await Promise.all(engines.map(({ host }) => host.close()))));
    let up: Connected | undefined;
    const metrics = createMetrics(new Registry());
    const readiness = async (): Promise<Readiness> =>
      up === undefined ? { trouble: ['The bot is starting.'], facts: {} } : readinessOf(store, up, config, clock());
    const health = await serveHealth(config, readiness, metrics);
    closers.push(() => health.close());
    const card = await cardOfFirst(engines, config.engineDownMs, log);
    up = await connectAll(options, { store, card, metrics, route: health.route }, closers);
    const { jobs } = up;
    log.info({ port: health.port, model: card.name, dataDir }, 'The bot is up.');
    return { store, jobs, port: health.port, close: closeAll };
  } catch (error) {
    await closeAll();
    throw error;
  }
}

/** Everything between the store and the platforms. */
async function connectAll(
  options: AppOptions,
  services: Pick<AppServices, 'store' | 'card' | 'metrics' | 'route'>,
  closers: (() => Promise<void>)[],
): Promise<Connected> {
  const { config, clock, log, engines } = options;
  const { store, card, metrics } = services;
  const closing = new AbortController();
  const adapters = new Map<string, Adapter>();
  closers.push(async () => void (await Promise.all([...adapters.values()].map((adapter) => adapter.close()))));
  const progress = createProgressNotes({ adapters, minIntervalMs: PROGRESS_INTERVAL_MS, timeoutMs: LAST_CALLS_MS });
  closers.push(() => progress.close());
  let outbox: Outbox | undefined;
  let waiting: WaitingNotes | undefined;
  closers.push(async () => outbox?.close(AbortSignal.timeout(LAST_CALLS_MS)));
  const { operators, reviewMs, mayBeUnchecked } = config;
  const rules = { operators, reviewMs, mayBeUnchecked, pollMs: MODERATION_POLL_MS };
  let stopJob: (id: string) => void = () => {};
  const moderation = openModeration({
    store,
    ...rules,
    clock,
    log,
    onChange: () => outbox?.wake(),
    onStopped: (id) => stopJob(id),
  });
  closers.push(() => moderation.close());
  const faceFinder = createFaceFinder();
  closers.push(() => faceFinder.close());

  await sweepAfterDeath(store);
  const jobs = await openJobs({
    store,
    slots: engines.map(slotOf),
    card,
    faceFinder,
    speed: await openSpeedBook(store, `${card.fingerprint} on ${config.device}`),
    checkResult: async (painted, job, signal) => moderation.lookAtResult(painted, job, signal),
    sign: config.signing === undefined ? undefined : await openResultSigner(config.signing),
    retry: { ...retryDefaults, ...options.retry },
    shares: { halfLifeMs: config.halfLifeMs, maxRunningPerPerson: config.maxRunningPerPerson },
    weights: await readWeights(store),
    limits: config,
    clock,
    log,
    onProgress: (job, running) => progress.show(job, runningProgress(running)),
    mayPreview: async (job) => options.wantsPreviews?.(job) === true && mayPreview(store, job),
    onQueueChange: () => waiting?.changed(),
    onEnd: (id, state) => {
      log.info({ job: id, state }, 'A request has ended.');
      metrics.jobEnded(state);
      outbox?.wake();
      moderation.wake();
    },
    onAttempt: (outcome, engineMs) => metrics.attemptEnded(outcome, engineMs),
  });
  closers.push(() => drain(jobs, engines, config.drainMs));
  stopJob = (id) =>
    void jobs.cancel(id, 'system').catch((error: unknown) => log.warn({ err: error }, 'Still painted.'));

  const { deliveryMs: giveUpAfterMs } = config;
  const forgetting = createForgetting({ store, jobs, progress, adapters, giveUpAfterMs, clock, log });
  closers.push(() => forgetting.close());
  const chatServices = { ...services, jobs, progress, moderation, forgetting, closing: closing.signal };
  for (const connect of options.connect) {
    const adapter = await connect(chatServices);
    adapters.set(adapter.platform, adapter);
  }
  const settings = { ...deliveryDefaults, giveUpAfterMs: config.deliveryMs, ...options.delivery };
  // Not before: a result whose adapter is not there yet would wait for its next try.
  outbox = startOutbox({
    store,
    adapters,
    progress,
    clock,
    log,
    settings,
    onEnd: (state, waitedMs) => metrics.deliveryEnded(state, waitedMs),
  });
  waiting = startWaitingNotes({ store, jobs, progress, log, everyMs: WAITING_LOOK_MS });
  closers.push(() => waiting?.close() ?? Promise.resolve());
  if (options.board !== undefined) moderation.start(options.board(chatServices));
  forgetting.resume();
  const control = startControl({ store, grant: grantOf(store, jobs, clock), pollMs: CONTROL_POLL_MS, log });
  closers.push(() => control.close());
  const expiry = startExpiry({ store, retention: retentionOf(config), clock, log, everyMs: SWEEP_EVERY_MS });
  closers.push(() => expiry.close());
  closers.push(async () => closing.abort());
  metrics.watch({
    queue: () => jobs.snapshot(),
    pendingDeliveries: () => countDeliveries(store.db, 'pending'),
    connections: () => [...adapters].map(([platform, { connection }]) => [platform, connection] as const),
  });
  return { jobs, adapters, closing: closing.signal };
}

/** The engine may need more than one start: it is another process, and that may be killed like any. */
async function cardOfFirst(engines: readonly NamedEngine[], patienceMs: number, log: Log): Promise<ModelCard> {
  const [first] = engines;
  const until = performance.now() + patienceMs;
  for (;;) {
    try {
      return await first.host.card();
    } catch (error) {
      if (!(error instanceof Fault) || !error.mayPass || performance.now() > until) throw error;
      log.warn({ err: error }, 'The engine did not start; it is tried again.');
      await delay(ENGINE_RETRY_MS);
    }
  }
}

function slotOf({ name, host }: NamedEngine): EngineSlot {
  return { name, engine: host, probe: (signal) => host.card(signal) };
}

/** An engine that does not stop in time is ended with its process; its picture waits for the next start. */
async function drain(jobs: Jobs, engines: readonly NamedEngine[], drainMs: number): Promise<void> {
  const timer = setTimeout(() => {
    for (const { host } of engines) void host.close();
  }, drainMs + LAST_NETWORK_CALL_MS);
  await jobs.close(AbortSignal.timeout(drainMs));
  clearTimeout(timer);
}

function grantOf(store: Store, jobs: Jobs, clock: () => number): (wish: Wish) => Promise<JsonObject> {
  return async (wish) => {
    switch (wish.kind) {
      case 'cancel':
        if (await jobs.cancel(wish.jobId, 'operator')) return {};
        throw new Refusal('jobs.nothing-to-cancel', 'This job has ended already, or is about to: nothing to cancel.');
      case 'retry':
        await jobs.retry(wish.jobId, 'operator');
        return {};
      case 'weight': {
        const weight = { ...wish, person: wish.person ?? undefined };
        await storeWeight(store, weight);
        jobs.setWeight(weight);
        return {};
      }
      case 'queue':
        return JSON.parse(JSON.stringify(await overviewOf(store, jobs, clock())));
    }
  };
}

function retentionOf(config: Config): Parameters<typeof startExpiry>[0]['retention'] {
  const { photoMs, resultMs, auditMs, halfLifeMs, maxRunningPerPerson } = config;
  return {
    photoMs,
    resultMs,
    auditMs,
    usageMs: ledgerReachMs({ halfLifeMs, maxRunningPerPerson }),
    blobGraceMs: BLOB_GRACE_MS,
  };
}

async function readinessOf(
  store: Store,
  { jobs, adapters, closing }: Connected,
  { minFreeBytes, engineDownMs }: Config,
  now: number,
): Promise<Readiness> {
  const { waitingPictures, engineDownSince, engines } = jobs.snapshot();
  const freeBytes = await store.freeBytes();
  const trouble: string[] = [];
  if (closing.aborted) trouble.push('The bot is stopping.');
  if (freeBytes < minFreeBytes) trouble.push('The disk is nearly full.');
  if (engineDownSince !== undefined && now - engineDownSince > engineDownMs) trouble.push('The engine is down.');
  for (const { connection } of adapters.values()) if (connection.kind === 'lost') trouble.push(connection.sentence);
  const painting = engines.filter(({ jobId }) => jobId !== undefined).length;
  return { trouble, facts: { waiting: waitingPictures, painting, engines: engines.length, freeBytes } };
}
