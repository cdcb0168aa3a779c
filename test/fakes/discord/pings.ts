import type { AllowedMentions } from './rules/messages.ts';

/**
 * Whom a text notifies: ids of people and roles, and `everyone`. Without `allowed_mentions` all of them, as in messages that
 * a bot sends to a channel.
 */
export function pinged(text: string, allowed: AllowedMentions | undefined): string[] {
  const ids = (pattern: RegExp): string[] => [...text.matchAll(pattern)].flatMap((match) => match.slice(1, 2));
  const permitted = (kind: 'users' | 'roles', id: string): boolean =>
    allowed === undefined || allowed.parse?.includes(kind) === true || allowed[kind]?.includes(id) === true;
  const everyone =
    /@(everyone|here)/.test(text) && (allowed === undefined || allowed.parse?.includes('everyone') === true);
  return [
    ...ids(/<@!?(\d+)>/g).filter((id) => permitted('users', id)),
    ...ids(/<@&(\d+)>/g).filter((id) => permitted('roles', id)),
    ...(everyone ? ['everyone'] : []),
  ];
}
