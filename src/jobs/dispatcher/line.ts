/** Who is next: the fair shares pick the picture, p-queue runs as many at once as there are engines in order. */
import PQueue from 'p-queue';

import { type FairOrder, fairOrder } from '../../queue/p-queue-order.ts';
import type { FairShareState } from '../../queue/shares.ts';
import type { JobKey } from '../outcome.ts';
import type { JobToPaint } from './live-job.ts';

/** @property engines how many there are. @property clock now, in Unix ms. */
export interface LineOptions {
  readonly shares: FairShareState;
  readonly engines: number;
  readonly clock: () => number;
}

export class Line {
  readonly #order: FairOrder;
  readonly #queue: PQueue<InstanceType<FairOrder['queueClass']>>;

  /** Starts paused: what waits already is added first, then `start` is called. */
  constructor({ shares, engines, clock }: LineOptions) {
    this.#order = fairOrder(shares, clock);
    const { queueClass } = this.#order;
    this.#queue = new PQueue({ queueClass, concurrency: engines, autoStart: false });
  }

  start(): void {
    this.#queue.start();
  }

  pause(): void {
    this.#queue.pause();
  }

  /** No more pictures at once than there are engines in order. */
  useEngines(inOrder: number): void {
    if (inOrder === 0) return this.#queue.pause();
    this.#queue.concurrency = inOrder;
    this.#queue.start();
  }

  /** As `FairOrder.add` does it. */
  add(job: JobToPaint, number: number, paint: () => Promise<number>): ReturnType<FairOrder['add']> {
    const { id, personId: person, communityId: community, unitCostMs } = job;
    return this.#order.add(this.#queue, unitOf(job, number), { id, person, community, unitCostMs }, paint);
  }

  /** Takes out what waits of a job. */
  cancel(job: JobToPaint): void {
    for (const number of job.missing) this.#order.cancel(unitOf(job, number));
  }
}

function unitOf({ id }: JobKey, number: number): string {
  return `${id}:${number}`;
}
