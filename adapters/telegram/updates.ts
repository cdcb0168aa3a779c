/** The two ways in which updates come: asked for again and again, or brought by the service. */
import { createHash, timingSafeEqual } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { run, type RunnerHandle } from '@grammyjs/runner';
import { type Bot, type Context, GrammyError, type Transformer } from 'grammy';
import type { Update } from 'grammy/types';
import { z } from 'zod';
import type { Connection } from '../../src/jobs/adapter.ts';
import { clientSignal, errorText } from './calls.ts';
import { updateKinds } from './receive.ts';

/**
 * `polling`: needs no address of its own. `webhook`: the service brings updates to `url`, which has to lead to the
 * adapter's `webhook`. @property secret 1 to 256 letters, digits, `_` and `-`; what comes without it is turned away.
 */
export type UpdateSource =
  | { readonly kind: 'polling' }
  | { readonly kind: 'webhook'; readonly url: string; readonly secret: string };

/** Between two tries when the service cannot be reached; the runner's own way would soon wait for hours. */
const retryMs = 3000;

/** Tells of each single request for updates how it went; to be used before whatever tries again. */
export function minding(onConnection: (connection: Connection) => void): Transformer {
  return async (call, method, payload, signal) => {
    if (method !== 'getUpdates') return call(method, payload, signal);
    try {
      const answer = await call(method, payload, signal);
      onConnection({ kind: answer.ok ? 'up' : 'down' });
      return answer;
    } catch (error) {
      onConnection({ kind: 'down' });
      throw error;
    }
  };
}

/**
 * Starts long polling; the runner hands updates on without waiting for earlier ones.
 * @param onConnection told of the end of it.
 */
export async function poll<C extends Context>(
  bot: Bot<C>,
  signal: AbortSignal,
  onConnection: (connection: Connection) => void,
): Promise<RunnerHandle> {
  bot.api.config.use(patientWithOthers(onConnection, signal));
  await bot.api.deleteWebhook({}, clientSignal(signal));
  // The runner would write its failures to the console, addresses and all.
  const fetch = { allowed_updates: updateKinds };
  const runner = run(bot, { runner: { fetch, retryInterval: retryMs, maxRetryTime: Infinity, silent: true } });
  onConnection({ kind: 'up' });
  // Everything but this it tries again.
  runner.task()?.catch((error: unknown) => onConnection({ kind: 'lost', sentence: endOf(error) }));
  return runner;
}

/**
 * Two that ask for the updates of one bot get them in turns. At a restart the other is the last process, which goes; the
 * runner would give up for good.
 */
function patientWithOthers(onConnection: (connection: Connection) => void, signal: AbortSignal): Transformer {
  return async (call, method, payload, stop) => {
    for (;;) {
      const answer = await call(method, payload, stop);
      if (method !== 'getUpdates' || answer.ok || answer.error_code !== 409) return answer;
      onConnection({
        kind: 'lost',
        sentence: 'Another program takes the updates of this Telegram bot; stop one of them.',
      });
      await delay(retryMs, undefined, { signal });
    }
  };
}

function endOf(error: unknown): string {
  const isRefused = error instanceof GrammyError && error.error_code === 401;
  return isRefused
    ? 'Telegram does not accept `TELEGRAM_TOKEN` any more; ask @BotFather for it and start cowbot again.'
    : `Telegram gives out no more updates to this bot (${errorText(error)}); start cowbot again.`;
}

const anyUpdate = z.custom<Update>((value) => z.looseObject({ update_id: z.int() }).safeParse(value).success);

/**
 * Checks the secret and hands the update on; the answer does not wait for what becomes of it, since the service brings
 * the next one only then.
 */
export async function takeWebhook(request: Request, secret: string, take: (update: Update) => void): Promise<Response> {
  const given = request.headers.get('x-telegram-bot-api-secret-token') ?? '';
  if (!isSame(given, secret)) return new Response(null, { status: 401 });
  const body: unknown = await request.json().catch(() => undefined);
  const { data: update } = anyUpdate.safeParse(body);
  if (update === undefined) return new Response(null, { status: 400 });
  take(update);
  return new Response(null, { status: 200 });
}

/** In the same time, wherever they differ. */
function isSame(one: string, other: string): boolean {
  const hashed = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(hashed(one), hashed(other));
}
