import type PQueue from 'p-queue';
import type { QueueAddOptions } from 'p-queue';

import { Fault, shown } from '../errors.ts';
import { cancelJob, enqueueJob, finishUnit, pickUnit, setWeight } from './policy.ts';
import type { PickedUnit } from './policy.ts';
import type { FairShareState, ShareJob } from './shares.ts';

type Run = () => Promise<unknown>;

/** What a task of the queue carries besides p-queue's own options: the job that its one picture belongs to. */
type FairAddOptions = QueueAddOptions & { readonly job?: Omit<ShareJob, 'units'> };

/** p-queue's contract for a `queueClass`. */
type OrderContract = {
  readonly size: number;
  enqueue(run: Run, options?: Partial<FairAddOptions>): void;
  dequeue(): Run | undefined;
  filter(options: Readonly<Partial<FairAddOptions>>): Run[];
  setPriority(id: string, priority: number): void;
  remove(id: string): void;
};

type Outcome = 'painted' | 'cancelled';

/** Lets p-queue run what the policy picks. */
export type FairOrder = {
  /** `new PQueue({ queueClass, concurrency: engines })`: one slot an engine. */
  readonly queueClass: new () => OrderContract;
  /**
   * Adds one picture, and settles when it is painted or was cancelled while it waited, or rejects with what `paint`
   * threw. A job of several pictures is several calls with the same `job`; others' pictures may come between. What
   * already waits in a rebuilt state gets its task the same way: into a paused queue, which starts when all are in.
   *
   * @param paint Paints. It settles only when the engine is free again, also after a cancellation, and gives the engine
   *   milliseconds that it used; when it throws, the time since its start is charged.
   */
  add(
    queue: PQueue<OrderContract, FairAddOptions>,
    unitId: string,
    job: Omit<ShareJob, 'units'>,
    paint: (picked: PickedUnit) => Promise<number>,
  ): Promise<Outcome>;
  /** Takes a waiting picture out. @returns false when it does not wait (any more). */
  cancel(unitId: string): boolean;
};

type Waiting = { readonly id: string; readonly job: Omit<ShareJob, 'units'>; readonly run: Run };

/**
 * The policy as an order for p-queue. All memory is in `state` and here: p-queue makes a second instance of the class in
 * `clear()`, and both have to be the same queue.
 *
 * No task gets a `signal` or a `timeout` of p-queue's: these free the slot while the picture is still being painted, and the
 * engine would be asked for two at once.
 *
 * @param now Unix milliseconds.
 */
export function fairOrder(state: FairShareState, now: () => number): FairOrder {
  const waiting = new Map<string, Waiting>();
  const lines = new Map<string, Waiting[]>();
  const started = new Map<string, PickedUnit | 'cancelled'>();

  class Order implements OrderContract {
    constructor() {
      // Built anew by `clear()`, which drops what waits and keeps what runs.
      for (const task of waiting.values()) drop(task);
    }

    /** Pictures that may be picked: p-queue takes `size > 0` as a promise that `dequeue` has one. */
    get size(): number {
      // Its constructor looks before it pauses itself: a rebuilt state waits by then, and its tasks do not yet.
      return waiting.size === 0 ? 0 : state.eligibleUnits;
    }

    enqueue(run: Run, { id, job }: Partial<FairAddOptions> = {}): void {
      if (id === undefined || job === undefined || waiting.has(id)) {
        throw new Fault(`Expected a new \`id\` and a \`job\` for a task, got ${shown(id)}.`);
      }
      const line = lines.get(job.id) ?? [];
      // A rebuilt state already holds the picture.
      if ((state.jobs.get(job.id)?.units ?? 0) <= line.length) enqueueJob(state, { ...job, units: 1 }, now());
      const task = { id, job, run };
      waiting.set(id, task);
      lines.set(job.id, line);
      line.push(task);
    }

    dequeue(): Run | undefined {
      const picked = pickUnit(state, now());
      if (picked === undefined) return undefined;
      const task = lines.get(picked.jobId)?.[0];
      if (task === undefined)
        throw new Fault(`Expected a task for the picked job, got none for ${shown(picked.jobId)}.`);
      forget(task);
      started.set(task.id, picked);
      return task.run;
    }

    /** Nothing here has a priority of its own, so all that wait answer to any. */
    filter(): Run[] {
      return [...waiting.values()].map(({ run }) => run);
    }

    /** Priorities are weights: this sets the one of the task's person in its community. */
    setPriority(id: string, priority: number): void {
      const task = waiting.get(id);
      if (task === undefined) throw new ReferenceError(`No waiting task has the id "${id}".`);
      setWeight(state, priority, now(), task.job.community, task.job.person);
    }

    remove(id: string): void {
      const task = waiting.get(id);
      if (task !== undefined) drop(task);
    }
  }

  return { queueClass: Order, add, cancel };

  function forget(task: Waiting): void {
    waiting.delete(task.id);
    const rest = (lines.get(task.job.id) ?? []).filter((one) => one !== task);
    if (rest.length > 0) lines.set(task.job.id, rest);
    else lines.delete(task.job.id);
  }

  function drop(task: Waiting): void {
    forget(task);
    cancelJob(state, task.job.id, now(), 1);
  }

  /** p-queue can drop one waiting task by a signal only; run at once and with nothing to do, it ends in the same turn. */
  function cancel(unitId: string): boolean {
    const task = waiting.get(unitId);
    if (task === undefined) return false;
    drop(task);
    started.set(unitId, 'cancelled');
    void task.run();
    return true;
  }

  function add(
    queue: PQueue<OrderContract, FairAddOptions>,
    unitId: string,
    job: Omit<ShareJob, 'units'>,
    paint: (picked: PickedUnit) => Promise<number>,
  ): Promise<Outcome> {
    // The explicit `timeout` keeps a default of the queue away.
    return queue.add(() => painted(unitId, paint), { id: unitId, job, timeout: undefined });
  }

  async function painted(unitId: string, paint: (picked: PickedUnit) => Promise<number>): Promise<Outcome> {
    const picked = started.get(unitId);
    if (picked === undefined) throw new Fault(`Expected a started picture, got ${shown(unitId)}.`);
    started.delete(unitId);
    if (picked === 'cancelled') return 'cancelled';
    const startedAtMs = now();
    let usedMs: number | undefined;
    try {
      usedMs = await paint(picked);
    } finally {
      // Before p-queue hears of it: its next pick must see this charge.
      finishUnit(state, picked.unitId, usedMs ?? now() - startedAtMs, now());
    }
    return 'painted';
  }
}
