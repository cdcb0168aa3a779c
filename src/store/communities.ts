import type { Handle, Tx } from './tables.ts';

/** A guild, group or private chat, by the platform's own id. */
export interface Chat {
  readonly platform: string;
  readonly platformChatId: string;
}

/**
 * The community that a chat is; one that is seen for the first time becomes the community `newCommunityId`.
 * @returns the community's id.
 */
export async function ensureCommunity(
  tx: Tx,
  { platform, platformChatId, newCommunityId, at }: Chat & { readonly newCommunityId: string; readonly at: number },
): Promise<string> {
  const known = await communityByChat(tx, { platform, platformChatId });
  if (known !== undefined) return known;
  await tx
    .insertInto('communities')
    .values({ id: newCommunityId, platform, platformChatId, createdAt: at })
    .onConflict((conflict) => conflict.columns(['platform', 'platformChatId']).doNothing())
    .execute();
  const { id } = await tx
    .selectFrom('communities')
    .select('id')
    .where('platform', '=', platform)
    .where('platformChatId', '=', platformChatId)
    .executeTakeFirstOrThrow();
  return id;
}

export async function communityByChat(db: Handle, chat: Chat): Promise<string | undefined> {
  const row = await db
    .selectFrom('communities')
    .select('id')
    .where('platform', '=', chat.platform)
    .where('platformChatId', '=', chat.platformChatId)
    .executeTakeFirst();
  return row?.id;
}

/** The chat that a community is, for its name in lists. */
export async function chatOf(db: Handle, communityId: string): Promise<Chat | undefined> {
  return db
    .selectFrom('communities')
    .select(['platform', 'platformChatId'])
    .where('id', '=', communityId)
    .executeTakeFirst();
}

/**
 * A chat that its platform gave another id (a Telegram group that became a supergroup) stays the same community.
 * @returns false where there is no such chat, or one with the new id is known already.
 */
export async function moveChat(tx: Tx, from: Chat, platformChatId: string): Promise<boolean> {
  if ((await communityByChat(tx, { platform: from.platform, platformChatId })) !== undefined) return false;
  const { numUpdatedRows } = await tx
    .updateTable('communities')
    .set({ platformChatId })
    .where('platform', '=', from.platform)
    .where('platformChatId', '=', from.platformChatId)
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}

/**
 * Somebody's private chats with the bot are communities under the person's own id: they lose it, and what refers to them
 * (an old audit row) refers to a number. Returns how many.
 */
export async function eraseChatsOf(
  tx: Tx,
  identities: readonly { readonly platform: string; readonly platformUserId: string }[],
): Promise<number> {
  let erased = 0;
  for (const { platform, platformUserId } of identities) {
    const id = await communityByChat(tx, { platform, platformChatId: platformUserId });
    if (id === undefined) continue;
    await tx
      .updateTable('communities')
      .set({ platformChatId: `forgotten:${id}` })
      .where('id', '=', id)
      .execute();
    await tx.deleteFrom('keyv').where('namespace', '=', 'settings:community').where('key', '=', id).execute();
    erased += 1;
  }
  return erased;
}
