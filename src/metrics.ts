/**
 * What Prometheus reads at `/metrics` (https://prometheus.io/docs/practices/naming/). Labels are from short lists of our
 * own: never an id, a name or anybody's words.
 */
import { collectDefaultMetrics, Counter, Gauge, Histogram, type Registry } from 'prom-client';

import type { Connection } from './jobs/adapter.ts';
import type { QueueSnapshot } from './jobs/service.ts';
import type { AttemptOutcome, DeliveryState, JobState } from './store/tables.ts';

/** What is looked at whenever somebody asks. */
export interface Watched {
  readonly queue: () => QueueSnapshot;
  readonly pendingDeliveries: () => Promise<number>;
  /** By platform. */
  readonly connections: () => Iterable<readonly [string, Connection]>;
}

export interface Metrics {
  readonly contentType: string;
  /** In Prometheus's text format. */
  text(): Promise<string>;
  /** Until then gauges stay at 0. */
  watch(watched: Watched): void;
  /** @param engineMs what it cost its person. */
  attemptEnded(outcome: AttemptOutcome, engineMs: number): void;
  jobEnded(state: JobState): void;
  /** @param waitedMs from the job's end. */
  deliveryEnded(state: Exclude<DeliveryState, 'pending'>, waitedMs: number): void;
  /** @param kind as in `Act`. */
  actBegan(platform: string, kind: string): void;
  /** An act got its first answer. */
  acknowledged(platform: string, tookMs: number): void;
  /** @param code one of ours that is known; `other` for all that are not. */
  refused(code: string): void;
}

/** Somebody waits: the goal is 0.25 s, Discord ends its patience at 3. */
const acknowledgementBucketsS = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 3, 10];
const deliveryBucketsS = [0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60, 600, 3600];

/** @param registry empty; nothing is registered anywhere else. */
export function createMetrics(registry: Registry): Metrics {
  const registers = [registry];
  const gauge = (name: string, help: string): Gauge => new Gauge({ name, help, registers });
  const counter = <Label extends string>(name: string, help: string, labelNames: readonly Label[]): Counter<Label> =>
    new Counter({ name, help, labelNames, registers });
  collectDefaultMetrics({ register: registry });

  const waiting = gauge('cowbot_queue_pictures', 'Pictures that wait for an engine.');
  const waitS = gauge('cowbot_queue_wait_seconds', 'Expected engine time of all that waits, shared by the engines.');
  const communities = gauge('cowbot_queue_communities', 'Communities with pictures that wait.');
  const enginesUp = gauge('cowbot_engines_up', 'Engines in order.');
  const enginesPainting = gauge('cowbot_engines_painting', 'Engines that paint.');
  const engineS = counter('cowbot_engine_seconds_total', 'Engine time that was charged.', []);
  const attempts = counter('cowbot_attempts_total', 'Attempts at a picture by how they ended.', ['outcome']);
  const jobs = counter('cowbot_jobs_total', 'Jobs by the state that they ended in.', ['state']);
  const pending = gauge('cowbot_deliveries_pending', 'Results on their way to their chats.');
  const deliveries = counter('cowbot_deliveries_total', 'Results by what became of them.', ['outcome']);
  const deliveryS = new Histogram({
    name: 'cowbot_delivery_seconds',
    help: "From a job's end until its chat has the result.",
    buckets: deliveryBucketsS,
    registers,
  });
  const refusals = counter('cowbot_refusals_total', 'Requests that were refused, by the code of the reason.', ['code']);
  const acts = counter('cowbot_acts_total', 'What people did, by platform and kind.', ['platform', 'kind']);
  const acknowledgementS = new Histogram({
    name: 'cowbot_acknowledgement_seconds',
    help: 'From an act to its first answer, which the platform has taken.',
    labelNames: ['platform'],
    buckets: acknowledgementBucketsS,
    registers,
  });
  const connected = new Gauge({
    name: 'cowbot_platform_connected',
    help: '1 while the bot hears the platform.',
    labelNames: ['platform'],
    registers,
  });

  let watched: Watched | undefined;
  const look = async (): Promise<void> => {
    if (watched === undefined) return;
    const { waitingPictures, waitingMs, communities: all, engines } = watched.queue();
    waiting.set(waitingPictures);
    waitS.set(waitingMs / 1000);
    communities.set(all.filter((one) => one.waiting > 0).length);
    enginesUp.set(engines.filter(({ downSince }) => downSince === undefined).length);
    enginesPainting.set(engines.filter(({ jobId }) => jobId !== undefined).length);
    for (const [platform, { kind }] of watched.connections()) connected.set({ platform }, kind === 'up' ? 1 : 0);
    pending.set(await watched.pendingDeliveries());
  };

  return {
    contentType: registry.contentType,
    async text() {
      await look();
      return registry.metrics();
    },
    watch(what) {
      watched = what;
    },
    attemptEnded(outcome, engineMs) {
      attempts.inc({ outcome });
      engineS.inc(engineMs / 1000);
    },
    jobEnded: (state) => jobs.inc({ state }),
    deliveryEnded(outcome, waitedMs) {
      deliveries.inc({ outcome });
      if (outcome === 'sent') deliveryS.observe(waitedMs / 1000);
    },
    actBegan: (platform, kind) => acts.inc({ platform, kind }),
    acknowledged: (platform, tookMs) => acknowledgementS.observe({ platform }, tookMs / 1000),
    refused: (code) => refusals.inc({ code }),
  };
}
