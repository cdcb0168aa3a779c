/** The engines that jobs are painted on: which are free, which are out of order, and when they come back. */
import { setTimeout as delay } from 'node:timers/promises';

import type { Engine, Progress } from '../engine/request.ts';
import type { Log } from '../log.ts';

/** One engine, one device. */
export interface EngineSlot {
  readonly name: string;
  readonly engine: Engine;
  /** Settles at once while the engine is ready to paint, else when it has come up. @throws what is wrong with it. */
  probe(signal: AbortSignal): Promise<unknown>;
}

/** What an engine is doing now, for operators. */
export interface EngineState {
  readonly name: string;
  readonly jobId: string | undefined;
  readonly progress: Progress | undefined;
  /** Since when it has been out of order, Unix ms. */
  readonly downSince: number | undefined;
}

/** @property onChange told how many engines are in order whenever that has changed. */
export interface EnginePoolOptions {
  readonly slots: readonly EngineSlot[];
  /** Wait before an engine is asked again; doubles up to `maxBackoffMs`. */
  readonly firstBackoffMs: number;
  readonly maxBackoffMs: number;
  /** Now, in Unix ms. */
  readonly clock: () => number;
  readonly log: Log;
  readonly onChange: (inOrder: number) => void;
}

export class EnginePool {
  readonly #options: EnginePoolOptions;
  readonly #free: EngineSlot[];
  readonly #busy = new Map<EngineSlot, { jobId: string; progress: Progress | undefined }>();
  readonly #down = new Map<EngineSlot, number>();
  readonly #healing = new Set<Promise<void>>();
  readonly #closing = new AbortController();
  #downSince: number | undefined;

  constructor(options: EnginePoolOptions) {
    this.#options = options;
    this.#free = [...options.slots];
  }

  /** Since when no engine has been in order, Unix ms. */
  get downSince(): number | undefined {
    return this.#downSince;
  }

  get states(): readonly EngineState[] {
    return this.#options.slots.map((slot) => {
      const { jobId, progress } = this.#busy.get(slot) ?? { jobId: undefined, progress: undefined };
      return { name: slot.name, jobId, progress, downSince: this.#down.get(slot) };
    });
  }

  /** An engine in order that nobody has; undefined: there is none. `giveBack` is owed. */
  take(): EngineSlot | undefined {
    return this.#free.shift();
  }

  /** It is as it was, or, where `setDown` was called meanwhile, asked until it is in order again. */
  giveBack(slot: EngineSlot): void {
    this.#busy.delete(slot);
    if (!this.#down.has(slot)) {
      this.#free.push(slot);
      return;
    }
    const healing = this.#heal(slot).finally(() => this.#healing.delete(healing));
    this.#healing.add(healing);
  }

  /** @param slot that was taken; one that says what is wrong with it is set down. @param signal ends the question. */
  async isReady(slot: EngineSlot, signal: AbortSignal): Promise<boolean> {
    try {
      await slot.probe(signal);
      return true;
    } catch (error) {
      if (!signal.aborted) this.setDown(slot, error);
      return false;
    }
  }

  /** @param slot that was taken. */
  show(slot: EngineSlot, jobId: string, progress: Progress | undefined): void {
    this.#busy.set(slot, { jobId, progress });
  }

  /** @param slot that was taken: nothing more is painted on it before it has answered. */
  setDown(slot: EngineSlot, error: unknown): void {
    if (this.#down.has(slot)) return;
    const { log, clock, onChange } = this.#options;
    log.warn({ err: error, engine: slot.name }, 'The engine is out of order.');
    this.#down.set(slot, clock());
    if (this.#inOrder === 0) this.#downSince = clock();
    onChange(this.#inOrder);
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await Promise.all(this.#healing);
  }

  get #inOrder(): number {
    return this.#options.slots.length - this.#down.size;
  }

  async #heal(slot: EngineSlot): Promise<void> {
    const { firstBackoffMs, maxBackoffMs, log, onChange } = this.#options;
    const { signal } = this.#closing;
    for (let waitMs = firstBackoffMs; !signal.aborted; waitMs = Math.min(maxBackoffMs, waitMs * 2)) {
      try {
        await slot.probe(signal);
        signal.throwIfAborted();
        this.#down.delete(slot);
        this.#downSince = undefined;
        this.#free.push(slot);
        log.info({ engine: slot.name }, 'The engine is in order again.');
        return onChange(this.#inOrder);
      } catch (error) {
        if (!signal.aborted) log.debug({ err: error, engine: slot.name }, 'The engine is still out of order.');
        await delay(waitMs, undefined, { signal }).catch(() => {});
      }
    }
  }
}
