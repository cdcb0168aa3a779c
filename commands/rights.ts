/** Who somebody is in a community, and that it is enough: whatever a platform's menus show or a button says. */
import { Refusal } from '../src/errors.ts';
import { isAtLeast, type Role, roleOf } from '../src/people/roles.ts';
import { communitySettingsOf } from '../src/people/settings.ts';
import { chatOf } from '../src/store/communities.ts';
import type { Asked } from './asked.ts';

/**
 * The role in any community, by its own settings and the platform's word about it: whoever moderates one is nobody in
 * another.
 */
export async function roleIn(asked: Asked, communityId: string): Promise<Role> {
  const { person, community, services, actor, chat } = asked;
  if (person.role === 'operator' || communityId === community.id) return person.role;
  const place = await chatOf(services.store.db, communityId);
  if (place === undefined || place.platform !== actor.platform) return 'member';
  const rights = await chat.rightsIn(place.platformChatId);
  const settings = await communitySettingsOf(services.store, communityId);
  return roleOf({ ...rights, isOperator: false, userId: actor.userId }, settings);
}

/** @throws Refusal `right.*` where a role is not enough. */
export function requireRole(role: Role, least: Role): void {
  if (isAtLeast(role, least)) return;
  switch (least) {
    case 'member':
      return;
    case 'moderator':
      throw new Refusal('right.moderator', 'Only moderators of this community can do that.');
    case 'manager':
      throw new Refusal('right.manager', 'Only those who manage this community can do that.');
    case 'operator':
      throw new Refusal('right.operator', 'Only those who run this bot can do that.');
  }
}
