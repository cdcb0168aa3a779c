/** What a fake asks for the time: Unix milliseconds. */
export interface WireClock {
  now(): number;
}

/**
 * Time that runs like the wall's and can be moved forward. It never stands still: the real clients sleep on real timers, so
 * a frozen rate limit would never let them through.
 */
export class JumpClock implements WireClock {
  #aheadMs = 0;

  now(): number {
    return Date.now() + this.#aheadMs;
  }

  advance(byMs: number): void {
    this.#aheadMs += byMs;
  }
}
