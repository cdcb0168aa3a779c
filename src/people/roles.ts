/** What somebody may do where they are. */
const roles = ['member', 'moderator', 'manager', 'operator'] as const;

/**
 * `moderator` and `manager` of the community that the act is in, by the platform's word; `operator` runs the bot and may
 * everything everywhere.
 */
export type Role = (typeof roles)[number];

export interface Standing {
  readonly isOperator: boolean;
  readonly mayManage: boolean;
  readonly mayModerate: boolean;
}

export function roleOf({ isOperator, mayManage, mayModerate }: Standing): Role {
  if (isOperator) return 'operator';
  if (mayManage) return 'manager';
  return mayModerate ? 'moderator' : 'member';
}

/** Whether a role may what another may. */
export function isAtLeast(role: Role, least: Role): boolean {
  return roles.indexOf(role) >= roles.indexOf(least);
}
