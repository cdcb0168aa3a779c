/** One person on two platforms: a code shown on one and entered on the other. */
import { randomInt } from 'node:crypto';
import { Refusal } from '../errors.ts';
import { moveWeights } from '../jobs/weights.ts';
import { appendAudit } from '../store/audit.ts';
import { countJobs } from '../store/jobs.ts';
import { mergePeople } from '../store/people.ts';
import type { Store } from '../store/store.ts';
import { forgetPersonSettings } from './settings.ts';

/** How long a code can be entered. */
export const linkCodeTtlMs = 10 * 60_000;

/** Letters and digits that nobody takes for one another. */
const alphabet = '23456789ABCDEFGHJKMNPQRSTVWXYZ';
const codeLength = 8;
/** Wrong codes of one person before they have to wait: with 30^8 codes nobody finds one by trying. */
const maxTries = 5;

const codesOf = (store: Store) => store.keyv<string>('link:codes', linkCodeTtlMs);
const triesOf = (store: Store) => store.keyv<number>('link:tries', linkCodeTtlMs);

/** A code for this person, good once. */
export async function newLinkCode(store: Store, personId: string): Promise<string> {
  const letters = Array.from({ length: codeLength }, () => alphabet[randomInt(alphabet.length)]);
  const code = letters.join('');
  await codesOf(store).set(code, personId);
  return code;
}

/**
 * Makes the person who enters a code one with the person who was shown it: from now on they have one share of the queue,
 * and the settings of the first.
 * @throws Refusal where the code is wrong or old, is the person's own, or pictures are under way: the queue counts these
 * under two names.
 */
export async function linkByCode(
  store: Store,
  { personId, code, at }: { readonly personId: string; readonly code: string; readonly at: number },
): Promise<void> {
  const tries = (await triesOf(store).get(personId)) ?? 0;
  if (tries >= maxTries) throw new Refusal('link.tries', 'Too many wrong codes; try again in ten minutes.');
  const given = code.toUpperCase().replaceAll(/[^\dA-Z]/g, '');
  const into = await codesOf(store).get(given);
  if (into === undefined) {
    await triesOf(store).set(personId, tries + 1);
    throw new Refusal('link.code', 'This code is wrong or too old. Send /link on the other side for a new one.');
  }
  if (into === personId) {
    throw new Refusal('link.self', 'This is the code of this very account: enter it in the other app.');
  }
  const states = ['queued', 'running', 'checking'] as const;
  if ((await countJobs(store.db, { personId, states })) > 0) {
    throw new Refusal('link.busy', 'Your pictures are still being made; link when they are done.');
  }
  await codesOf(store).delete(given);
  await store.transaction(async (tx) => {
    await mergePeople(tx, { from: personId, into });
    await moveWeights(tx, { from: personId, into });
    const subject = `person:${into}`;
    await appendAudit(tx, { at, actor: subject, action: 'person.linked', subject, reason: 'code', detail: {} });
  });
  await forgetPersonSettings(store, personId);
}
