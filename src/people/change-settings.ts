/** Settings as people change them: what is set and the audit row about it are one transaction. */
import { appendAudit } from '../store/audit.ts';
import type { Store } from '../store/store.ts';
import type { Json } from '../store/tables.ts';
import {
  type Change,
  changeCommunitySettings,
  changePersonSettings,
  type CommunitySettings,
  type PersonSettings,
} from './settings.ts';

/** @property actor as audit rows name them. @property at Unix ms. @property name of the setting. */
interface Changing {
  readonly actor: string;
  readonly at: number;
  readonly name: string;
}

/**
 * Changes what somebody prefers. The row says which setting and when, and never the values: it stays for as long as the trail
 * is kept, and preferences go when somebody is forgotten.
 * @throws whatever `change` throws, with nothing changed.
 */
export async function changeOwnSetting(
  store: Store,
  { personId, actor, at, name }: Changing & { readonly personId: string },
  change: (before: PersonSettings) => PersonSettings,
): Promise<Change<PersonSettings>> {
  return store.transaction(async (tx) => {
    const changed = await changePersonSettings(tx, personId, change);
    const subject = `person:${personId}`;
    await appendAudit(tx, { at, actor, action: 'settings.own', subject, reason: 'asked', detail: { name } });
    return changed;
  });
}

/**
 * Changes what holds in a community.
 * @param trail what the row says of a value, before and after; neither words nor ids of people.
 * @throws whatever `change` throws, with nothing changed.
 */
export async function changeSettingHere(
  store: Store,
  { communityId, actor, at, name, ...more }: Changing & { readonly communityId: string; readonly who?: string },
  change: (before: CommunitySettings) => CommunitySettings,
  trail: (settings: CommunitySettings) => Json,
): Promise<Change<CommunitySettings>> {
  return store.transaction(async (tx) => {
    const changed = await changeCommunitySettings(tx, communityId, change);
    await appendAudit(tx, {
      at,
      actor,
      action: 'settings.changed',
      subject: `community:${communityId}`,
      reason: 'asked',
      community: communityId,
      detail: { name, ...more, from: trail(changed.before), to: trail(changed.after) },
    });
    return changed;
  });
}
