/** Looking again and again what there is to do. */

export interface Loop {
  /** Has it look at once, or once more after the look under way: something has changed. */
  wake(): void;
  /** Looks no more; waits for the look under way. */
  close(): Promise<void>;
}

export interface LoopOptions {
  /** Looks, and does what there is. @returns how long there is nothing to be seen, unless it is woken (ms). */
  readonly look: () => Promise<number>;
  /** Told of a look that failed; the next one is after `pollMs`. */
  readonly onError: (error: unknown) => void;
  /** The longest time between two looks: rows that another process wrote wake nobody. */
  readonly pollMs: number;
}

/** Looks for the first time at once. */
export function startLoop({ look, onError, pollMs }: LoopOptions): Loop {
  const closing = new AbortController();
  let wakeUp = (): void => {};
  const loop = async (): Promise<void> => {
    while (!closing.signal.aborted) {
      // Before the look, so that it misses nothing that comes meanwhile.
      const woken = new Promise<void>((resolve) => (wakeUp = resolve));
      let waitMs = pollMs;
      try {
        waitMs = Math.max(0, Math.min(pollMs, await look()));
      } catch (error) {
        onError(error);
      }
      if (closing.signal.aborted) return;
      await wokenOr(woken, waitMs);
    }
  };
  const ended = loop();
  return {
    wake: () => wakeUp(),
    async close() {
      closing.abort();
      wakeUp();
      await ended;
    },
  };
}

async function wokenOr(woken: Promise<void>, waitMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const passed = new Promise<void>((resolve) => (timer = setTimeout(resolve, waitMs)));
  await Promise.race([woken, passed]);
  clearTimeout(timer);
}
