/** What somebody has to agree to before the first picture. */
import { appendAudit } from '../store/audit.ts';
import { consentOf, insertConsent } from '../store/consents.ts';
import type { Store } from '../store/store.ts';

/** Of the terms, `consent.terms` in the catalogues: whoever agreed to an earlier version is asked again. */
export const termsVersion = 1;

export async function hasConsented(store: Store, personId: string): Promise<boolean> {
  const consent = await consentOf(store.db, personId);
  return consent !== undefined && consent.version >= termsVersion;
}

/** @param at Unix ms. @returns false where they had agreed already. */
export async function giveConsent(store: Store, personId: string, at: number): Promise<boolean> {
  return store.transaction(async (tx) => {
    if (!(await insertConsent(tx, { personId, version: termsVersion, at }))) return false;
    const subject = `person:${personId}`;
    const detail = { version: termsVersion };
    await appendAudit(tx, { at, actor: subject, action: 'consent.given', subject, reason: 'asked', detail });
    return true;
  });
}
