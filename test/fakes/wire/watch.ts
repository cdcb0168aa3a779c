/**
 * Lets a test wait for a state instead of sleeping: every change of a fake's world looks again at all open questions.
 */
export class Watch {
  readonly #looks = new Set<() => void>();

  changed(): void {
    for (const look of this.#looks) look();
  }

  /**
   * Resolves with the first value of `probe` that is neither `undefined` nor `false`.
   *
   * @param what Named in the error after `withinMs` of real time, e.g. `an answer to /cow`.
   * @param options `lookEveryMs`: for states outside the fake, whose changes it cannot see.
   */
  until<T>(
    probe: () => T | undefined | false,
    what: string,
    options: { withinMs?: number | undefined; lookEveryMs?: number } = {},
  ): Promise<T> {
    const { withinMs = 15_000, lookEveryMs } = options;
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const look = (): void => {
      try {
        const value = probe();
        if (value === undefined || value === false) return;
        settle();
        resolve(value);
      } catch (error) {
        settle();
        reject(error);
      }
    };
    const timer = setTimeout(() => {
      settle();
      reject(new Error(`Waited ${withinMs} ms in vain for ${what}.`));
    }, withinMs);
    const ticker = lookEveryMs === undefined ? undefined : setInterval(look, lookEveryMs);
    const settle = (): void => {
      clearTimeout(timer);
      clearInterval(ticker);
      this.#looks.delete(look);
    };
    this.#looks.add(look);
    look();
    return promise;
  }
}
