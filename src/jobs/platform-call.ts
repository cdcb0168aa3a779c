/** One call to a platform and what it comes to, whatever it does: it throws, it hangs, it does not hear its signal. */
import { unlessAborted } from '../abort.ts';
import { Fault, RemoteError } from '../errors.ts';
import { redact } from '../log.ts';
import type { DeliverResult } from './adapter.ts';

/** `failed`: the platform said nothing, it is something of ours; `isLasting` where trying again cannot help. */
export type CallResult =
  | DeliverResult
  | { readonly kind: 'failed'; readonly reason: string; readonly isLasting: boolean };

export interface CallOptions {
  /** A call that takes longer is ended. */
  readonly timeoutMs: number;
  /** Ends the call: nobody knows then whether it got through. */
  readonly signal: AbortSignal;
}

/** @throws the signal's reason, and nothing else. */
export async function callPlatform(
  call: (signal: AbortSignal) => Promise<DeliverResult>,
  { timeoutMs, signal }: CallOptions,
): Promise<CallResult> {
  signal.throwIfAborted();
  const timeout = AbortSignal.timeout(timeoutMs);
  const stop = AbortSignal.any([timeout, signal]);
  try {
    // An adapter that does not hear its signal must not hold up its chat for ever.
    return await unlessAborted(call(stop), stop);
  } catch (error) {
    signal.throwIfAborted();
    if (timeout.aborted) return { kind: 'later', reason: `The chat did not answer within ${timeoutMs} ms.` };
    return troubleOf(error);
  }
}

export interface Backoff {
  /** Wait after the first failure; doubles with each further one. */
  readonly firstBackoffMs: number;
  readonly maxBackoffMs: number;
}

/** How long the next try waits where the platform has not said so. @param failures before this one. */
export function backoffMs(failures: number, { firstBackoffMs, maxBackoffMs }: Backoff): number {
  return Math.min(maxBackoffMs, firstBackoffMs * 2 ** Math.min(failures, 30));
}

function troubleOf(error: unknown): CallResult {
  const reason = redact(error instanceof Error ? error.message : String(error));
  if (error instanceof RemoteError) return { kind: 'later', reason, retryAfterMs: error.retryAfterMs };
  // A stored picture that is lost or damaged stays so.
  return { kind: 'failed', reason, isLasting: error instanceof Fault && !error.mayPass };
}
