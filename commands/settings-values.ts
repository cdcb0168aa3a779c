/** Settings as people write and read them: one entry a name. */
import { presetByName, presets } from '../src/engine/cow/parameters.ts';
import { Refusal } from '../src/errors.ts';
import type { CommunitySettings, PersonSettings } from '../src/people/settings.ts';
import { keepWishes } from '../src/photo/keep.ts';
import type { Json } from '../src/store/tables.ts';
import { languages } from './languages/languages.ts';
import { changedRoles, changedWords, channelsOf, type Here, roomOf, wordsText } from './settings-lists.ts';
import type { SettingName } from './table.ts';

export interface SettingEntry<Settings> {
  readonly name: SettingName;
  /**
   * Reads what somebody wrote and gives the settings with it; `undefined` takes the setting back.
   * @throws Refusal where it is not one of the possible values.
   */
  readonly set: (settings: Settings, text: string | undefined, here: Here) => Settings;
  /** As people write it; undefined: it is not set. */
  readonly shown: (settings: Settings) => string | undefined;
  /** Those that have a button each. */
  readonly choices: readonly string[];
  /** The choice that holds where nobody has set it. */
  readonly usual?: string | undefined;
  /** How other values are asked for; absent: there are none but the choices. */
  readonly field?: 'line' | 'paragraph' | 'mentions' | 'channel' | 'channels' | undefined;
  /** For the audit trail, which outlives words and people: a count for whatever may hold words or ids of somebody. */
  readonly trail: (settings: Settings) => Json;
}

interface Way<Settings, Value> {
  readonly get: (settings: Settings) => Value | undefined;
  readonly put: (settings: Settings, value: Value | undefined) => Settings;
}

function ofChoices<Settings, Value extends string>(
  name: SettingName,
  values: readonly Value[],
  { get, put, usual }: Way<Settings, Value> & { readonly usual?: Value },
): SettingEntry<Settings> {
  return {
    name,
    set: (settings, text) => put(settings, text === undefined ? undefined : oneOf(name, values, text)),
    shown: get,
    choices: values,
    usual,
    trail: (settings) => get(settings) ?? null,
  };
}

function ofYesAndNo<Settings>(
  name: SettingName,
  { get, put, usual }: Way<Settings, boolean> & { readonly usual: 'yes' | 'no' },
): SettingEntry<Settings> {
  return ofChoices(name, ['yes', 'no'], {
    get: (settings) => {
      const is = get(settings);
      return is === undefined ? undefined : is ? 'yes' : 'no';
    },
    put: (settings, text) => put(settings, text === undefined ? undefined : text === 'yes'),
    usual,
  });
}

/** @property choices all of them where absent. */
interface Range {
  readonly min: number;
  readonly max: number;
  readonly choices?: readonly number[];
}

function ofNumbers<Settings>(
  name: SettingName,
  { min, max, choices }: Range,
  { get, put, usual }: Way<Settings, number> & { readonly usual?: string },
): SettingEntry<Settings> {
  const offered = choices ?? Array.from({ length: max - min + 1 }, (_, i) => min + i);
  return {
    name,
    set: (settings, text) => put(settings, text === undefined ? undefined : numberOf(name, { min, max }, text)),
    shown: (settings) => get(settings)?.toString(),
    choices: offered.map(String),
    usual,
    field: choices === undefined ? undefined : 'line',
    trail: (settings) => get(settings) ?? null,
  };
}

function oneOf<Value extends string>(name: SettingName, values: readonly Value[], text: string): Value {
  const known = values.find((value) => value === text.toLowerCase());
  if (known !== undefined) return known;
  const list = values.join(', ');
  throw new Refusal('argument.choice', `Please use one of these for \`${name}\`: ${list}.`, { name, known: list });
}

/** @throws Refusal `argument.whole` */
export function numberOf(
  name: SettingName,
  { min, max }: { readonly min: number; readonly max: number },
  text: string,
  isWhole = true,
): number {
  // Half of the world writes 0,5.
  const value = Number(isWhole ? text : text.replace(',', '.'));
  if (text.trim() !== '' && (!isWhole || Number.isInteger(value)) && value >= min && value <= max) return value;
  throw new Refusal('argument.whole', `Please use a number from ${min} to ${max} for \`${name}\`.`, { name, min, max });
}

export const personEntries: readonly SettingEntry<PersonSettings>[] = [
  ofChoices('language', languages, {
    get: ({ language }) => languages.find((one) => one === language),
    put: (own, language) => ({ ...own, language }),
  }),
  ofNumbers(
    'balance',
    { min: 1, max: 5 },
    {
      get: ({ balance }) => balance,
      put: (own, balance) => ({ ...own, balance }),
    },
  ),
  ofChoices('keep', keepWishes, {
    get: ({ keep }) => keep,
    put: (own, keep) => ({ ...own, keep }),
    usual: 'auto',
  }),
  ofNumbers(
    'count',
    { min: 1, max: 4 },
    {
      get: ({ count }) => count,
      put: (own, count) => ({ ...own, count }),
      usual: '1',
    },
  ),
  ofYesAndNo('previews', {
    get: ({ hasPreviews }) => hasPreviews,
    put: (own, hasPreviews) => ({ ...own, hasPreviews }),
    usual: 'yes',
  }),
];

export const communityEntries: readonly SettingEntry<CommunitySettings>[] = [
  ofChoices('language', languages, {
    get: ({ language }) => languages.find((one) => one === language),
    put: (here, language) => ({ ...here, language }),
  }),
  ofNumbers(
    'balance',
    { min: 1, max: 5 },
    {
      get: ({ balance }) => balance,
      put: (here, balance) => ({ ...here, balance }),
      usual: '3',
    },
  ),
  {
    name: 'channels',
    set: (before, text, here) => ({ ...before, channels: channelsOf(text, here) }),
    shown: ({ channels }) => (channels.length === 0 ? undefined : channels.join(', ')),
    choices: ['here'],
    field: 'channels',
    trail: ({ channels }) => channels.length,
  },
  ofChoices('who', ['member', 'moderator', 'manager'], {
    get: ({ who }) => who,
    put: (here, who = 'member') => ({ ...here, who }),
    usual: 'member',
  }),
  {
    name: 'preset',
    set: (here, text) => {
      if (text !== undefined) presetByName(text);
      return { ...here, preset: text };
    },
    shown: ({ preset }) => preset,
    choices: Object.keys(presets),
    usual: 'paper',
    trail: ({ preset }) => preset ?? null,
  },
  ofNumbers(
    'size',
    { min: 64, max: 2048, choices: [] },
    {
      get: ({ size }) => size,
      put: (here, size) => ({ ...here, size }),
    },
  ),
  ofNumbers(
    'max-count',
    { min: 1, max: 4 },
    {
      get: ({ maxCount }) => maxCount,
      put: (here, maxCount) => ({ ...here, maxCount }),
      usual: '4',
    },
  ),
  ofNumbers(
    'max-waiting',
    { min: 1, max: 1000, choices: [1, 2, 3, 5, 10] },
    {
      get: ({ maxWaiting }) => maxWaiting,
      put: (here, maxWaiting) => ({ ...here, maxWaiting }),
    },
  ),
  ofChoices('share', ['at-once', 'after-review', 'asker'], {
    get: ({ showing }) => showing,
    put: (here, showing = 'at-once') => ({ ...here, showing }),
    usual: 'at-once',
  }),
  ofChoices('others', ['owner', 'everyone'], {
    get: ({ share }) => share,
    put: (here, share = 'owner') => ({ ...here, share }),
    usual: 'owner',
  }),
  ofYesAndNo('previews', {
    get: ({ hasPreviews }) => hasPreviews,
    put: (here, hasPreviews) => ({ ...here, hasPreviews }),
    usual: 'no',
  }),
  ofChoices('strictness', ['off', 'normal', 'strict'], {
    get: ({ strictness }) => strictness,
    put: (here, strictness = 'normal') => ({ ...here, strictness }),
    usual: 'normal',
  }),
  {
    name: 'words',
    set: (here, text) => ({ ...here, words: changedWords(here.words, text ?? '') }),
    shown: ({ words }) => (words.length === 0 ? undefined : wordsText(words)),
    choices: [],
    field: 'paragraph',
    trail: ({ words }) => words.length,
  },
  ofNumbers(
    'hide-after',
    { min: 1, max: 100, choices: [1, 2, 3, 5, 10] },
    {
      get: ({ hideAfter }) => hideAfter,
      put: (here, hideAfter = 3) => ({ ...here, hideAfter }),
      usual: '3',
    },
  ),
  ofYesAndNo('spoiler', {
    get: ({ isSpoiler }) => isSpoiler,
    put: (here, isSpoiler = false) => ({ ...here, isSpoiler }),
    usual: 'no',
  }),
  {
    name: 'moderators',
    set: (before, text, here) => ({ ...before, moderators: text === undefined ? undefined : roomOf(text, here) }),
    shown: ({ moderators }) => moderators,
    choices: ['here'],
    field: 'channel',
    trail: ({ moderators }) => (moderators === undefined ? 0 : 1),
  },
  {
    name: 'moderator-roles',
    set: (here, text) => ({ ...here, moderatorRoles: changedRoles(here.moderatorRoles, text ?? '') }),
    shown: ({ moderatorRoles }) => (moderatorRoles.length === 0 ? undefined : moderatorRoles.join(', ')),
    choices: [],
    field: 'mentions',
    trail: ({ moderatorRoles }) => moderatorRoles.length,
  },
];
