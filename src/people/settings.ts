/** What people prefer and communities allow. */
import { z } from 'zod';
import { keepWishes } from '../photo/keep.ts';
import type { Store } from '../store/store.ts';

const balance = z.number().int().min(1).max(5);

const personSettings = z.object({
  language: z.string().optional(),
  balance: balance.optional(),
  keep: z.enum(keepWishes).optional(),
  /** Pictures a request. */
  count: z.number().int().min(1).max(4).optional(),
  /** Whether the picture is shown while it is painted, where the community has nothing against it. */
  hasPreviews: z.boolean().optional(),
});

const communitySettings = z.object({
  language: z.string().optional(),
  balance: balance.optional(),
  preset: z.string().optional(),
  /** Side of the canvas, pixels. */
  size: z.number().int().optional(),
  /** Pictures a request, at most. */
  maxCount: z.number().int().min(1).max(4).optional(),
  /** Requests of one person that may wait here. */
  maxWaiting: z.number().int().min(1).max(1000).optional(),
  /** Channels or topics, by the platform's ids; empty: all. */
  channels: z.array(z.string()).default([]),
  /** Who may ask for pictures. */
  who: z.enum(['member', 'moderator', 'manager']).default('member'),
  /** Who may go on from a picture that is shown here: only who asked for it, or everybody. */
  share: z.enum(['owner', 'everyone']).default('owner'),
  isSpoiler: z.boolean().default(false),
  /** Whether pictures are shown while they are painted; left out: in private chats only. */
  hasPreviews: z.boolean().optional(),
  /** Who sees a result first: everybody, everybody once a moderator has looked, or only who asked, who may share it. */
  showing: z.enum(['at-once', 'after-review', 'asker']).default('at-once'),
  strictness: z.enum(['off', 'normal', 'strict']).default('normal'),
  /** Words that are not painted here, or not without a moderator's look. */
  words: z.array(z.object({ pattern: z.string(), action: z.enum(['hold', 'refuse']) })).default([]),
  /** So many different people's reports hide a picture until a moderator has looked. */
  hideAfter: z.number().int().min(1).max(100).default(3),
  /** Who moderates beside those whom the platform names: roles or people, by the platform's ids. */
  moderatorRoles: z.array(z.string()).default([]),
  /** The channel or chat that gets the moderators' cards; with a slash and the thread or topic in it. */
  moderators: z.string().optional(),
});

export type PersonSettings = Readonly<z.infer<typeof personSettings>>;
export type CommunitySettings = Readonly<z.infer<typeof communitySettings>>;

const peopleOf = (store: Store) => store.keyv<unknown>('settings:person');
const communitiesOf = (store: Store) => store.keyv<unknown>('settings:community');

/** Settings that a later version no longer reads count as not set. */
export async function personSettingsOf(store: Store, personId: string): Promise<PersonSettings> {
  return personSettings.safeParse(await peopleOf(store).get(personId)).data ?? {};
}

export async function communitySettingsOf(store: Store, communityId: string): Promise<CommunitySettings> {
  const parsed = communitySettings.safeParse((await communitiesOf(store).get(communityId)) ?? {});
  return parsed.data ?? communitySettings.parse({});
}

/** @throws where a value is out of its range; callers check what people typed before. */
export async function setPersonSettings(store: Store, personId: string, settings: PersonSettings): Promise<void> {
  await peopleOf(store).set(personId, personSettings.parse(settings));
}

/** @throws where a value is out of its range; callers check what people typed before. */
export async function setCommunitySettings(
  store: Store,
  communityId: string,
  settings: CommunitySettings,
): Promise<void> {
  await communitiesOf(store).set(communityId, communitySettings.parse(settings));
}

export async function forgetPersonSettings(store: Store, personId: string): Promise<void> {
  await peopleOf(store).delete(personId);
}
