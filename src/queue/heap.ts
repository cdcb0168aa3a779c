/**
 * A binary heap whose items know their own slot, so that a waiting share is taken out or moved in O(log n) without a
 * search. Plain arrays: `heap[0]` is the least item.
 */

/** `slot` is the item's index in its heap, -1 outside of any. `sequence` breaks ties: the lower one goes first. */
export type HeapItem = { tag: number; sequence: number; slot: number };

/** The order of every heap here: by tag, then by sequence. Sequences differ, so the order is total and the pick determined. */
function comesBefore(one: HeapItem, other: HeapItem): boolean {
  return one.tag < other.tag || (one.tag === other.tag && one.sequence < other.sequence);
}

/** Puts `item` into `heap`. It must not be in any heap. */
export function pushItem<Item extends HeapItem>(heap: Item[], item: Item): void {
  item.slot = heap.length;
  heap.push(item);
  siftUp(heap, item);
}

/** Takes `item` out of `heap`, which must hold it. */
export function removeItem<Item extends HeapItem>(heap: Item[], item: Item): void {
  const last = heap.pop();
  if (last !== undefined && last !== item) {
    last.slot = item.slot;
    heap[last.slot] = last;
    moveItem(heap, last);
  }
  item.slot = -1;
}

/** Restores the order after `item`'s tag changed. */
export function moveItem<Item extends HeapItem>(heap: Item[], item: Item): void {
  siftUp(heap, item);
  siftDown(heap, item);
}

function siftUp<Item extends HeapItem>(heap: Item[], item: Item): void {
  let { slot } = item;
  while (slot > 0) {
    const parent = heap[(slot - 1) >> 1];
    if (!comesBefore(item, parent)) break;
    heap[slot] = parent;
    const above = parent.slot;
    parent.slot = slot;
    slot = above;
  }
  heap[slot] = item;
  item.slot = slot;
}

function siftDown<Item extends HeapItem>(heap: Item[], item: Item): void {
  let { slot } = item;
  for (;;) {
    let below = 2 * slot + 1;
    if (below >= heap.length) break;
    if (below + 1 < heap.length && comesBefore(heap[below + 1], heap[below])) below += 1;
    const child = heap[below];
    if (!comesBefore(child, item)) break;
    heap[slot] = child;
    child.slot = slot;
    slot = below;
  }
  heap[slot] = item;
  item.slot = slot;
}
