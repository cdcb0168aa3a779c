/** What can be said about a case, and about which. */
import { Refusal } from '../errors.ts';
import type { Case } from '../store/cases.ts';
import type { CaseDecision } from '../store/tables.ts';
import { readRemains } from './remains.ts';
import type { SuspensionDays } from './rules.ts';

/**
 * `everywhere`: the sanction holds in all communities; only who runs the bot may say so. `expired`: nobody looked in
 * time. `withdrawn`: there is nothing to look at any more.
 */
export type Ruling =
  | { readonly decision: 'approve' | 'remove' | 'warn' | 'deny' | 'expired' | 'withdrawn' }
  | { readonly decision: 'suspend'; readonly days: SuspensionDays; readonly everywhere?: boolean }
  | { readonly decision: 'ban'; readonly everywhere?: boolean };

/** Whether it takes the picture away. */
export function removes(decision: CaseDecision): boolean {
  switch (decision) {
    case 'remove':
    case 'warn':
    case 'suspend':
    case 'ban':
    case 'expired':
      return true;
    case 'approve':
    case 'deny':
    case 'withdrawn':
      return false;
  }
}

/** @throws Refusal `case.kind` where a case is not of a kind that this decides. */
export function checkFits({ kind }: Pick<Case, 'kind'>, { decision }: Ruling): void {
  const isAppeal = kind === 'appeal';
  const fits = isAppeal ? ['approve', 'deny', 'withdrawn'].includes(decision) : decision !== 'deny';
  if (!fits) throw notAboutThat();
}

export function notAboutThat(): Refusal {
  return new Refusal('case.kind', 'That is not what this case is about.');
}

/** What comes of a case that nobody has decided in time. */
export function overdueRuling({ remains }: Pick<Case, 'remains'>): Ruling {
  return { decision: remains === null ? 'expired' : readRemains(remains).overdue };
}
