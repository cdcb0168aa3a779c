/** Lists and places as people write them in settings: words, roles and people, channels. */
import { Refusal } from '../src/errors.ts';
import { compileCommunityWords } from '../src/moderation/checks/community-words.ts';
import type { CommunitySettings } from '../src/people/settings.ts';
import type { Scene } from './contract/act.ts';

/** Where "here" is; undefined where it cannot be said, for whoever says it is somewhere else. */
export type Here = Pick<Scene, 'channelId' | 'threadId'> | undefined;

const mostModeratorRoles = 25;

/**
 * Ids, or mentions as Discord writes them: `<@&123>` is a role, `<@123>` a person. With `+` or `-` before them they are added
 * to the list or taken away; without a sign they take its place.
 */
export function changedRoles(before: readonly string[], text: string): string[] {
  const { sign, rest } = signOf(text);
  const named = rolesOf(rest);
  const others = before.filter((id) => !named.includes(id));
  const roles = sign === undefined ? named : sign === '+' ? [...new Set([...before, ...named])] : others;
  if (roles.length <= mostModeratorRoles) return roles;
  throw new Refusal('settings.moderator-roles', 'Please name roles or people by a mention or by their id.');
}

function rolesOf(text: string): string[] {
  const ids = text
    .split(/[\s,]+/)
    .filter((one) => one !== '')
    .map((one) => /^(?:<@[&!]?(\d{1,20})>|(\d{1,20}))$/.exec(one)?.slice(1).join('') ?? '');
  if (!ids.includes('')) return [...new Set(ids)];
  throw new Refusal('settings.moderator-roles', 'Please name roles or people by a mention or by their id.');
}

/** Before a word that is not refused but looked at by a moderator first. */
const holdMark = '?';

/** `word, a phrase, be*, ?held`. @throws Refusal `community-word.*` */
function wordsOf(text: string): CommunitySettings['words'] {
  const words = text
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '')
    .map((word) =>
      word.startsWith(holdMark)
        ? { pattern: word.slice(holdMark.length).trim(), action: 'hold' as const }
        : { pattern: word, action: 'refuse' as const },
    );
  compileCommunityWords(words);
  return words;
}

/** `+word` adds to the list and `-word` takes away from it; a list without signs takes its place. */
export function changedWords(before: CommunitySettings['words'], text: string): CommunitySettings['words'] {
  const { sign, rest } = signOf(text);
  const named = wordsOf(rest);
  if (sign === undefined) return named;
  const others = before.filter(({ pattern }) => named.every((one) => one.pattern !== pattern));
  const words = sign === '+' ? [...others, ...named] : others;
  compileCommunityWords(words);
  return words;
}

/** `+` adds to a list, `-` takes away. */
function signOf(text: string): { readonly sign: string | undefined; readonly rest: string } {
  const [, sign, rest = text] = /^([+-])(.*)$/su.exec(text.trim()) ?? [];
  return { sign, rest };
}

export function wordsText(words: CommunitySettings['words']): string {
  return words.map(({ pattern, action }) => `${action === 'hold' ? holdMark : ''}${pattern}`).join(', ');
}

const everywhere = 'all';

/** `here`, `all`, or channels' ids. */
export function channelsOf(text: string | undefined, here: Here): string[] {
  if (text === undefined || text.toLowerCase() === everywhere) return [];
  return text.split(/[\s,]+/).map((one) => channelOf(one, here));
}

/** As `channelOf`; a thread or a topic with the channel that it is in: `-100123/45`. */
export function roomOf(text: string, here: Here): string {
  if (text.toLowerCase() === 'here' && here !== undefined) {
    const { channelId, threadId } = here;
    return threadId === undefined ? channelId : `${channelId}/${threadId}`;
  }
  return /^-?\d{1,30}\/\d{1,30}$/.test(text) ? text : channelOf(text, here);
}

/** `here`, an id, or a mention of a channel as Discord writes it (`<#123>`). */
function channelOf(text: string, here: Here): string {
  if (text.toLowerCase() === 'here' && here !== undefined) return here.threadId ?? here.channelId;
  const [, id] = /^<?#?(-?\d{1,30})>?$/.exec(text) ?? [];
  if (id !== undefined) return id;
  throw new Refusal('settings.channel', 'Please say "here", "all" or the id of a channel.');
}
