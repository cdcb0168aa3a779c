import { Fault, Refusal, RemoteError } from '../errors.ts';

/**
 * Tells the person at the terminal what went wrong: a refusal as its sentence, a fault with its causes.
 * @returns the exit status: 2 where the command was used wrongly, 1 where it failed.
 */
export function reportFailure(error: unknown): 1 | 2 {
  if (error instanceof Refusal) {
    console.error(error.message);
    return 2;
  }
  if (error instanceof Fault || error instanceof RemoteError)
    console.error([error.message, ...causesOf(error)].join('\n  because: '));
  else console.error(error);
  return 1;
}

function causesOf(error: Error): string[] {
  const causes: string[] = [];
  for (let cause = error.cause; cause instanceof Error; cause = cause.cause) causes.push(cause.message);
  return causes;
}
