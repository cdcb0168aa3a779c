/** Chats that their platform gave another id: a Telegram group that became a supergroup. */
import type { Address } from '../jobs/adapter.ts';
import { type Chat, communityByChat, moveChat } from '../store/communities.ts';
import { moveDeliveryAddress } from '../store/deliveries.ts';
import { moveJobAddress } from '../store/jobs.ts';
import type { Store } from '../store/store.ts';
import { changeCommunitySettings, type CommunitySettings } from './settings.ts';

/** New ids by old ones: old messages still say the old one. */
const movesOf = (store: Store, platform: string) => store.keyv<string>(`moved-chats:${platform}`);

/**
 * From now on the community is found under its chat's new id, with its jobs, weight and settings; under the old id as
 * well. May be told more than once.
 */
export async function moveCommunity(store: Store, from: Chat, newChatId: string): Promise<void> {
  const { platform, platformChatId } = from;
  await store.transaction(async (tx) => {
    await moveChat(tx, from, newChatId);
    const communityId = await communityByChat(tx, { platform, platformChatId: newChatId });
    if (communityId === undefined) return;
    await changeCommunitySettings(tx, communityId, (here) => ({ ...here, ...moved(here, platformChatId, newChatId) }));
  });
  await movesOf(store, platform).set(platformChatId, newChatId);
}

/** What names the chat in its settings. Its old messages, with their buttons, are still in the old one. */
function moved(
  { channels, moderators }: CommunitySettings,
  oldChatId: string,
  newChatId: string,
): Partial<CommunitySettings> {
  const [room, ...topic] = moderators?.split('/') ?? [];
  return {
    channels: channels.includes(oldChatId) ? [...new Set([...channels, newChatId])] : channels,
    moderators: room === oldChatId ? [newChatId, ...topic].join('/') : moderators,
  };
}

/** A job's message stands at `to` from now on: what is still to be said is said there. */
export async function moveMessage(store: Store, from: Address, to: Address): Promise<void> {
  await store.transaction(async (tx) => {
    await moveJobAddress(tx, from, to);
    await moveDeliveryAddress(tx, from, to);
  });
}

/** The community that a chat is, also by an id that it had before; undefined where it is not known. */
export async function communityOfChat(store: Store, chat: Chat): Promise<string | undefined> {
  const known = await communityByChat(store.db, chat);
  if (known !== undefined) return known;
  const platformChatId = await movesOf(store, chat.platform).get(chat.platformChatId);
  return platformChatId === undefined ? undefined : communityByChat(store.db, { ...chat, platformChatId });
}
