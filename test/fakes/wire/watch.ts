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
   */
  until<T>(probe: () => T | undefined | false, what: string, withinMs = 15_000): Promise<T> {
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
    const settle = (): void => {
      clearTimeout(timer);
      this.#looks.delete(look);
    };
    this.#looks.add(look);
    look();
    return promise;
  }
}
