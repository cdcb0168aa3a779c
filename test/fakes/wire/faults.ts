/**
 * - `hang-up`: the connection is cut before anything happens.
 * - `lose-answer`: everything happens, then the connection is cut: the bot cannot know that it was done.
 * - `stall`: the request is read, and neither done nor answered for as long as the bot waits.
 * - `stall-answer`: everything happens, and no answer comes for as long as the bot waits.
 */
export type Cut = 'hang-up' | 'lose-answer' | 'stall' | 'stall-answer';

/** Faults that a test puts in the way of coming requests, in the order in which they were added. */
export class Faults<E> {
  readonly #waiting: { route: string; left: number; fault: E | Cut }[] = [];

  /** The next `times` requests of `route` (`*`: of any) meet `fault`. */
  add(route: string, times: number, fault: E | Cut): void {
    this.#waiting.push({ route, left: times, fault });
  }

  /** From now on nothing is in the way. */
  clear(): void {
    this.#waiting.length = 0;
  }

  /** The fault for this request, used up by asking. */
  take(route: string): E | Cut | undefined {
    const at = this.#waiting.findIndex((entry) => entry.route === route || entry.route === '*');
    const entry = this.#waiting[at];
    if (entry === undefined) return undefined;
    entry.left -= 1;
    if (entry.left === 0) this.#waiting.splice(at, 1);
    return entry.fault;
  }
}
