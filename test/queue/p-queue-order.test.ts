import PQueue from 'p-queue';
import { describe, expect, it } from 'vitest';

import { fairOrder } from '../../src/queue/p-queue-order.ts';
import { emptyShares, enqueueJob } from '../../src/queue/policy.ts';

function rig(options: { engines?: number; cap?: number } = {}) {
  const state = emptyShares({ halfLifeMs: 60_000, maxRunningPerPerson: options.cap ?? 9 });
  let nowMs = 0;
  const order = fairOrder(state, () => nowMs);
  const queue = new PQueue({ queueClass: order.queueClass, concurrency: options.engines ?? 1, autoStart: false });
  const painted: string[] = [];
  let atOnce = 0;
  let mostAtOnce = 0;
  const add = (unitId: string, person: string, community: string, costMs = 10, actualMs = costMs) =>
    order.add(queue, unitId, { id: unitId.split('.')[0], person, community, unitCostMs: costMs }, async () => {
      painted.push(unitId);
      mostAtOnce = Math.max(mostAtOnce, (atOnce += 1));
      await new Promise((resolve) => setImmediate(resolve));
      atOnce -= 1;
      nowMs += actualMs;
      return actualMs;
    });
  return { state, order, queue, painted, add, mostAtOnce: () => mostAtOnce };
}

describe('fairOrder in p-queue', () => {
  it('runs what the policy picks, others’ pictures between those of one job', async () => {
    const { queue, painted, add } = rig();
    const all = [
      ...['a.0', 'a.1', 'a.2'].map((id) => add(id, 'one', 'here')),
      add('b.0', 'two', 'here'),
      add('c.0', 'three', 'there'),
    ];
    queue.start();
    expect(await Promise.all(all)).toEqual(Array.from({ length: 5 }, () => 'painted'));
    expect(painted).toEqual(['a.0', 'c.0', 'b.0', 'a.1', 'a.2']);
  });

  it('charges what was measured before the next pick', async () => {
    const { queue, painted, add } = rig();
    // Each of one's pictures takes three times what was estimated.
    const all = [0, 1].map((unit) => add(`a.${unit}`, 'one', 'here', 10, 30));
    all.push(...[0, 1, 2, 3].map((unit) => add(`b.${unit}`, 'two', 'here')));
    queue.start();
    await Promise.all(all);
    expect(painted).toEqual(['a.0', 'b.0', 'b.1', 'b.2', 'a.1', 'b.3']);
  });

  it('keeps to one picture an engine and to the running cap, and waits while only capped people wait', async () => {
    const two = rig({ engines: 2, cap: 1 });
    const all = [0, 1, 2].map((unit) => two.add(`a.${unit}`, 'one', 'here'));
    two.queue.start();
    expect([two.queue.pending, two.queue.size]).toEqual([1, 0]);
    all.push(two.add('b.0', 'two', 'here'));
    expect([two.queue.pending, two.queue.size]).toEqual([2, 0]);
    await Promise.all(all);
    expect(two.mostAtOnce()).toBe(2);
    expect(two.painted).toHaveLength(4);
  });

  it('charges a picture that failed, and goes on', async () => {
    const { state, order, queue, painted, add } = rig();
    const job = { id: 'bad', person: 'one', community: 'here', unitCostMs: 10 };
    const failing = order.add(queue, 'bad.0', job, () => Promise.reject(new Error('out of memory')));
    const next = add('a.0', 'one', 'here');
    queue.start();
    await expect(failing).rejects.toThrow('out of memory');
    await next;
    expect(painted).toEqual(['a.0']);
    expect(state.running.size).toBe(0);
  });

  it('cancels what waits, and leaves what runs', async () => {
    const { state, order, queue, painted, add } = rig();
    const first = add('a.0', 'one', 'here');
    const second = add('a.1', 'one', 'here');
    const third = add('a.2', 'one', 'here');
    queue.start();
    expect([order.cancel('a.0'), order.cancel('a.1'), order.cancel('a.1')]).toEqual([false, true, false]);
    expect(await Promise.all([first, second, third])).toEqual(['painted', 'cancelled', 'painted']);
    expect(painted).toEqual(['a.0', 'a.2']);
    expect(state.waitingUnits).toBe(0);
    expect(queue.pending).toBe(0);
  });

  it('clears what waits and takes new pictures after it', async () => {
    const { state, queue, painted, add } = rig();
    const running = add('a.0', 'one', 'here');
    const waiting = add('a.1', 'one', 'here');
    queue.start();
    queue.clear();
    await expect(waiting).rejects.toMatchObject({ name: 'AbortError' });
    expect(state.waitingUnits).toBe(0);
    await Promise.all([running, add('b.0', 'two', 'here')]);
    expect(painted).toEqual(['a.0', 'b.0']);
  });

  it('gives the pictures of a rebuilt state their tasks', async () => {
    const { state, queue, painted, add } = rig();
    enqueueJob(state, { id: 'a', person: 'one', community: 'here', units: 2, unitCostMs: 10 }, 0);
    const all = [add('a.0', 'one', 'here'), add('a.1', 'one', 'here')];
    expect(state.waitingUnits).toBe(2);
    queue.start();
    await Promise.all(all);
    expect(painted).toEqual(['a.0', 'a.1']);
  });

  it('takes a priority as the weight of the person', async () => {
    const { queue, painted, add } = rig();
    const all = [0, 1, 2, 3].flatMap((unit) => [add(`a.${unit}`, 'one', 'here'), add(`b.${unit}`, 'two', 'here')]);
    queue.setPriority('b.0', 3);
    expect(() => queue.setPriority('gone', 3)).toThrow(ReferenceError);
    queue.start();
    await Promise.all(all);
    expect(painted.slice(0, 5)).toEqual(['a.0', 'b.0', 'b.1', 'b.2', 'a.1']);
  });
});
