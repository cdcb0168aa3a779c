/** Sets what somebody asked for, written or pressed: their own, or that of a community that they manage. */
import { Refusal } from '../src/errors.ts';
import { estimateCost } from '../src/painting/estimate.ts';
import { pictureWish } from '../src/painting/wish.ts';
import { changeOwnSetting, changeSettingHere } from '../src/people/change-settings.ts';
import {
  type Change,
  type CommunitySettings,
  communitySettingsOf,
  type PersonSettings,
} from '../src/people/settings.ts';
import { chatOf } from '../src/store/communities.ts';
import { type Asked, auditName } from './asked.ts';
import { unpackId } from './contract/press-id.ts';
import type { Here } from './settings-lists.ts';
import type { SettingEntry } from './settings-values.ts';

/** A community whose settings somebody changes: where they are, or, by its buttons, another that they manage. */
export interface Managed {
  readonly id: string;
  readonly settings: CommunitySettings;
  /** The platform's guild or chat id. */
  readonly chatId: string;
  /** Somebody's private chat. */
  readonly isPrivate: boolean;
  /** Where they are, if that is in there. */
  readonly here: Here;
}

/** The community where somebody is. */
export function managedHere({ community, scene }: Asked): Managed {
  const { id, settings } = community;
  return { id, settings, chatId: scene.communityId, isPrivate: scene.kind === 'private', here: scene };
}

/** The community that a button names; whether somebody may do anything there is another question. */
export async function placeNamed(asked: Asked, packed: string): Promise<Managed | undefined> {
  const { services, community, actor } = asked;
  const id = unpackId(packed);
  if (id === community.id) return managedHere(asked);
  const place = id === undefined ? undefined : await chatOf(services.store.db, id);
  if (id === undefined || place === undefined) return undefined;
  const { platformChatId: chatId } = place;
  const settings = await communitySettingsOf(services.store, id);
  return { id, settings, chatId, isPrivate: chatId === actor.userId, here: undefined };
}

/** @param text undefined takes it back. @throws Refusal where it is none of its values. */
export async function setOwn(
  { services, person, scene }: Asked,
  entry: SettingEntry<PersonSettings>,
  text: string | undefined,
): Promise<Change<PersonSettings>> {
  const { store, clock } = services;
  const by = { personId: person.id, actor: `person:${person.id}`, at: clock(), name: entry.name };
  return changeOwnSetting(store, by, (own) => entry.set(own, text, scene));
}

/** @param text undefined takes it back. @throws Refusal where it is none of its values, or may not be set there. */
export async function setHere(
  asked: Asked,
  managed: Managed,
  entry: SettingEntry<CommunitySettings>,
  text: string | undefined,
): Promise<Change<CommunitySettings>> {
  const { store, clock } = asked.services;
  const { id: communityId, settings, here } = managed;
  // What has to be asked of others is asked before: a transaction waits for nothing but the database.
  await checkAllowed(asked, managed, entry.name, entry.set(settings, text, here));
  const by = { communityId, actor: auditName(asked), at: clock(), name: entry.name };
  return changeSettingHere(store, by, (before) => entry.set(before, text, here), entry.trail);
}

async function checkAllowed(
  asked: Asked,
  managed: Managed,
  name: string,
  { strictness, moderators, size }: CommunitySettings,
): Promise<void> {
  const { card, moderation } = asked.services;
  if (name === 'strictness' && strictness === 'off' && !moderation.mayBeUnchecked) {
    throw new Refusal(
      'settings.strictness',
      'Whoever runs this bot wants every picture checked: use normal or strict.',
    );
  }
  if (name === 'moderators' && moderators !== undefined) await requireOwnRoom(asked, managed, moderators);
  // A size that the model cannot paint would refuse everybody's requests.
  if (name === 'size' && size !== undefined) {
    await estimateCost(pictureWish.parse({ prompt: '', photos: [], width: size, height: size, seed: 0 }), card);
  }
}

/** What moderators see must not be sent to strangers. @throws Refusal `settings.room` where somebody does not moderate there. */
async function requireOwnRoom({ chat }: Asked, { isPrivate, chatId }: Managed, room: string): Promise<void> {
  if (isPrivate) {
    throw new Refusal(
      'settings.private',
      'Moderators are for communities: in a private chat whoever runs this bot decides.',
    );
  }
  const [channelId = ''] = room.split('/');
  const there = await chat.communityOf(channelId);
  if (there === chatId) return;
  if (there !== undefined && (await chat.rightsIn(there)).mayModerate) return;
  throw new Refusal('settings.room', 'I do not know this channel, or you do not moderate there. Try "here" in it.');
}
