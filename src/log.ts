/** The log: one JSON object a line on stderr, with what could be a secret taken out of every text. */
import pino, { type Logger } from 'pino';
import { z } from 'zod';

export type Log = Logger;

/**
 * grammY's HTTP errors hold the bot's token in their URL and discord.js's the interaction's (both tried): whatever looks
 * like either is replaced, wherever in a line it stands.
 */
export function redact(line: string): string {
  return line
    .replaceAll(/bot\d+:[\w-]+/g, 'bot[redacted]')
    .replaceAll(/(webhooks|interactions)\/(\d+)\/[^/"\s\\]+/g, '$1/$2/[redacted]');
}

/** @param write takes one line; stderr where absent, for stdout belongs to results. */
export function createLog(level: string, write: (line: string) => void = (line) => process.stderr.write(line)): Log {
  return pino(
    { level, base: null, timestamp: pino.stdTimeFunctions.isoTime, serializers: { err: bare } },
    { write: (line) => write(redact(line)) },
  );
}

/** What happened and where, with its causes. What else hangs on an error may be a request with somebody's words. */
function bare(error: unknown): { readonly type?: string; readonly message: string; readonly stack?: string } {
  if (!(error instanceof Error)) return { message: String(error) };
  const { type, message, stack } = pino.stdSerializers.err(error);
  return { type, message, stack };
}

const logged = z.looseObject({
  level: z.int(),
  time: z.iso.datetime(),
  msg: z.string().default(''),
  err: z.looseObject({ message: z.string().default(''), stack: z.string().default('') }).optional(),
});

/**
 * A line of the log as people read it on a terminal: time of day, level where it is no news, what happened, and the rest.
 * @param line as `createLog` writes it.
 */
export function readable(line: string): string {
  const { level, time, msg, err, ...rest } = logged.parse(JSON.parse(line));
  const name = level > pino.levels.values['info'] ? `${pino.levels.labels[level]?.toUpperCase() ?? level}: ` : '';
  const facts = Object.entries(rest).map(
    ([key, value]) => `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
  );
  const parts = [new Date(time).toTimeString().slice(0, 8), `${name}${msg}`, ...facts];
  return `${[parts.join(' '), ...(err === undefined ? [] : [err.stack === '' ? err.message : err.stack])].join('\n  ')}\n`;
}
