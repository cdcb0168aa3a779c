/** Settings and their values as people read them. */
import type { CommunitySettings, PersonSettings } from '../src/people/settings.ts';
import { personByIdentity } from '../src/store/people.ts';
import type { Asked } from './asked.ts';
import type { Managed } from './change-setting.ts';
import type { Mentioned, Span } from './contract/reply.ts';
import { isMessageKey, type Words } from './languages/languages.ts';
import { choiceText } from './registration.ts';
import type { SettingEntry } from './settings-values.ts';
import type { SettingName } from './table.ts';

/** Everybody finds their own, whatever they read now. */
const languageNames: Readonly<Record<string, string>> = { en: 'English', de: 'Deutsch', es: 'Español', zh: '中文' };

export function settingText(name: SettingName, words: Words): string {
  return said(words, `setting.${name}`) ?? name;
}

/** In a sentence. */
export function settingAbout(name: SettingName, words: Words): string {
  return said(words, `setting.${name}.about`) ?? '';
}

/** One of the values that have names; what people wrote themselves as they wrote it. */
export function valueText(name: SettingName, value: string, words: Words): string {
  if (name === 'language') return languageNames[value] ?? value;
  if (name === 'keep') return choiceText('keep', value, words);
  return said(words, `value.${name}.${value}`) ?? said(words, `value.${value}`) ?? value;
}

/** What somebody's own setting comes to in a community while they have not set it. */
export function usualOwn(
  { words }: Asked,
  { language, balance = 3 }: Pick<CommunitySettings, 'language' | 'balance'>,
  { name, usual }: SettingEntry<PersonSettings>,
): string {
  if (usual !== undefined) return valueText(name, usual, words);
  const here = name === 'language' ? language : String(balance);
  return here === undefined
    ? words.say('usual.own-language')
    : words.say('settings.as-here', { value: valueText(name, here, words) });
}

/** What a community's setting comes to while nobody has set it. */
export function usualHere({ words }: Asked, { name, usual }: SettingEntry<CommunitySettings>): string {
  return usual === undefined ? (said(words, `usual.${name}`) ?? '') : valueText(name, usual, words);
}

/** Longer lists are shown whole on their own page. */
const mostListed = 8;
const mostLetters = 120;

/** @param isBrief among others. */
export async function valueHere(
  asked: Asked,
  { settings }: Managed,
  entry: SettingEntry<CommunitySettings>,
  isBrief: boolean,
): Promise<readonly Span[]> {
  const value = entry.shown(settings);
  if (value === undefined) return [{ kind: 'strong', text: usualHere(asked, entry) }];
  const listed = await mentionedIn(asked, settings, entry.name);
  if (listed.length > 0) {
    const shown = isBrief ? listed.slice(0, mostListed) : listed;
    const more = shown.length < listed.length ? [` … (${listed.length})`] : [];
    return [...shown.flatMap((one, i) => [...(i === 0 ? [] : [', ']), spanOf(one)]), ...more];
  }
  const text = valueText(entry.name, value, asked.words);
  return [{ kind: 'strong', text: isBrief && text.length > mostLetters ? `${text.slice(0, mostLetters)}…` : text }];
}

/** The channels, roles and people that a setting names. */
export async function mentionedIn(
  { services, actor }: Asked,
  { channels, moderators, moderatorRoles }: CommunitySettings,
  name: SettingName,
): Promise<readonly Mentioned[]> {
  const channel = (id: string): Mentioned => ({ kind: 'channel', id });
  if (name === 'channels') return channels.map(channel);
  if (name === 'moderators') return moderators === undefined ? [] : [channel(moderators)];
  if (name !== 'moderator-roles') return [];
  const { platform } = actor;
  return Promise.all(
    moderatorRoles.map(async (id): Promise<Mentioned> => {
      const person = await personByIdentity(services.store.db, { platform, platformUserId: id });
      return { kind: person === undefined ? 'role' : 'person', id };
    }),
  );
}

function spanOf({ kind, id }: Mentioned): Span {
  return kind === 'person' ? { kind, userId: id, name: id } : { kind, id };
}

function said(words: Words, key: string): string | undefined {
  return isMessageKey(key) ? words.say(key) : undefined;
}
