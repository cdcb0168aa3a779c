/** Calls to the Bot API that end with a signal, and what their failures mean. */
import { type Api, BotError, GrammyError, HttpError } from 'grammy';
import type { DeliverResult, UndeliverableCode } from '../../src/jobs/adapter.ts';
import { RemoteError } from '../../src/errors.ts';

type ClientSignal = NonNullable<Parameters<Api['getMe']>[0]>;

/**
 * grammY's types name the signal of a package that stands in for Node's own, which grammY takes just as well: it listens to
 * `abort` and reads `aborted`.
 */
export function clientSignal(signal: AbortSignal): ClientSignal {
  if (!isClientSignal(signal)) throw new TypeError('Expected a signal that can be listened to.');
  return signal;
}

function isClientSignal(signal: unknown): signal is ClientSignal {
  return signal instanceof EventTarget && 'aborted' in signal;
}

/** Whether a call failed with this status and a description that `fits`. */
export function isRefused(error: unknown, fits: RegExp): error is GrammyError {
  return error instanceof GrammyError && fits.test(error.description);
}

/** The supergroup that a group has become, where that is why a call failed. */
export function successorOf(error: unknown): string | undefined {
  const successor = error instanceof GrammyError ? error.parameters.migrate_to_chat_id : undefined;
  return successor === undefined ? undefined : String(successor);
}

/**
 * A failed call in our own words. grammY's errors hold what was sent, and its `HttpError` may hold the token, so neither is
 * kept as the cause.
 */
export function remoteError(error: unknown): unknown {
  if (error instanceof HttpError) return new RemoteError('telegram', 'Telegram did not answer.');
  if (!(error instanceof GrammyError)) return error;
  const { error_code: status, description, method, parameters } = error;
  const { retry_after: retryAfterS } = parameters;
  return new RemoteError('telegram', `Telegram refused ${method}: ${status} ${description}`, {
    status,
    ...(retryAfterS === undefined ? {} : { retryAfterMs: retryAfterS * 1000 }),
  });
}

/** What a log may say of a failure: neither what was sent nor where to. */
export function errorText(error: unknown): string {
  const known = remoteError(error instanceof BotError ? error.error : error);
  return known instanceof Error ? `${known.name}: ${known.message}` : 'unknown';
}

/** Refusals that no later call can change, and what the person reads. Descriptions are undocumented: seen on the service. */
const finalRefusals: readonly (readonly [RegExp, UndeliverableCode, string])[] = [
  [/blocked by the user/i, 'blocked', 'The bot was blocked in this chat.'],
  [/user is deactivated/i, 'account-gone', 'The account of this chat does not exist any more.'],
  [/can't initiate conversation/i, 'not-started', 'The bot may not write first: send it a message.'],
  [/bot was kicked|not a member/i, 'bot-removed', 'The bot was removed from this chat.'],
  [/chat not found|PEER_ID_INVALID|CHAT_ID_INVALID/i, 'chat-gone', 'This chat does not exist any more.'],
  [/message to edit not found|MESSAGE_ID_INVALID/i, 'message-gone', 'The message for the picture was deleted.'],
  [/message can't be edited/i, 'message-fixed', 'The message for the picture cannot be changed any more.'],
  [/message thread not found|TOPIC_(CLOSED|DELETED)/i, 'topic-closed', 'The topic of this message was closed.'],
  [
    /not enough rights|have no rights|CHAT_WRITE_FORBIDDEN|CHAT_RESTRICTED|CHAT_SEND_\w+_FORBIDDEN/i,
    'no-pictures',
    'The bot may not show pictures in this chat.',
  ],
];

/**
 * What a delivery that failed with `error` comes to.
 * @throws RemoteError for what has no name here; whatever is no answer of the service as it is.
 */
export function outcomeOf(error: unknown): Exclude<DeliverResult, { readonly kind: 'sent' }> {
  if (error instanceof HttpError) return { kind: 'later', reason: 'Telegram did not answer.' };
  if (!(error instanceof GrammyError)) throw error;
  const { error_code: status, description, parameters } = error;
  const { retry_after: retryAfterS } = parameters;
  if (status === 429) {
    return {
      kind: 'later',
      reason: 'Telegram is busy with this chat.',
      ...(retryAfterS === undefined ? {} : { retryAfterMs: retryAfterS * 1000 }),
    };
  }
  if (status >= 500) return { kind: 'later', reason: `Telegram answered ${status}.` };
  const final = finalRefusals.find(([pattern]) => pattern.test(description));
  if (final !== undefined) return { kind: 'never', code: final[1], reason: final[2] };
  if (status === 403) return { kind: 'never', code: 'no-writing', reason: 'The bot may not write in this chat.' };
  throw remoteError(error);
}
