/** Who somebody is and where: platforms' ids become ours. */
import { randomUUID } from 'node:crypto';
import { ensureCommunity } from '../store/communities.ts';
import { ensurePerson, type Identity, personByIdentity } from '../store/people.ts';
import { attachSanctions } from '../store/sanctions.ts';
import type { Store } from '../store/store.ts';
import type { Tx } from '../store/tables.ts';
import { accountHashes } from './account-hash.ts';
import { communityOfChat } from './move-chat.ts';

/** As a platform names a person and the guild or chat that they are in. */
export interface Whereabouts {
  readonly platform: string;
  readonly platformUserId: string;
  readonly platformChatId: string;
}

export interface Settled {
  readonly personId: string;
  readonly communityId: string;
}

/** The person and the community; whoever and whatever is seen for the first time gets an id. @param at Unix ms. */
export async function settle(store: Store, where: Whereabouts, at: number): Promise<Settled> {
  const personId = await personByIdentity(store.db, where);
  const communityId = await communityOfChat(store, where);
  if (personId !== undefined && communityId !== undefined) return { personId, communityId };
  const [hash] = await accountHashes(store, [where]);
  return store.quickTransaction(async (tx) => ({
    personId: await settlePerson(tx, where, hash, at),
    communityId: communityId ?? (await ensureCommunity(tx, { ...where, newCommunityId: randomUUID(), at })),
  }));
}

/** The person of an account, who may never have been seen. @param at Unix ms. */
export async function personOfAccount(store: Store, account: Identity, at: number): Promise<string> {
  const known = await personByIdentity(store.db, account);
  if (known !== undefined) return known;
  const [hash] = await accountHashes(store, [account]);
  return store.transaction(async (tx) => settlePerson(tx, account, hash, at));
}

async function settlePerson(tx: Tx, account: Identity, hash: string | undefined, at: number): Promise<string> {
  const newPersonId = randomUUID();
  const { platform, platformUserId } = account;
  const personId = await ensurePerson(tx, { platform, platformUserId, newPersonId, at });
  // Whoever was forgotten and comes back is under the same sanctions as before.
  if (personId === newPersonId && hash !== undefined) await attachSanctions(tx, hash, newPersonId);
  return personId;
}
