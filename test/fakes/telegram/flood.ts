import type { WireClock } from '../wire/clock.ts';
import { tooManyRequests } from './errors.ts';
import type { Chat } from './model.ts';

/** Flood limits to enforce; none by default. The documented ones: 1 a second in a chat, 20 a minute in a group, 30 a second in all. */
export interface FloodLimits {
  perChatPerSecond?: number;
  perGroupPerMinute?: number;
  overallPerSecond?: number;
}

/** Counts messages and edits in sliding windows. */
export class Flood {
  readonly #limits: FloodLimits;
  readonly #clock: WireClock;
  readonly #sent = new Map<string, number[]>();

  constructor(limits: FloodLimits, clock: WireClock) {
    this.#limits = limits;
    this.#clock = clock;
  }

  /** @throws {TelegramRefusal} 429 with retry_after, in whole seconds */
  pass(chat: Chat, messages: number): void {
    const { perChatPerSecond, perGroupPerMinute, overallPerSecond } = this.#limits;
    const windows: [string, number | undefined, number][] = [
      [`second ${chat.id}`, perChatPerSecond, 1000],
      [`minute ${chat.id}`, chat.kind === 'private' ? undefined : perGroupPerMinute, 60_000],
      ['all', overallPerSecond, 1000],
    ];
    const now = this.#clock.now();
    for (const [key, limit, lengthMs] of windows) {
      if (limit === undefined) continue;
      const recent = (this.#sent.get(key) ?? []).filter((atMs) => atMs > now - lengthMs);
      this.#sent.set(key, recent);
      // An album counts as its pictures, yet an album larger than the limit has to pass some time.
      const over = recent.length + messages - Math.max(limit, messages);
      const freeMs = over > 0 ? (recent[over - 1] ?? now) + lengthMs - now : 0;
      if (freeMs > 0) throw tooManyRequests(Math.ceil(freeMs / 1000));
    }
    for (const [key, limit] of windows) {
      if (limit === undefined) continue;
      this.#sent.get(key)?.push(...Array.from({ length: messages }, () => now));
    }
  }
}
