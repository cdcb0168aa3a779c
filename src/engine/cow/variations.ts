/**
 * Ways to go on from a finished picture, as parameters of the same loop.
 *
 * `balance` is the paper's sliding scale between text and photo: it moves with how often and how late the kept region is
 * overwritten. At 5 the whole of every cell at the region's edge is kept as well: nothing of the subject is given up, at
 * the price of a rim of the photo's background. `subtle` and `strong` restart the cycle from the old picture's latents.
 */
import { Refusal, shown } from '../../errors.ts';
import type { CowParameterWishes } from './parameters.ts';

/** 1 = let the text change it … 3 = the paper's … 5 = do not touch it. */
export type Balance = 1 | 2 | 3 | 4 | 5;

const balances: Readonly<Record<Balance, CowParameterWishes>> = {
  1: { overwrite: 'back' },
  2: { overwrite: 'cycle' },
  3: { overwrite: 'all', preserve: 0.4, preserveTo: 0.4 },
  4: { overwrite: 'all', preserve: 0.4, preserveTo: 0.2 },
  5: { overwrite: 'all', preserve: 0.4, preserveTo: 0, keepCells: 'touched' },
};

/** @throws Refusal for anything but a whole number from 1 to 5. */
export function parametersOfBalance(balance: number): CowParameterWishes {
  if (balance === 1 || balance === 2 || balance === 3 || balance === 4 || balance === 5) return balances[balance];
  throw new Refusal(
    'parameters.balance',
    `Expected a whole number from 1 (let the text change the photo) to 5 (do not touch it) for \`balance\`, got ${shown(balance)}.`,
  );
}

/** A restart from finished latents: how far up they are disturbed, as a fraction of N, and how many cycles follow. */
export interface Restart {
  readonly level: number;
  readonly cycles: number;
}

export type RestartStrength = 'subtle' | 'strong';

export const restarts: Readonly<Record<RestartStrength, Restart>> = {
  subtle: { level: 0.4, cycles: 1 },
  strong: { level: 0.7, cycles: 1 },
};
