/** Calls to chats that are made again until somebody says sent or never. */
import { unlessAborted } from '../../abort.ts';
import { Fault, RemoteError } from '../../errors.ts';
import { redact } from '../../log.ts';
import type { DeliverResult } from '../adapter.ts';

/** @property timeoutMs a call that takes longer comes to `later`. @property cutOff ends it without a result. */
export interface ChatCallOptions {
  readonly timeoutMs: number;
  readonly cutOff: AbortSignal;
}

/**
 * One call, which ends in time even where the adapter does not hear its signal; whatever it throws is a result like any.
 * @throws the reason of `cutOff`: nobody knows whether the call got through, and whoever comes next asks again.
 */
export async function callChat(
  call: (signal: AbortSignal) => Promise<DeliverResult>,
  { timeoutMs, cutOff }: ChatCallOptions,
): Promise<DeliverResult> {
  const timeout = AbortSignal.timeout(timeoutMs);
  const signal = AbortSignal.any([timeout, cutOff]);
  try {
    return await unlessAborted(call(signal), signal);
  } catch (error) {
    cutOff.throwIfAborted();
    if (timeout.aborted) return { kind: 'later', reason: `The chat did not answer within ${timeoutMs} ms.` };
    return troubleOf(error);
  }
}

/** @property firstMs wait after the first failure; doubles with each further one, up to `mostMs`. */
export interface Backoff {
  readonly firstMs: number;
  readonly mostMs: number;
}

/** @param failures before this one. @returns ms until the next try, where the platform has said nothing of its own. */
export function backoffMs({ firstMs, mostMs }: Backoff, failures: number): number {
  return Math.min(mostMs, firstMs * 2 ** Math.min(failures, 30));
}

function troubleOf(error: unknown): DeliverResult {
  const reason = redact(error instanceof Error ? error.message : String(error));
  if (error instanceof RemoteError) return { kind: 'later', reason, retryAfterMs: error.retryAfterMs };
  // A stored picture that is lost or damaged stays so.
  if (error instanceof Fault && !error.mayPass) return { kind: 'never', reason };
  return { kind: 'later', reason };
}
