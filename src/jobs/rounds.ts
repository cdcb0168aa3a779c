/** Work that goes round: it looks for what is due, waits, and looks again. */

export interface Rounds {
  /** Looks at once, and once more where a look is under way: there is something new. */
  wake(): void;
  /** Aborts the signal that the look under way was given, and ends with it. */
  close(): Promise<void>;
}

export interface RoundsOptions {
  /**
   * Does what is due.
   * @param closing aborted when nothing new is to be begun.
   * @returns ms until there is more to do, as far as it knows; `pollMs` at the most.
   */
  readonly look: (closing: AbortSignal) => Promise<number | void>;
  /** Hears what a look threw; the next one comes after `pollMs`. */
  readonly onTrouble: (error: unknown) => void;
  /** What nobody woke it for is seen at the latest after this. */
  readonly pollMs: number;
}

/** Looks at once, and from then on until it is closed. */
export function startRounds({ look, onTrouble, pollMs }: RoundsOptions): Rounds {
  const closing = new AbortController();
  let wake = (): void => {};
  const goRound = async (): Promise<void> => {
    while (!closing.signal.aborted) {
      // Before the look: what is said while it goes on must not be missed.
      const woken = new Promise<void>((resolve) => (wake = resolve));
      let waitMs = pollMs;
      try {
        waitMs = Math.max(0, Math.min(pollMs, (await look(closing.signal)) ?? pollMs));
      } catch (error) {
        if (!closing.signal.aborted) onTrouble(error);
      }
      if (!closing.signal.aborted) await either(woken, waitMs);
    }
  };
  const ended = goRound();
  return {
    wake: () => wake(),
    async close() {
      closing.abort(new Error('Nothing new is begun any more.'));
      wake();
      await ended;
    },
  };
}

async function either(woken: Promise<void>, waitMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const passed = new Promise<void>((resolve) => (timer = setTimeout(resolve, waitMs)));
  await Promise.race([woken, passed]);
  clearTimeout(timer);
}
