/** The log: one JSON object a line on stderr, with what could be a secret taken out of every text. */
import pino, { type Logger } from 'pino';

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
    { level, base: null, timestamp: pino.stdTimeFunctions.isoTime },
    { write: (line) => write(redact(line)) },
  );
}
