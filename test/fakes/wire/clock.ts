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

/** Time that stands until it is moved: for limits and lifetimes in tests that no client sleeps through. */
export class StillClock implements WireClock {
  #nowMs = Date.UTC(2026, 10, 1);

  now(): number {
    return this.#nowMs;
  }

  advance(byMs: number): void {
    this.#nowMs += byMs;
  }
}
