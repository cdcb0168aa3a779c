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
  /** Whether they pay the platform for the community (Discord: a booster). */
  readonly isBooster?: boolean | undefined;
  readonly roleIds: readonly string[];
  /** The platform's own id. */
  readonly userId: string;
}

/** Kinds of members that a weight can be set for where there are no roles, or whichever roles they have. */
export const memberKinds = ['boosters', 'moderators', 'managers'] as const;

/** @param settings of the very community that the standing is in. */
export function roleOf(standing: Standing, { moderatorRoles }: Pick<CommunitySettings, 'moderatorRoles'>): Role {
  const { isOperator, mayManage, mayModerate, roleIds, userId } = standing;
  if (isOperator) return 'operator';
  if (mayManage) return 'manager';
  const isNamed = [userId, ...roleIds].some((id) => moderatorRoles.includes(id));
  return mayModerate || isNamed ? 'moderator' : 'member';
}

/**
 * The share of the engines that somebody's roles and kinds give them in a community: the largest of theirs, 1 without any.
 * @param settings of the very community that the standing is in.
 */
export function weightByRoles(
  standing: Standing,
  settings: Pick<CommunitySettings, 'moderatorRoles' | 'weights'>,
): number {
  const { mayManage, isBooster, roleIds } = standing;
  const isModerator = isAtLeast(roleOf({ ...standing, isOperator: false }, settings), 'moderator');
  const kinds: Readonly<Record<(typeof memberKinds)[number], boolean>> = {
    boosters: isBooster === true,
    moderators: isModerator,
    managers: mayManage,
  };
  const own = [...memberKinds.filter((kind) => kinds[kind]), ...roleIds];
  const weights = own.flatMap((one) => settings.weights[one] ?? []);
  return weights.length === 0 ? 1 : Math.max(...weights);
}

/** Whether a role may what another may. */
export function isAtLeast(role: Role, least: Role): boolean {
  return roles.indexOf(role) >= roles.indexOf(least);
}
