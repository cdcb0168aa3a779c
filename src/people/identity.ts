/** Who somebody is and where: platforms' ids become ours. */
import { randomUUID } from 'node:crypto';
import { ensureCommunity } from '../store/communities.ts';
import { ensurePerson, personByIdentity } from '../store/people.ts';
import { attachSanctions } from '../store/sanctions.ts';
import type { Store } from '../store/store.ts';
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
  return store.quickTransaction(async (tx) => {
    const newPersonId = randomUUID();
    const settled = {
      personId: await ensurePerson(tx, { ...where, newPersonId, at }),
      communityId: communityId ?? (await ensureCommunity(tx, { ...where, newCommunityId: randomUUID(), at })),
    };
    // Whoever was forgotten and comes back is under the same sanctions as before.
    if (settled.personId === newPersonId && hash !== undefined) await attachSanctions(tx, hash, newPersonId);
    return settled;
  });
}
