/** What people prefer and communities allow. */
import { z } from 'zod';
import { keepWishes } from '../photo/keep.ts';
import { changeValue } from '../store/settings.ts';
import type { Store } from '../store/store.ts';
import type { Tx } from '../store/tables.ts';

const balance = z.number().int().min(1).max(5);

/** How far the share of somebody may be set apart from the 1 that the others in their community have. */
export const personWeights = { least: 0.25, most: 4 } as const;

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
  /** What share of the engines roles and kinds of members have here, against the 1 of everybody else; the first is a role's id or one of `memberKinds`. */
  weights: z.record(z.string(), z.number().min(personWeights.least).max(personWeights.most)).default({}),
  /** The channel or chat that gets the moderators' cards; with a slash and the thread or topic in it. */
  moderators: z.string().optional(),
});

export type PersonSettings = Readonly<z.infer<typeof personSettings>>;
export type CommunitySettings = Readonly<z.infer<typeof communitySettings>>;

const people = { namespace: 'settings:person', schema: personSettings } as const;
const communities = { namespace: 'settings:community', schema: communitySettings } as const;

/** Settings that a later version no longer reads count as not set. */
export async function personSettingsOf(store: Store, personId: string): Promise<PersonSettings> {
  return readAs(personSettings, await store.keyv<unknown>(people.namespace).get(personId));
}

export async function communitySettingsOf(store: Store, communityId: string): Promise<CommunitySettings> {
  return readAs(communitySettings, await store.keyv<unknown>(communities.namespace).get(communityId));
}

/** What was set before and is now. */
export interface Change<Settings> {
  readonly before: Settings;
  readonly after: Settings;
}

/**
 * Nothing that somebody else sets at the same moment is lost.
 * @param change gets what is set.
 * @throws where a value is out of its range; callers check what people typed before.
 */
export async function changePersonSettings(
  tx: Tx,
  personId: string,
  change: (before: PersonSettings) => PersonSettings,
): Promise<Change<PersonSettings>> {
  return changed(tx, people, personId, change);
}

/** @throws as `changePersonSettings`. */
export async function changeCommunitySettings(
  tx: Tx,
  communityId: string,
  change: (before: CommunitySettings) => CommunitySettings,
): Promise<Change<CommunitySettings>> {
  return changed(tx, communities, communityId, change);
}

async function changed<Settings>(
  tx: Tx,
  { namespace, schema }: { readonly namespace: string; readonly schema: z.ZodType<Settings> },
  key: string,
  change: (before: Settings) => Settings,
): Promise<Change<Settings>> {
  const { before, after } = await changeValue<unknown>(tx, { namespace, key }, (stored) =>
    schema.parse(change(readAs(schema, stored))),
  );
  return { before: readAs(schema, before), after: readAs(schema, after) };
}

function readAs<Settings>(schema: z.ZodType<Settings>, stored: unknown): Settings {
  return schema.safeParse(stored ?? {}).data ?? schema.parse({});
}

export async function forgetPersonSettings(store: Store, personId: string): Promise<void> {
  await store.keyv(people.namespace).delete(personId);
}
