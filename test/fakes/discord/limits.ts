import type { WireClock } from '../wire/clock.ts';
import { DiscordRefusal } from './errors.ts';

/** Rate limits to enforce; none by default. discord.com/developers/docs/topics/rate-limits */
export interface RateLimits {
  /** Requests a second over all routes but the interaction endpoints; 50 at the real service. */
  globalPerSecond?: number;
  /** `limit` requests within `windowMs` of one route, each channel and webhook by itself. */
  routes?: readonly { route: string; limit: number; windowMs: number }[];
}

interface Window {
  used: number;
  endsMs: number;
}

export class Limiter {
  readonly #limits: RateLimits;
  readonly #clock: WireClock;
  readonly #windows = new Map<string, Window>();

  constructor(limits: RateLimits, clock: WireClock) {
    this.#limits = limits;
    this.#clock = clock;
  }

  /**
   * Counts a request and returns the headers for its answer.
   *
   * @param resource The channel or webhook that the route's window belongs to.
   * @throws {DiscordRefusal} 429
   */
  pass(route: string, resource: string): { [name: string]: string } {
    const { globalPerSecond, routes = [] } = this.#limits;
    const interactive = /^\S+ \/(interactions|webhooks)\//.test(route);
    if (globalPerSecond !== undefined && !interactive) {
      const window = this.#window('global', 1000);
      window.used += 1;
      if (window.used > globalPerSecond) throw this.#refusal(window, true, {});
    }
    const limit = routes.find((one) => one.route === route);
    if (limit === undefined) return {};
    const window = this.#window(`${route} ${resource}`, limit.windowMs);
    window.used += 1;
    const headers = {
      'x-ratelimit-limit': String(limit.limit),
      'x-ratelimit-remaining': String(Math.max(0, limit.limit - window.used)),
      'x-ratelimit-reset': (window.endsMs / 1000).toFixed(3),
      'x-ratelimit-reset-after': (this.#leftMs(window) / 1000).toFixed(3),
      'x-ratelimit-bucket': Buffer.from(route).toString('hex').slice(0, 32),
    };
    if (window.used > limit.limit) throw this.#refusal(window, false, headers);
    return headers;
  }

  #window(key: string, lengthMs: number): Window {
    const open = this.#windows.get(key);
    if (open !== undefined && this.#leftMs(open) > 0) return open;
    const fresh = { used: 0, endsMs: this.#clock.now() + lengthMs };
    this.#windows.set(key, fresh);
    return fresh;
  }

  #leftMs(window: Window): number {
    return Math.max(0, window.endsMs - this.#clock.now());
  }

  #refusal(window: Window, global: boolean, headers: { [name: string]: string }): DiscordRefusal {
    return tooManyRequests(this.#leftMs(window), global, headers);
  }
}

export function tooManyRequests(
  waitMs: number,
  global: boolean,
  headers: { [name: string]: string } = {},
): DiscordRefusal {
  const scope: { [name: string]: string } = global
    ? { 'x-ratelimit-global': 'true', 'x-ratelimit-scope': 'global' }
    : { 'x-ratelimit-scope': 'user' };
  return new DiscordRefusal(429, 0, 'You are being rate limited.', {
    blame: 'world',
    extra: { retry_after: waitMs / 1000, global },
    headers: { ...headers, ...scope, 'retry-after': String(Math.ceil(waitMs / 1000)) },
  });
}
