/** Chats that their platform gave another id: a Telegram group that became a supergroup. */
import type { Address } from '../jobs/adapter.ts';
import { type Chat, communityByChat, moveChat } from '../store/communities.ts';
import { moveDeliveryAddress } from '../store/deliveries.ts';
import { moveJobAddress } from '../store/jobs.ts';
import type { Store } from '../store/store.ts';
import { communitySettingsOf, setCommunitySettings } from './settings.ts';

/** New ids by old ones: old messages still say the old one. */
const movesOf = (store: Store, platform: string) => store.keyv<string>(`moved-chats:${platform}`);

/**
 * From now on the community is found under its chat's new id, with its jobs, weight and settings; under the old id as
 * well. May be told more than once.
 */
export async function moveCommunity(store: Store, from: Chat, newChatId: string): Promise<void> {
  const { platform, platformChatId } = from;
  await store.transaction((tx) => moveChat(tx, from, newChatId));
  await movesOf(store, platform).set(platformChatId, newChatId);
  const communityId = await communityByChat(store.db, { platform, platformChatId: newChatId });
  if (communityId === undefined) return;
  const settings = await communitySettingsOf(store, communityId);
  // Its old messages, with their buttons, are still in the old one.
  const isListed = settings.channels.includes(platformChatId);
  const channels = isListed ? [...new Set([...settings.channels, newChatId])] : settings.channels;
  const [room, ...topic] = settings.moderators?.split('/') ?? [];
  const moderators = room === platformChatId ? [newChatId, ...topic].join('/') : settings.moderators;
  if (!isListed && moderators === settings.moderators) return;
  await setCommunitySettings(store, communityId, { ...settings, channels, moderators });
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
