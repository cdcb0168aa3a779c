import { Refusal } from '../../src/errors.ts';

/** @returns the refusal that `work` throws. @throws Error where it throws something else or nothing. */
export function refusalOf(work: () => unknown): Refusal {
  try {
    work();
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
  throw new Error('Expected a refusal, and nothing was thrown.');
}

/** The same for work that takes its time. */
export async function laterRefusalOf(work: Promise<unknown>): Promise<Refusal> {
  try {
    await work;
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
  throw new Error('Expected a refusal, and nothing was thrown.');
}
