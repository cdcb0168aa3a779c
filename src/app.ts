/** The bot as a whole: the only place where everything meets. */
import { setTimeout as delay } from 'node:timers/promises';
import { Registry } from 'prom-client';

import type { Config } from './config.ts';
import type { ModelCard } from './engine/card.ts';
import { cardOfFirst, closeEngines, drain, type NamedEngine, slotOf } from './engines.ts';
import { type HealthServer, type Readiness, serveHealth } from './health.ts';
import type { Adapter } from './jobs/adapter.ts';
import { startControl } from './jobs/control.ts';
import { createProgressNotes, type ProgressNotes } from './jobs/delivery-progress.ts';
import { deliveryDefaults, type DeliverySettings, type Outbox, startOutbox } from './jobs/delivery.ts';
import { startExpiry } from './jobs/expiry.ts';
import { grant } from './jobs/granting.ts';
import { retryDefaults, type RetrySettings } from './jobs/patience.ts';
import { type Jobs, openJobs } from './jobs/service.ts';
import { runningProgress } from './jobs/running-progress.ts';
import { openSpeedBook } from './jobs/speed.ts';
import { startWaitingNotes, type WaitingNotes } from './jobs/waiting-notes.ts';
import { openWeights, readWeights, type Weights } from './jobs/weights.ts';
import type { Log } from './log.ts';
import { createMetrics, type Metrics } from './metrics.ts';
import type { NoticeBoard } from './moderation/notice-board.ts';
import { mayPreview } from './moderation/may-preview.ts';
import { type Moderation, openModeration } from './moderation/service.ts';
import { createForgetting, type Forgetting, sweepAfterDeath } from './people/forget.ts';
import { createFaceFinder } from './photo/faces.ts';
import { openResultSigner } from './photo/sign.ts';
import { ledgerReachMs } from './queue/rebuild.ts';
import { readinessOf, type WorkingBot } from './readiness.ts';
import type { Job } from './store/jobs.ts';
import { countDeliveries } from './store/deliveries.ts';
import { openStore, type Store, type StoreOptions } from './store/store.ts';

/** What an adapter may ask of the bot. */
export interface AppServices {
  readonly store: Store;
  readonly jobs: Jobs;
  readonly progress: ProgressNotes;
  readonly moderation: Moderation;
  readonly weights: Weights;
  readonly forgetting: Forgetting;
  readonly card: ModelCard;
  readonly metrics: Metrics;
  /** Takes what a platform brings to a path of the bot's own web server. */
  readonly route: HealthServer['route'];
  /** Aborted when the bot begins to stop. */
  readonly closing: AbortSignal;
}

/**
 * @property adapter takes results from now on. @property listen has people heard there, and ends when they are.
 * @throws Refusal where the operator has to mend something.
 */
export interface Platform {
  readonly adapter: Adapter;
  listen(): Promise<void>;
}

/**
 * @property open `openStore`, or
 * what stands before it in a test. @property delivery, retry what is other than by default.
 */
export interface AppOptions {
  readonly config: Config;
  /** Now, in Unix ms. */
  readonly clock: () => number;
  readonly log: Log;
  readonly engines: readonly NamedEngine[];
  readonly connect: readonly ((services: AppServices) => Platform)[];
  /** Whether a job is to be seen while it is painted, where nothing speaks against it; none is where absent. */
  readonly wantsPreviews?: (job: Job) => boolean;
  /** Puts into words what moderators and people are told; without one nobody is. */
  readonly board?: (services: AppServices) => NoticeBoard;
  readonly open?: (options: StoreOptions) => Promise<Store>;
  readonly delivery?: Partial<DeliverySettings>;
  readonly retry?: Partial<RetrySettings>;
  /** How long a platform that does not answer keeps the start from being over; 10 s where absent. */
  readonly listenPatienceMs?: number;
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
const LISTEN_PATIENCE_MS = 10_000;
/** What calls to platforms get to end at a stop, after the last picture. */
const LAST_CALLS_MS = 2_000;

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
    closers.push(() => closeEngines(engines));
    let bot: WorkingBot | undefined;
    const metrics = createMetrics(new Registry());
    const readiness = async (): Promise<Readiness> =>
      bot === undefined ? { trouble: ['The bot is starting.'], facts: {} } : readinessOf(bot, config, clock());
    const health = await serveHealth(config, readiness, metrics);
    closers.push(() => health.close());
    const card = await cardOfFirst(engines, config.engineDownMs, log);
    const working = await connectAll(options, { store, card, metrics, route: health.route }, closers);
    bot = working;
    log.info({ port: health.port, model: card.name, dataDir }, 'The bot is up.');
    return { store, jobs: working.jobs, port: health.port, close: closeAll };
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
): Promise<WorkingBot & { readonly jobs: Jobs }> {
  const { config, clock, log, engines } = options;
  const { store, metrics } = services;
  const closing = new AbortController();
  const adapters = new Map<string, Adapter>();
  closers.push(async () => void (await Promise.all([...adapters.values()].map((adapter) => adapter.close()))));
  const progress = createProgressNotes({ adapters, minIntervalMs: PROGRESS_INTERVAL_MS, timeoutMs: LAST_CALLS_MS });
  closers.push(() => progress.close());
  let outbox: Outbox | undefined;
  let waiting: WaitingNotes | undefined;
  closers.push(async () => outbox?.close(AbortSignal.timeout(LAST_CALLS_MS)));
  const { operators, reviewMs, mayBeUnchecked } = config;
  let stopJob: (id: string) => void = () => {};
  const moderation = openModeration({
    store,
    operators,
    reviewMs,
    mayBeUnchecked,
    pollMs: MODERATION_POLL_MS,
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
    ...(await jobsSettings(options, services)),
    faceFinder,
    checkResult: async (painted, job, signal) => moderation.lookAtResult(painted, job, signal),
    onProgress: (job, running) => progress.show(job, runningProgress(running)),
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
  const weights = openWeights({ store, jobs, clock });
  const chatServices = { ...services, jobs, progress, moderation, weights, forgetting, closing: closing.signal };
  const platforms = options.connect.map((connect) => connect(chatServices));
  for (const { adapter } of platforms) adapters.set(adapter.platform, adapter);
  const settings = { ...deliveryDefaults, giveUpAfterMs, ...options.delivery };
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
  closers.push(...startChores(options, chatServices));
  closers.push(async () => closing.abort());
  metrics.watch({
    queue: () => jobs.snapshot(),
    pendingDeliveries: () => countDeliveries(store.db, 'pending'),
    connections: () => [...adapters].map(([platform, { connection }]) => [platform, connection] as const),
  });
  await listenToAll(platforms, options, closing.signal);
  return { store, jobs, adapters, closing: closing.signal };
}

/**
 * One that does not answer at the start keeps the others' people waiting for a moment only; it is heard when it answers.
 * @throws Refusal, RemoteError of one that does not want the bot.
 */
async function listenToAll(
  platforms: readonly Platform[],
  { log, listenPatienceMs = LISTEN_PATIENCE_MS }: AppOptions,
  closing: AbortSignal,
): Promise<void> {
  const patience = new AbortController();
  const heard = Promise.all(platforms.map(async (platform) => platform.listen())).catch((error: unknown) => {
    if (!patience.signal.aborted) throw error;
    if (!closing.aborted) log.error({ err: error }, 'A platform does not want this bot; the others go on.');
  });
  try {
    await Promise.race([heard, delay(listenPatienceMs, undefined, { signal: patience.signal })]);
  } finally {
    patience.abort();
  }
}

/** What of the jobs is the operator's to say, and what the last run has learned. */
async function jobsSettings(
  { config, clock, log, engines, retry, wantsPreviews }: AppOptions,
  { store, card }: Pick<AppServices, 'store' | 'card'>,
) {
  return {
    store,
    slots: engines.map(slotOf),
    card,
    speed: await openSpeedBook(store, `${card.fingerprint} on ${config.device}`),
    sign: config.signing === undefined ? undefined : await openResultSigner(config.signing),
    retry: { ...retryDefaults, ...retry },
    shares: { halfLifeMs: config.halfLifeMs, maxRunningPerPerson: config.maxRunningPerPerson },
    weights: await readWeights(store),
    limits: config,
    clock,
    log,
    mayPreview: async (job: Job) => wantsPreviews?.(job) === true && mayPreview(store, job),
  };
}

/** What nobody on a platform waits for. @returns what ends them. */
function startChores(
  { config, clock, log }: AppOptions,
  { store, jobs, weights }: Pick<AppServices, 'store' | 'jobs' | 'weights'>,
): readonly (() => Promise<void>)[] {
  const control = startControl({
    store,
    grant: async (wish) => grant(wish, { store, jobs, weights, clock }),
    pollMs: CONTROL_POLL_MS,
    log,
  });
  const expiry = startExpiry({ store, retention: retentionOf(config), clock, log, everyMs: SWEEP_EVERY_MS });
  return [() => control.close(), () => expiry.close()];
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
