/**
 * Rows that are brought to platforms, each as often as it takes: one at a time in each lane, so that one chat sees them one
 * after the other, and so many at once on each platform, so that one that hangs holds up no other.
 */
import { Fault } from '../errors.ts';
import { startLoop } from './loop.ts';

/** @property lane whatever has one order: a chat. @property platform whatever may hang as a whole. */
export interface Course {
  readonly lane: string;
  readonly platform: string;
}

/** Where nothing more can be started now. */
export interface Busy {
  readonly lanes: readonly string[];
  readonly platforms: readonly string[];
}

export interface LanesOptions<Row> {
  /** Rows whose time has come, the longest due first, without those that are `busy`; a page of them. */
  readonly due: (busy: Busy) => Promise<readonly Row[]>;
  /** When the next row that is not due at `after` will be (Unix ms); undefined: there is none. */
  readonly nextAt: (after: number) => Promise<number | undefined>;
  readonly courseOf: (row: Row) => Course;
  /**
   * Tries once, and writes down what came of it: a row that is still due then is tried again.
   * @param signal aborted when there is no more time. @returns until when its lane is to be left alone (Unix ms).
   */
  readonly attempt: (row: Row, signal: AbortSignal) => Promise<number | undefined>;
  /** The rows could not be read. */
  readonly onUnread: (error: unknown) => void;
  /** What came of an attempt could not be written down. */
  readonly onUnwritten: (row: Row, error: unknown) => void;
  /** How long the lane of what could not be written down is left alone. */
  readonly restMs: number;
  /** On one platform. */
  readonly maxAtOnce: number;
  /** Rows that another process wrote are seen at the latest after this. */
  readonly pollMs: number;
  /** Now, in Unix ms. */
  readonly clock: () => number;
}

export interface Lanes {
  /** Looks for what is due at once: there is a new row. */
  wake(): void;
  /** Attempts at this moment. */
  readonly underWay: number;
  /** Starts no more attempts and lets those under way end, until the signal is aborted: then they are cut off. */
  close(signal: AbortSignal): Promise<void>;
}

export function startLanes<Row>(options: LanesOptions<Row>): Lanes {
  return new RunningLanes(options);
}

class RunningLanes<Row> implements Lanes {
  readonly #options: LanesOptions<Row>;
  readonly #attempts = new Map<string, Promise<void>>();
  /** Until when (Unix ms). */
  readonly #resting = new Map<string, number>();
  readonly #countOn = new Map<string, number>();
  readonly #cutOff = new AbortController();
  readonly #loop;
  #isClosing = false;

  constructor(options: LanesOptions<Row>) {
    this.#options = options;
    const { onUnread: onError, pollMs } = options;
    this.#loop = startLoop({ look: async () => this.#look(), onError, pollMs });
  }

  wake(): void {
    this.#loop.wake();
  }

  get underWay(): number {
    return this.#attempts.size;
  }

  async close(signal: AbortSignal): Promise<void> {
    this.#isClosing = true;
    const cutOff = (): void => this.#cutOff.abort(new Fault('The bot is stopping.', { mayPass: true }));
    if (signal.aborted) cutOff();
    signal.addEventListener('abort', cutOff, { once: true });
    await this.#loop.close();
    await Promise.all(this.#attempts.values());
    signal.removeEventListener('abort', cutOff);
  }

  async #look(): Promise<number> {
    const { nextAt, clock, pollMs } = this.#options;
    while (await this.#startSome());
    const now = clock();
    // What is due and did not start waits for its lane or its platform, whose end wakes the loop.
    const next = Math.min((await nextAt(now)) ?? Infinity, ...this.#resting.values());
    return Math.min(pollMs, next - now);
  }

  /** @returns whether there was something to be started: then there may be more. */
  async #startSome(): Promise<boolean> {
    if (this.#isClosing) return false;
    const { due, clock, maxAtOnce } = this.#options;
    const now = clock();
    for (const [lane, until] of this.#resting) if (until <= now) this.#resting.delete(lane);
    const rows = await due({
      lanes: [...this.#attempts.keys(), ...this.#resting.keys()],
      platforms: [...this.#countOn].flatMap(([platform, count]) => (count >= maxAtOnce ? [platform] : [])),
    });
    let started = 0;
    for (const row of rows) {
      const course = this.#options.courseOf(row);
      if (!this.#hasRoom(course)) continue;
      this.#start(row, course);
      started += 1;
    }
    return started > 0;
  }

  #hasRoom({ lane, platform }: Course): boolean {
    // The lane may rest since the rows were read.
    if (this.#isClosing || this.#attempts.has(lane) || this.#resting.has(lane)) return false;
    return (this.#countOn.get(platform) ?? 0) < this.#options.maxAtOnce;
  }

  #start(row: Row, { lane, platform }: Course): void {
    this.#count(platform, 1);
    const attempt = this.#attempt(row, lane).finally(() => {
      this.#attempts.delete(lane);
      this.#count(platform, -1);
      this.wake();
    });
    this.#attempts.set(lane, attempt);
  }

  async #attempt(row: Row, lane: string): Promise<void> {
    const { attempt, onUnwritten, restMs, clock } = this.#options;
    try {
      const until = await attempt(row, this.#cutOff.signal);
      if (until !== undefined) this.#resting.set(lane, until);
    } catch (error) {
      // The row still waits, and is tried again as it stands.
      if (this.#cutOff.signal.aborted) return;
      onUnwritten(row, error);
      this.#resting.set(lane, clock() + restMs);
    }
  }

  #count(platform: string, more: number): void {
    this.#countOn.set(platform, (this.#countOn.get(platform) ?? 0) + more);
  }
}
