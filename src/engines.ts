/** The engines that the bot paints on: how the first comes up, how jobs see them, and how they stop. */
import { setTimeout as delay } from 'node:timers/promises';

import type { ModelCard } from './engine/card.ts';
import type { EngineHost } from './engine/process/host.ts';
import { Fault } from './errors.ts';
import type { EngineSlot } from './jobs/engine-pool.ts';
import type { Jobs } from './jobs/service.ts';
import type { Log } from './log.ts';

/** One engine, one device. */
export interface NamedEngine {
  readonly name: string;
  readonly host: EngineHost;
}

const retryMs = 500;
/** What an engine gets to stop painting before its process is ended. */
const lastNetworkCallMs = 5_000;

/**
 * What the model is. The engine may need more than one start: it is another process, and that may be killed like any.
 * @throws Refusal where the model cannot be used, Fault where the engine does not come up within `patienceMs`.
 */
export async function cardOfFirst([first]: readonly NamedEngine[], patienceMs: number, log: Log): Promise<ModelCard> {
  const until = performance.now() + patienceMs;
  for (;;) {
    try {
      return await first.host.card();
    } catch (error) {
      if (!(error instanceof Fault) || !error.mayPass || performance.now() > until) throw error;
      log.warn({ err: error }, 'The engine did not start; it is tried again.');
      await delay(retryMs);
    }
  }
}

export function slotOf({ name, host }: NamedEngine): EngineSlot {
  return { name, engine: host, probe: (signal) => host.card(signal) };
}

/** An engine that does not stop in time is ended with its process; its picture waits for the next start. */
export async function drain(jobs: Jobs, engines: readonly NamedEngine[], drainMs: number): Promise<void> {
  const timer = setTimeout(() => void closeEngines(engines), drainMs + lastNetworkCallMs);
  await jobs.close(AbortSignal.timeout(drainMs));
  clearTimeout(timer);
}

export async function closeEngines(engines: readonly NamedEngine[]): Promise<void> {
  await Promise.all(engines.map(({ host }) => host.close()));
}
