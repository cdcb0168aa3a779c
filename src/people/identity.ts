/** Who somebody is and where: platforms' ids become ours. */
import { randomUUID } from 'node:crypto';
import { ensureCommunity } from '../store/communities.ts';
import { accountOf, ensurePerson, type Identity, personByIdentity, setLocale } from '../store/people.ts';
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
  /** Of the person's client, where the platform says so here: it does not with everything that people do. */
  readonly locale?: string | undefined;
}

/** @property locale of the person's client, now or when it was heard of last. */
export interface Settled {
  readonly personId: string;
  readonly communityId: string;
  readonly locale: string | undefined;
}

/** The person and the community; whoever and whatever is seen for the first time gets an id. @param at Unix ms. */
export async function settle(store: Store, where: Whereabouts, at: number): Promise<Settled> {
  const account = await accountOf(store.db, where);
  const communityId = await communityOfChat(store, where);
  const locale = where.locale ?? account?.locale ?? undefined;
  if (account !== undefined && locale !== undefined && locale !== account.locale) {
    await setLocale(store.db, where, locale);
  }
  if (account !== undefined && communityId !== undefined) return { personId: account.personId, communityId, locale };
  const [hash] = await accountHashes(store, [where]);
  return store.quickTransaction(async (tx) => ({
    personId: await settlePerson(tx, where, hash, at),
    communityId: communityId ?? (await ensureCommunity(tx, { ...where, newCommunityId: randomUUID(), at })),
    locale,
  }));
}

/** The person of an account, who may never have been seen. @param at Unix ms. */
export async function personOfAccount(store: Store, account: Identity, at: number): Promise<string> {
  const known = await personByIdentity(store.db, account);
  if (known !== undefined) return known;
  const [hash] = await accountHashes(store, [account]);
  return store.transaction(async (tx) => settlePerson(tx, account, hash, at));
}

async function settlePerson(
  tx: Tx,
  { platform, platformUserId, locale }: Identity & Pick<Whereabouts, 'locale'>,
  hash: string | undefined,
  at: number,
): Promise<string> {
  const newPersonId = randomUUID();
  const personId = await ensurePerson(tx, { platform, platformUserId, newPersonId, at, locale: locale ?? null });
  // Whoever was forgotten and comes back is under the same sanctions as before.
  if (personId === newPersonId && hash !== undefined) await attachSanctions(tx, hash, newPersonId);
  return personId;
}
