/** Work that nobody waits for until whoever began it closes. */
export class UnderWay {
  readonly #works = new Set<Promise<void>>();

  /** What it fails with is for whoever began it to note. */
  add(work: Promise<unknown>): void {
    const tracked = work
      .then(() => {})
      .catch(() => {})
      .finally(() => this.#works.delete(tracked));
    this.#works.add(tracked);
  }

  /** Resolves when everything has ended that was there, or after `withinMs`. */
  async drain(withinMs: number): Promise<void> {
    const { promise: late, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, withinMs);
    await Promise.race([this.ended(), late]);
    clearTimeout(timer);
  }

  /** Resolves when nothing is left, also of what was begun meanwhile. */
  async ended(): Promise<void> {
    while (this.#works.size > 0) await Promise.all(this.#works);
  }
}
