/** Communities and people as somebody at a terminal names them. */
import { Refusal } from '../errors.ts';
import { personOfAccount } from '../people/identity.ts';
import { chatOf } from '../store/communities.ts';
import { type Identity, personByIdentity } from '../store/people.ts';
import type { Store } from '../store/store.ts';

/** @throws Refusal where there is none of this id. */
export async function checkCommunity(store: Store, id: string): Promise<void> {
  if ((await chatOf(store.db, id)) !== undefined) return;
  throw new Refusal('community.unknown', `There is no community ${id}; \`cowbot queue\` shows them.`);
}

/** @param account `discord:ID`, `telegram:ID`. @throws Refusal where it is not of that form. */
function identityOf(account: string): Identity {
  const [, platform, platformUserId] = /^(discord|telegram):(\d+)$/.exec(account) ?? [];
  if (platform !== undefined && platformUserId !== undefined) return { platform, platformUserId };
  throw new Refusal('person.account', `Expected discord:ID or telegram:ID for a person, got "${account}".`);
}

/** @returns undefined where that account has not been seen. @throws Refusal where it is of no such form. */
export async function findPerson(store: Store, account: string): Promise<string | undefined> {
  return personByIdentity(store.db, identityOf(account));
}

/** The person of an account; one that has not been seen yet becomes a person. @throws as `findPerson`. */
export async function personOf(store: Store, account: string, at: number): Promise<string> {
  return personOfAccount(store, identityOf(account), at);
}
