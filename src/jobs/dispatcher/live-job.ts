/** What is only in memory of a job that waits or is painted; the rest of it is in the database. */
import type { JobKey } from '../outcome.ts';

/** A job with pictures that are still to be painted. */
export interface JobToPaint extends JobKey {
  readonly unitCostMs: number;
  /** Numbers of these pictures. */
  readonly missing: readonly number[];
}

/** Numbers of the pictures of a job that are not there yet. */
export function missingPictures(count: number, painted: readonly { readonly number: number }[]): number[] {
  const numbers = new Set(painted.map(({ number }) => number));
  return Array.from({ length: count }, (_, number) => number).filter((number) => !numbers.has(number));
}

/** Thrown where a picture was being painted. */
export class Stopped extends Error {
  override readonly name = 'Stopped';
  readonly actor: string | undefined;

  /** @param actor who cancelled; nobody where the program ends. */
  constructor(actor: string | undefined) {
    super('The picture was stopped.');
    this.actor = actor;
  }
}

/**
 * `begun`: painted, looked at or being kept. `ending`: its attempt is over, which is being written down. `resting`: to be
 * tried again later.
 */
type PictureStage = 'waiting' | 'begun' | 'ending' | 'resting';

export class LiveJob implements JobToPaint {
  readonly id: string;
  readonly personId: string;
  readonly communityId: string;
  readonly unitCostMs: number;
  readonly missing: readonly number[];
  readonly #stop = new AbortController();
  readonly #stages = new Map<number, PictureStage>();
  readonly #failures = new Map<number, number>();
  #retryAt: number | undefined;

  constructor({ id, personId, communityId, unitCostMs, missing }: JobToPaint) {
    this.id = id;
    this.personId = personId;
    this.communityId = communityId;
    this.unitCostMs = unitCostMs;
    this.missing = missing;
  }

  /** Aborted with `Stopped` when nobody wants its pictures any more. */
  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  get isStopped(): boolean {
    return this.#stop.signal.aborted;
  }

  /** Who stopped it; undefined where nobody did but the end of the program. */
  get stoppedBy(): string | undefined {
    const { reason } = this.#stop.signal;
    return reason instanceof Stopped ? reason.actor : undefined;
  }

  get hasBegun(): boolean {
    return this.#isAny('begun');
  }

  /** Whether something of it is waited for now, or is still to be written down. */
  get isBusy(): boolean {
    return this.#isAny('waiting', 'begun', 'ending');
  }

  /** Pictures of which something is still to come. */
  get openCount(): number {
    return this.#stages.size;
  }

  /** When the picture that failed last is tried again, Unix ms. */
  get retryAt(): number | undefined {
    return this.#retryAt;
  }

  /** @param actor who cancels; undefined where the program ends. */
  stop(actor: string | undefined): void {
    this.#stop.abort(new Stopped(actor));
  }

  wait(number: number): void {
    this.#stages.set(number, 'waiting');
  }

  begin(number: number): void {
    this.#stages.set(number, 'begun');
  }

  /** The attempt at a picture is over. */
  end(number: number): void {
    this.#stages.set(number, 'ending');
  }

  rest(number: number, until: number): void {
    this.#stages.set(number, 'resting');
    this.#retryAt = until;
  }

  /** A picture has rested for long enough. */
  wake(): void {
    this.#retryAt = undefined;
  }

  /** Nothing more is to come of a picture. */
  leave(number: number): void {
    this.#stages.delete(number);
  }

  /** @returns how often attempts at the picture have failed by now. */
  countFailure(number: number): number {
    const failures = (this.#failures.get(number) ?? 0) + 1;
    this.#failures.set(number, failures);
    return failures;
  }

  #isAny(...stages: readonly PictureStage[]): boolean {
    return [...this.#stages.values()].some((stage) => stages.includes(stage));
  }
}
