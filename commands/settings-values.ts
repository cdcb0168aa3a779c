/** Settings as people write and read them: one entry a name. */
import { presetByName } from '../src/engine/cow/parameters.ts';
import { Refusal } from '../src/errors.ts';
import { compileCommunityWords } from '../src/moderation/checks/community-words.ts';
import type { CommunitySettings, PersonSettings } from '../src/people/settings.ts';
import { keepWishes } from '../src/photo/keep.ts';
import type { Scene } from './contract/act.ts';
import { languages } from './languages/languages.ts';
import type { SettingName } from './table.ts';

/**
 * Reads what somebody wrote and gives the settings with it; `undefined` takes the setting back.
 * @throws Refusal where it is not one of the possible values.
 */
interface SettingEntry<Settings> {
  readonly name: SettingName;
  readonly set: (settings: Settings, text: string | undefined, scene: Scene) => Settings;
  readonly shown: (settings: Settings) => string | undefined;
}

function oneOf<Value extends string>(name: SettingName, values: readonly Value[], text: string): Value {
  const known = values.find((value) => value === text.toLowerCase());
  if (known !== undefined) return known;
  const list = values.join(', ');
  throw new Refusal('argument.choice', `Please use one of these for \`${name}\`: ${list}.`, { name, known: list });
}

export function numberOf(name: SettingName, min: number, max: number, text: string, isWhole = true): number {
  const value = Number(text);
  if (text.trim() !== '' && (!isWhole || Number.isInteger(value)) && value >= min && value <= max) return value;
  throw new Refusal('argument.whole', `Please use a number from ${min} to ${max} for \`${name}\`.`, { name, min, max });
}

const whenGiven = <Value>(text: string | undefined, read: (text: string) => Value): Value | undefined =>
  text === undefined ? undefined : read(text);

const yesOf = (name: SettingName, text: string): boolean => oneOf(name, ['yes', 'no'], text) === 'yes';
const yesNo = (is: boolean | undefined): string | undefined => (is === undefined ? undefined : is ? 'yes' : 'no');

export const personEntries: readonly SettingEntry<PersonSettings>[] = [
  {
    name: 'language',
    set: (own, text) => ({ ...own, language: whenGiven(text, (given) => oneOf('language', languages, given)) }),
    shown: ({ language }) => language,
  },
  {
    name: 'balance',
    set: (own, text) => ({ ...own, balance: whenGiven(text, (given) => numberOf('balance', 1, 5, given)) }),
    shown: ({ balance }) => balance?.toString(),
  },
  {
    name: 'keep',
    set: (own, text) => ({ ...own, keep: whenGiven(text, (given) => oneOf('keep', keepWishes, given)) }),
    shown: ({ keep }) => keep,
  },
  {
    name: 'count',
    set: (own, text) => ({ ...own, count: whenGiven(text, (given) => numberOf('count', 1, 4, given)) }),
    shown: ({ count }) => count?.toString(),
  },
  {
    name: 'previews',
    set: (own, text) => ({ ...own, hasPreviews: whenGiven(text, (given) => yesOf('previews', given)) }),
    shown: ({ hasPreviews }) => yesNo(hasPreviews),
  },
];

const everywhere = 'all';

export const communityEntries: readonly SettingEntry<CommunitySettings>[] = [
  {
    name: 'language',
    set: (here, text) => ({ ...here, language: whenGiven(text, (given) => oneOf('language', languages, given)) }),
    shown: ({ language }) => language,
  },
  {
    name: 'balance',
    set: (here, text) => ({ ...here, balance: whenGiven(text, (given) => numberOf('balance', 1, 5, given)) }),
    shown: ({ balance }) => balance?.toString(),
  },
  {
    name: 'channels',
    set: (here, text, scene) => ({ ...here, channels: channelsOf(text, scene) }),
    shown: ({ channels }) => (channels.length === 0 ? undefined : channels.join(', ')),
  },
  {
    name: 'who',
    set: (here, text) => ({ ...here, who: oneOf('who', ['member', 'moderator', 'manager'], text ?? 'member') }),
    shown: ({ who }) => who,
  },
  {
    name: 'preset',
    set: (here, text) => {
      if (text !== undefined) presetByName(text);
      return { ...here, preset: text };
    },
    shown: ({ preset }) => preset,
  },
  {
    name: 'size',
    set: (here, text) => ({ ...here, size: whenGiven(text, (given) => numberOf('size', 64, 2048, given)) }),
    shown: ({ size }) => size?.toString(),
  },
  {
    name: 'max-count',
    set: (here, text) => ({ ...here, maxCount: whenGiven(text, (given) => numberOf('max-count', 1, 4, given)) }),
    shown: ({ maxCount }) => maxCount?.toString(),
  },
  {
    name: 'max-waiting',
    set: (here, text) => ({ ...here, maxWaiting: whenGiven(text, (given) => numberOf('max-waiting', 1, 1000, given)) }),
    shown: ({ maxWaiting }) => maxWaiting?.toString(),
  },
  {
    name: 'share',
    set: (here, text) => ({ ...here, showing: oneOf('share', showings, text ?? 'at-once') }),
    shown: ({ showing }) => showing,
  },
  {
    name: 'others',
    set: (here, text) => ({ ...here, share: oneOf('others', ['owner', 'everyone'], text ?? 'owner') }),
    shown: ({ share }) => share,
  },
  {
    name: 'previews',
    set: (here, text) => ({ ...here, hasPreviews: whenGiven(text, (given) => yesOf('previews', given)) }),
    shown: ({ hasPreviews }) => yesNo(hasPreviews),
  },
  {
    name: 'strictness',
    set: (here, text) => ({ ...here, strictness: oneOf('strictness', strictnesses, text ?? 'normal') }),
    shown: ({ strictness }) => strictness,
  },
  {
    name: 'words',
    set: (here, text) => ({ ...here, words: changedWords(here.words, text ?? '') }),
    shown: ({ words }) => (words.length === 0 ? undefined : wordsText(words)),
  },
  {
    name: 'hide-after',
    set: (here, text) => ({ ...here, hideAfter: numberOf('hide-after', 1, 100, text ?? '3') }),
    shown: ({ hideAfter }) => hideAfter.toString(),
  },
  {
    name: 'spoiler',
    set: (here, text) => ({ ...here, isSpoiler: yesOf('spoiler', text ?? 'no') }),
    shown: ({ isSpoiler }) => yesNo(isSpoiler),
  },
  {
    name: 'moderators',
    set: (here, text, scene) => ({ ...here, moderators: whenGiven(text, (given) => roomOf(given, scene)) }),
    shown: ({ moderators }) => moderators,
  },
  {
    name: 'moderator-roles',
    set: (here, text) => ({ ...here, moderatorRoles: rolesOf(text ?? '') }),
    shown: ({ moderatorRoles }) => (moderatorRoles.length === 0 ? undefined : moderatorRoles.join(', ')),
  },
];

const mostModeratorRoles = 25;

/** Ids, or mentions as Discord writes them: `<@&123>` is a role, `<@123>` a person. */
function rolesOf(text: string): string[] {
  const ids = text
    .split(/[\s,]+/)
    .filter((one) => one !== '')
    .map((one) => /^(?:<@[&!]?(\d{1,20})>|(\d{1,20}))$/.exec(one)?.slice(1).join('') ?? '');
  if (!ids.includes('') && ids.length <= mostModeratorRoles) return [...new Set(ids)];
  throw new Refusal('settings.moderator-roles', 'Please name roles or people by a mention or by their id.');
}

const showings = ['at-once', 'after-review', 'asker'] as const;
const strictnesses = ['off', 'normal', 'strict'] as const;

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
function changedWords(before: CommunitySettings['words'], text: string): CommunitySettings['words'] {
  const [, sign, rest = ''] = /^([+-])(.*)$/su.exec(text.trim()) ?? [];
  if (sign === undefined) return wordsOf(text);
  const named = wordsOf(rest);
  const others = before.filter(({ pattern }) => named.every((one) => one.pattern !== pattern));
  const words = sign === '+' ? [...others, ...named] : others;
  compileCommunityWords(words);
  return words;
}

function wordsText(words: CommunitySettings['words']): string {
  return words.map(({ pattern, action }) => `${action === 'hold' ? holdMark : ''}${pattern}`).join(', ');
}

/** `here`, `all`, or channels' ids. */
function channelsOf(text: string | undefined, scene: Scene): string[] {
  if (text === undefined || text.toLowerCase() === everywhere) return [];
  return text.split(/[\s,]+/).map((one) => channelOf(one, scene));
}

/** As `channelOf`; a thread or a topic with the channel that it is in: `-100123/45`. */
function roomOf(text: string, scene: Scene): string {
  const { channelId, threadId } = scene;
  if (text.toLowerCase() === 'here') return threadId === undefined ? channelId : `${channelId}/${threadId}`;
  return /^-?\d{1,30}\/\d{1,30}$/.test(text) ? text : channelOf(text, scene);
}

/** `here`, an id, or a mention of a channel as Discord writes it (`<#123>`). */
function channelOf(text: string, { channelId, threadId }: Scene): string {
  if (text.toLowerCase() === 'here') return threadId ?? channelId;
  const [, id] = /^<?#?(-?\d{1,30})>?$/.exec(text) ?? [];
  if (id !== undefined) return id;
  throw new Refusal('settings.channel', 'Please say "here", "all" or the id of a channel.');
}
