/** Who may be called now: each chat by one call at a time, and each platform by so many. */

/** @property lane of a chat (`laneOf`). @property platform that the chat is on. */
export interface LaneKey {
  readonly lane: string;
  readonly platform: string;
}

/** @property maxAtOnce calls under way at once on one platform. @property clock now, in Unix ms. */
export interface LanesOptions {
  readonly maxAtOnce: number;
  readonly clock: () => number;
}

export class Lanes {
  readonly #options: LanesOptions;
  readonly #underWay = new Map<string, Promise<void>>();
  /** Chats that are left alone, until when (Unix ms). */
  readonly #resting = new Map<string, number>();
  readonly #callsOf = new Map<string, number>();

  constructor(options: LanesOptions) {
    this.#options = options;
  }

  /** Chats in which nothing may begin; one that has rested for long enough is free from now on. */
  busyLanes(): readonly string[] {
    const now = this.#options.clock();
    for (const [lane, until] of this.#resting) if (until <= now) this.#resting.delete(lane);
    return [...this.#underWay.keys(), ...this.#resting.keys()];
  }

  /** Platforms with as many calls as they may have. */
  busyPlatforms(): readonly string[] {
    return [...this.#callsOf].flatMap(([name, calls]) => (calls >= this.#options.maxAtOnce ? [name] : []));
  }

  /** When the next resting chat may be called again, Unix ms; Infinity where none rests. */
  nextRestedAt(): number {
    return Math.min(...this.#resting.values());
  }

  isFree({ lane, platform }: LaneKey): boolean {
    if (this.#underWay.has(lane) || this.#resting.has(lane)) return false;
    return (this.#callsOf.get(platform) ?? 0) < this.#options.maxAtOnce;
  }

  /**
   * Begins work in a lane that is free, and has it until the work ends.
   * @param work that handles its own trouble.
   */
  begin({ lane, platform }: LaneKey, work: () => Promise<void>): Promise<void> {
    this.#callsOf.set(platform, (this.#callsOf.get(platform) ?? 0) + 1);
    const ended = work().finally(() => {
      this.#underWay.delete(lane);
      this.#callsOf.set(platform, (this.#callsOf.get(platform) ?? 1) - 1);
    });
    this.#underWay.set(lane, ended);
    return ended;
  }

  /** Leaves a chat alone. @param until Unix ms. */
  rest(lane: string, until: number): void {
    this.#resting.set(lane, until);
  }

  /** Ends with all that is under way now. */
  async ended(): Promise<void> {
    await Promise.all(this.#underWay.values());
  }
}
