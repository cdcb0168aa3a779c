/** Whether Discord hears the bot: the login, and what becomes of the connection. */
import { type Client, Events, Status } from 'discord.js';
import { unlessAborted } from '../../src/abort.ts';
import { Refusal, RemoteError } from '../../src/errors.ts';
import type { Connection } from '../../src/jobs/adapter.ts';
import type { Log } from '../../src/log.ts';

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

/**
 * Logs in, and ends when Discord is ready to say what people do.
 * @throws Refusal `discord.token`; RemoteError where Discord cannot be reached; the signal's reason.
 */
export async function logIn(client: Client, token: string, closing: AbortSignal): Promise<void> {
  const isReady = new Promise<void>((resolve) => client.once(Events.ClientReady, () => resolve()));
  try {
    await client.login(token);
  } catch (error) {
    throw loginTrouble(error);
  }
  await unlessAborted(isReady, closing);
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
