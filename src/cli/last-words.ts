import type { Log } from '../log.ts';

/**
 * What nobody caught ends the process: whatever it left half-done the next start finds in the database. Node itself would
 * print the error with all that hangs on it, which can be a token or what somebody wrote; here it is said in a line of the log.
 */
export function sayLastWords(log: Log): void {
  process.on('uncaughtException', (thrown: unknown, origin) => {
    log.fatal({ origin, err: thrown }, 'Something failed that nobody expected; the next start goes on from here.');
    process.exit(1);
  });
}
