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

/**
 * Whether somebody moderates a community now, wherever they are.
 * @throws Refusal `sanction.*` where they would, and are suspended or banned there.
 */
export async function moderates(asked: Asked, communityId: string): Promise<boolean> {
  const role = await roleIn(asked, communityId);
  if (!isAtLeast(role, 'moderator')) return false;
  if (role !== 'operator') await requireNoSanction(asked, communityId);
  return true;
}

/**
 * What a command needs of somebody where they are; more than a member's right is gone while they are suspended or banned.
 * @throws Refusal `right.*`, `sanction.*`
 */
export async function requireHere(asked: Asked, least: Role): Promise<void> {
  await requireIn(asked, asked.community.id, least);
}

/** As `requireHere`, in any community, wherever somebody is. @throws Refusal `right.*`, `sanction.*` */
export async function requireIn(asked: Asked, communityId: string, least: Role): Promise<void> {
  const role = await roleIn(asked, communityId);
  requireRole(role, least);
  if (least !== 'member' && role !== 'operator') await requireNoSanction(asked, communityId);
}

async function requireNoSanction({ person, services }: Asked, communityId: string): Promise<void> {
  await services.moderation.checkNotSanctioned({ personId: person.id, communityId });
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
