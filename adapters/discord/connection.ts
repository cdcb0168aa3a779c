/** Whether Discord hears the bot: the login, and what becomes of the connection. */
import { setTimeout as delay } from 'node:timers/promises';
import { type Client, Events, RequestMethod, Routes, Status } from 'discord.js';
import { unlessAborted } from '../../src/abort.ts';
import { Refusal, RemoteError } from '../../src/errors.ts';
import type { Connection } from '../../src/jobs/adapter.ts';
import type { Log } from '../../src/log.ts';
import { DiscordTrouble, type Wire } from './wire.ts';

/** @property closing aborted when the adapter closes. @property onTrouble hears of what mends itself. */
export interface ConnectionOptions {
  readonly closing: AbortSignal;
  readonly onTrouble: (what: string, error: unknown) => void;
  readonly log: Log;
}

/** @returns what to ask how the connection is now. */
export function watchConnection(client: Client, { closing, onTrouble, log }: ConnectionOptions): () => Connection {
  let lost: string | undefined;
  client.on(Events.Error, (error) => onTrouble('Discord had trouble.', error));
  client.on(Events.ShardError, (error) => onTrouble('The connection to Discord had trouble.', error));
  client.on(Events.ShardDisconnect, ({ code }) => {
    if (closing.aborted) return;
    lost = `Discord ended the connection for good (${code}); check \`DISCORD_TOKEN\` and start cowbot again.`;
    log.error({ platform: 'discord', code }, 'Discord ended the connection for good.');
  });
  client.on(Events.ShardResume, () => log.info('Connected to Discord again.'));
  client.on(Events.Invalidated, () => {
    lost = 'Discord no longer accepts this session; start cowbot again.';
    log.error({ platform: 'discord' }, 'Discord no longer accepts this session.');
  });
  return () => {
    if (lost !== undefined) return { kind: 'lost', sentence: lost };
    const isUp = client.isReady() && client.ws.shards.every(({ status }) => status === Status.Ready);
    return { kind: isUp ? 'up' : 'down' };
  };
}

/** @property wire has the bot's own token. */
export interface LoginOptions {
  readonly token: string;
  readonly wire: Wire;
  readonly closing: AbortSignal;
  readonly log: Log;
}

/**
 * Logs in, and ends when Discord is ready to say what people do.
 * @throws Refusal `discord.token`; RemoteError where the connection breaks in the middle; the signal's reason.
 */
export async function logIn(client: Client, { token, wire, closing, log }: LoginOptions): Promise<void> {
  await untilItAnswers(wire, closing, log);
  const isReady = new Promise<void>((resolve) => client.once(Events.ClientReady, () => resolve()));
  try {
    await client.login(token);
  } catch (error) {
    throw loginTrouble(error);
  }
  await unlessAborted(isReady, closing);
}

const firstPauseMs = 1_000;
const maxPauseMs = 60_000;

/** discord.js logs in once, and a client whose login failed cannot be used again. @throws as `logIn`. */
async function untilItAnswers(wire: Wire, closing: AbortSignal, log: Log): Promise<void> {
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(maxPauseMs, 2 * pauseMs)) {
    try {
      await wire.call(RequestMethod.Get, Routes.gatewayBot(), {}, closing);
      return;
    } catch (error) {
      if (!(error instanceof DiscordTrouble) || isRefused(error)) throw loginTrouble(error);
      if (pauseMs === firstPauseMs) {
        log.warn({ platform: 'discord' }, 'Discord does not answer yet; it is asked again and again.');
      }
      await delay(error.retryAfterMs ?? pauseMs, undefined, { signal: closing });
    }
  }
}

function isRefused({ status }: DiscordTrouble): boolean {
  return status !== undefined && status < 500 && status !== 429;
}

function loginTrouble(error: unknown): Error {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'TokenInvalid' || (error instanceof Error && 'status' in error && error.status === 401)) {
    return new Refusal(
      'discord.token',
      'Discord does not accept `DISCORD_TOKEN`: copy it anew from https://discord.com/developers/applications (Bot, Reset Token).',
    );
  }
  return new RemoteError('discord', 'Discord could not be reached for the login.');
}
