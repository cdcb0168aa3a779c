/** The buttons and the form of the pages of settings. */
import { memberKinds } from '../src/people/roles.ts';
import { type CommunitySettings, communitySettingsOf } from '../src/people/settings.ts';
import type { Asked } from './asked.ts';
import { type Managed, managedHere, placeNamed, setHere, setOwn } from './change-setting.ts';
import type { FormAct } from './contract/act.ts';
import { packedLength, packId, type PressId } from './contract/press-id.ts';
import { type FormField, type Reply, reply, type Span } from './contract/reply.ts';
import { chooseLanguage } from './languages/languages.ts';
import { actUnknown } from './press-rights.ts';
import { givenValue } from './settings.ts';
import {
  groupPage,
  herePage,
  hereSettingPage,
  ownAll,
  ownPage,
  ownSettingPage,
  type SettingGroup,
  settingGroups,
  shareChanged,
  sharePage,
  sharesPage,
} from './settings-pages.ts';
import { mentionedIn, settingText } from './settings-words.ts';
import { communityEntries, personEntries, type SettingEntry } from './settings-values.ts';
import { groupSpan, setShare, type Sharer, sharerNamed } from './share-weights.ts';
import type { SettingName } from './table.ts';

/** Longer values are refused where they are typed, too. */
const longestValue = 2000;

/** Whoever the buttons are for has been checked. */
export async function ownPressed(asked: Asked, { id }: PressId): Promise<void> {
  const from = (await placeNamed(asked, id.slice(0, packedLength))) ?? managedHere(asked);
  const what = id.slice(packedLength + 1);
  if (what === ownAll) return becomes(asked, await ownPage(asked, from));
  const [name, value] = what.split('_');
  const entry = personEntries.find((one) => one.name === name);
  if (entry === undefined) throw actUnknown();
  if (value === undefined) return becomes(asked, ownSettingPage(asked, from, entry));
  const change = await setOwn(asked, entry, givenValue(value));
  await becomes(asked, ownSettingPage(inLanguage(asked, change.after.language), from, entry, change));
}

/** Whoever chose a language reads it from now on. */
function inLanguage(asked: Asked, language: string | undefined): Asked {
  const { services, community, actor, scene } = asked;
  const chosen = chooseLanguage(language, community.settings.language, actor.locale, scene.locale);
  return { ...asked, words: services.wordsOf(chosen) };
}

/** Whoever presses manages the community; that has been checked. */
export async function herePressed(asked: Asked, managed: Managed, { extra }: PressId): Promise<void> {
  if (extra === undefined) return becomes(asked, await herePage(asked, managed));
  const [, name = '', value] = /^([a-z-]+)(?:\.(.+))?$/.exec(extra) ?? [];
  if (name === 'g') return becomes(asked, await groupPage(asked, managed, groupNamed(value)));
  if (name === 'weight') return sharePressed(asked, managed, value);
  const entry = entryNamed(name);
  if (value === undefined) return becomes(asked, await hereSettingPage(asked, managed, entry));
  if (value === 'other') return ask(asked, managed, entry.name, [await fieldOf(asked, managed, entry)]);
  await setAndShow(asked, managed, entry, value);
}

export async function hereFilled(asked: Asked, managed: Managed, { extra = '', fields }: FormAct): Promise<void> {
  const value = (fields['value'] ?? '').slice(0, longestValue + 1);
  if (extra === 'weight') {
    const sharer = await sharerNamed(asked, (fields['who'] ?? '').trim());
    const change = await setShare(asked, managed, sharer, givenValue(value));
    const now = await afresh(asked, managed);
    return becomes(asked, await sharesPage(asked, now, shareChanged(asked, change, spanOf(asked, sharer))));
  }
  await setAndShow(asked, managed, entryNamed(extra), value);
}

async function sharePressed(asked: Asked, managed: Managed, value: string | undefined): Promise<void> {
  if (value === undefined) return becomes(asked, await sharesPage(asked, managed));
  const { words } = asked;
  if (value === 'other') {
    const who = {
      name: 'who',
      kind: 'mentions',
      label: words.say('settings.sharer'),
      hint: words.say('settings.sharer-id'),
      isRequired: true,
      maxChosen: 1,
    } as const;
    const weight = {
      name: 'value',
      kind: 'line',
      label: words.say('settings.weight'),
      value: '2',
      isRequired: true,
    } as const;
    return ask(asked, managed, 'weight', [who, weight]);
  }
  const [, group, weight] = /^([a-z]+)(?:\.(.+))?$/.exec(value) ?? [];
  const kind = memberKinds.find((one) => one === group);
  if (kind === undefined) throw actUnknown();
  if (weight === undefined) return becomes(asked, sharePage(asked, managed, kind));
  const change = await setShare(asked, managed, { kind: 'group', id: kind }, givenValue(weight));
  await becomes(asked, sharePage(asked, managed, kind, change));
}

function spanOf({ words }: Asked, sharer: Sharer): Span {
  if (sharer.kind === 'group') return groupSpan(sharer.id, words);
  return { kind: 'person', userId: sharer.userId, name: sharer.userId };
}

async function setAndShow(
  asked: Asked,
  managed: Managed,
  entry: SettingEntry<CommunitySettings>,
  value: string,
): Promise<void> {
  const change = await setHere(asked, managed, entry, givenValue(value));
  // Where nobody has said a language of their own, the page is in the new one.
  const isRead = entry.name === 'language' && managed.id === asked.community.id;
  const community = isRead ? { ...asked.community, settings: change.after } : asked.community;
  const reading = isRead ? inLanguage({ ...asked, community }, asked.person.settings.language) : asked;
  await becomes(asked, await hereSettingPage(reading, managed, entry, change));
}

async function afresh({ services }: Asked, managed: Managed): Promise<Managed> {
  return { ...managed, settings: await communitySettingsOf(services.store, managed.id) };
}

async function ask(
  { words, chat }: Asked,
  { id }: Managed,
  name: SettingName,
  fields: readonly FormField[],
): Promise<void> {
  const form = { form: 'set', id: packId(id), extra: name, title: settingText(name, words), fields };
  await chat.answer(reply({ kind: 'new', visibility: 'asker', form }));
}

async function fieldOf(
  asked: Asked,
  { settings }: Managed,
  { name, shown, field = 'line' }: SettingEntry<CommunitySettings>,
): Promise<FormField> {
  const { words } = asked;
  const shared = { name: 'value', label: words.say('settings.value'), isRequired: false } as const;
  const list = { ...shared, label: words.say('settings.which'), hint: words.say('settings.ids') };
  switch (field) {
    case 'line':
    case 'paragraph':
      return { ...shared, kind: field, value: shown(settings), maxLength: longestValue };
    case 'mentions':
      return { ...list, kind: field, chosen: await mentionedIn(asked, settings, name) };
    case 'channel':
      return { ...list, kind: 'channels', maxChosen: 1, chosen: await mentionedIn(asked, settings, name) };
    case 'channels':
      return { ...list, kind: field, chosen: await mentionedIn(asked, settings, name) };
  }
}

/** The message that the button stands under, or that opened the form. */
async function becomes({ chat }: Asked, page: Reply): Promise<void> {
  await chat.answer({ ...page, kind: 'edit-pressed' });
}

/** @throws Refusal for what this version does not have: forged, or of another version. */
function entryNamed(name: string): SettingEntry<CommunitySettings> {
  const entry = communityEntries.find((one) => one.name === name);
  if (entry === undefined) throw actUnknown();
  return entry;
}

function groupNamed(name: string | undefined): SettingGroup {
  if (name !== undefined && isGroup(name)) return name;
  throw actUnknown();
}

function isGroup(name: string): name is SettingGroup {
  return Object.hasOwn(settingGroups, name);
}
