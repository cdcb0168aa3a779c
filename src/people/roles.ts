/** What somebody may do where they are. */
import type { CommunitySettings } from './settings.ts';

const roles = ['member', 'moderator', 'manager', 'operator'] as const;

/**
 * `moderator` and `manager` of one community, by the platform's word or, moderators, by what its managers set; `operator`
 * runs the bot and may everything everywhere.
 */
export type Role = (typeof roles)[number];

/** Somebody as the platform sees them in one community. */
export interface Standing {
  readonly isOperator: boolean;
  readonly mayManage: boolean;
  readonly mayModerate: boolean;
  readonly roleIds: readonly string[];
  /** The platform's own id. */
  readonly userId: string;
}

/** @param settings of the very community that the standing is in. */
export function roleOf(standing: Standing, { moderatorRoles }: Pick<CommunitySettings, 'moderatorRoles'>): Role {
  const { isOperator, mayManage, mayModerate, roleIds, userId } = standing;
  if (isOperator) return 'operator';
  if (mayManage) return 'manager';
  const isNamed = [userId, ...roleIds].some((id) => moderatorRoles.includes(id));
  return mayModerate || isNamed ? 'moderator' : 'member';
}

/** Whether a role may what another may. */
export function isAtLeast(role: Role, least: Role): boolean {
  return roles.indexOf(role) >= roles.indexOf(least);
}
