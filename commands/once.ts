/** A platform that did not hear our answer sends the press again: the same one is done once. */
import type { Store } from '../src/store/store.ts';

const replayMs = 24 * 3_600_000;

interface Press {
  readonly platform: string;
  readonly requestId: string;
}

const pressesOf = (store: Store, platform: string) => store.keyv<true>(`pressed:${platform}`, replayMs);

export async function isDone(store: Store, { platform, requestId }: Press): Promise<boolean> {
  return (await pressesOf(store, platform).get(requestId)) === true;
}

export async function markDone(store: Store, { platform, requestId }: Press): Promise<void> {
  await pressesOf(store, platform).set(requestId, true);
}
