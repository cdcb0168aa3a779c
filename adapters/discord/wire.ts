/** Calls to Discord's REST interface: each ends with its signal, and what it refuses becomes a `DiscordTrouble`. */
import {
  DefaultRestOptions,
  DiscordAPIError,
  HTTPError,
  type REST,
  type RESTOptions,
  RateLimitError,
  type RequestMethod,
  type RequestData,
  type InternalRequest,
} from 'discord.js';
import { z } from 'zod';
import { RemoteError } from '../../src/errors.ts';

/**
 * Discord said no, or nothing. It keeps no cause: discord.js's errors hold the interaction's token and the message's text.
 * @property code of https://discord.com/developers/docs/topics/opcodes-and-status-codes#json; undefined where Discord
 * gave none (too many requests, a failing server, a cut connection).
 */
export class DiscordTrouble extends RemoteError {
  readonly code: number | undefined;

  constructor(message: string, options: { code?: number; status?: number; retryAfterMs?: number } = {}) {
    super('discord', message, options);
    this.code = options.code;
  }
}

export interface WireOptions {
  /** For calls with the bot's own token. */
  readonly rest: REST;
  /**
   * For calls with an interaction's token: the 50 a second that Discord grants a bot do not count these
   * (https://discord.com/developers/docs/interactions/receiving-and-responding#endpoints).
   */
  readonly interactions: REST;
  readonly token: string;
  /** Aborted when the adapter closes. */
  readonly closing: AbortSignal;
}

/** `isOnce`: asked for twice, it would be there twice. */
export type WireRequest = RequestData & { readonly isOnce?: boolean };

export interface Wire {
  /**
   * Asks once more where Discord fails or the connection is cut (discord.js does so for some of the ways only).
   * @throws DiscordTrouble; the signal's reason.
   */
  call(method: RequestMethod, route: `/${string}`, request: WireRequest, signal: AbortSignal): Promise<unknown>;
}

/**
 * Sends a form as the bytes that it is. undici 7.20 and later (Node's own, which serves every copy of undici in the
 * process) reads a form in a loop that nobody awaits: where a call is given up while its files go out, the loop's end is
 * a rejection that nobody hears, and Node ends the process (https://github.com/nodejs/undici/issues/5835 is the same loop).
 */
export const sendWhole: RESTOptions['makeRequest'] = async (url, init) => {
  if (!(init.body instanceof FormData)) return DefaultRestOptions.makeRequest(url, init);
  const form = new Response(init.body);
  const headers = { ...Object(init.headers), 'content-type': form.headers.get('content-type') ?? '' };
  return DefaultRestOptions.makeRequest(url, { ...init, headers, body: new Uint8Array(await form.arrayBuffer()) });
};

export function openWire({ rest, interactions, token, closing }: WireOptions): Wire {
  rest.setToken(token);
  const attempt = async (request: InternalRequest, stop: AbortSignal): Promise<unknown> => {
    stop.throwIfAborted();
    try {
      return await (request.auth === false ? interactions : rest).request({ ...request, signal: stop });
    } catch (error) {
      stop.throwIfAborted();
      const trouble = troubleOf(error);
      // After one 401 discord.js forgets the token, and nothing would get through until a restart.
      if (trouble.status === 401) rest.setToken(token);
      throw trouble;
    }
  };
  return {
    async call(method, fullRoute, { isOnce = false, ...data }, signal) {
      const stop = AbortSignal.any([signal, closing]);
      const request = { ...data, method, fullRoute };
      try {
        return await attempt(request, stop);
      } catch (error) {
        if (isOnce || !(error instanceof DiscordTrouble) || !mayHavePassed(error)) throw error;
        return attempt(request, stop);
      }
    },
  };
}

function mayHavePassed({ status }: DiscordTrouble): boolean {
  return status === undefined || status >= 500;
}

/** Of a message, a channel, an application. */
export const identified = z.object({ id: z.string() });

function troubleOf(error: unknown): DiscordTrouble {
  if (error instanceof RateLimitError) {
    return new DiscordTrouble('Discord asks for a pause.', { status: 429, retryAfterMs: error.retryAfter });
  }
  if (error instanceof DiscordAPIError) {
    const { status, rawError } = error;
    const said = 'message' in rawError ? rawError.message : rawError.error;
    const code = typeof error.code === 'number' ? { code: error.code } : {};
    return new DiscordTrouble(`Discord refused: ${error.code} ${said}`, { status, ...code });
  }
  if (error instanceof HTTPError) {
    return new DiscordTrouble(`Discord answered ${error.status}.`, { status: error.status });
  }
  const name = error instanceof Error ? error.name : 'unknown';
  return new DiscordTrouble(`Discord could not be reached (${name}).`);
}
