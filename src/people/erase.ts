/**
 * What is erased of a person besides their requests. A table that holds something about people gets its step here: it runs
 * in one transaction with the others, while the accounts are still known, and once more at the end for what came in between.
 */
import { eraseActsOf } from '../store/acts.ts';
import { deleteAppeals, dropRemains } from '../store/cases.ts';
import { eraseChatsOf } from '../store/communities.ts';
import { insertRemoval } from '../store/forgettings.ts';
import { cardsAbout, deleteNotice } from '../store/notices.ts';
import type { Identity } from '../store/people.ts';
import { deleteIdentities } from '../store/people.ts';
import { detachSanctions } from '../store/sanctions.ts';
import { eraseValues } from '../store/settings.ts';
import type { Tx } from '../store/tables.ts';
import { forgetUsageOf } from '../store/usage.ts';

export interface Subject {
  readonly personId: string;
  readonly identities: readonly Identity[];
  /** As `accountHashes` makes them of these. */
  readonly accountHashes: readonly string[];
  /** Unix ms. */
  readonly at: number;
}

export interface EraseStep {
  /** Names the count: in the proof that the person gets, and in the audit trail. */
  readonly kind: string;
  /** May be repeated. @returns how many rows are gone. */
  readonly erase: (tx: Tx, subject: Subject) => Promise<number>;
}

export const eraseSteps: readonly EraseStep[] = [
  // A ban outlives the person, under hashes of their accounts: nobody gets out of one by being forgotten.
  { kind: 'sanctions', erase: async (tx, subject) => detachSanctions(tx, subject) },
  { kind: 'reports', erase: async (tx, { personId }) => deleted(tx, 'reports', personId) },
  { kind: 'appeals', erase: async (tx, { personId }) => deleteAppeals(tx, personId) },
  { kind: 'remains', erase: async (tx, { personId }) => dropRemains(tx, personId) },
  { kind: 'cards', erase: async (tx, subject) => takeCards(tx, subject) },
  { kind: 'notices', erase: async (tx, { personId }) => deleted(tx, 'notices', personId) },
  { kind: 'consents', erase: async (tx, { personId }) => deleted(tx, 'consents', personId) },
  { kind: 'usage', erase: async (tx, { personId }) => forgetUsageOf(tx, personId) },
  { kind: 'privateChats', erase: async (tx, { identities }) => eraseChatsOf(tx, identities) },
  { kind: 'values', erase: async (tx, subject) => eraseValues(tx, subject) },
  { kind: 'acts', erase: async (tx, { identities }) => eraseActsOf(tx, identities) },
  { kind: 'accounts', erase: async (tx, { personId }) => deleteIdentities(tx, personId) },
];

/** What moderators were shown of the person's pictures is taken away with these. */
async function takeCards(tx: Tx, { personId, at }: Subject): Promise<number> {
  const cards = await cardsAbout(tx, personId);
  for (const { id, platform, receipt } of cards) {
    if (receipt !== null) await insertRemoval(tx, { platform, address: receipt, createdAt: at });
    await deleteNotice(tx, id);
  }
  return cards.length;
}

async function deleted(tx: Tx, table: 'consents' | 'reports' | 'notices', personId: string): Promise<number> {
  return Number((await tx.deleteFrom(table).where('personId', '=', personId).executeTakeFirst()).numDeletedRows);
}
