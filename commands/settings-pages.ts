/**
 * The pages of settings: what is set, in words, and a button for whatever can be. A page is one message that becomes the next;
 * its buttons hold all that they need, so that they work for ever.
 */
import { memberKinds, isAtLeast } from '../src/people/roles.ts';
import type { Change, CommunitySettings, PersonSettings } from '../src/people/settings.ts';
import { type Asked, line, toAsker } from './asked.ts';
import type { Managed } from './change-setting.ts';
import { encodePressId, packId } from './contract/press-id.ts';
import type { Button, Line, Reply, Span } from './contract/reply.ts';
import { tagOf } from './press-rights.ts';
import { settingAbout, settingText, usualHere, usualOwn, valueHere, valueText } from './settings-words.ts';
import { communityEntries, personEntries, type SettingEntry } from './settings-values.ts';
import { sharesIn } from './share-weights.ts';
import type { SettingName } from './table.ts';

/** The settings of a community by what they are about; in somebody's private chat are only the first. */
export const settingGroups = {
  pictures: ['language', 'balance', 'preset', 'size', 'max-count', 'previews', 'spoiler'],
  people: ['channels', 'who', 'others', 'max-waiting', 'weight'],
  moderation: ['share', 'strictness', 'words', 'hide-after', 'moderators', 'moderator-roles'],
} as const satisfies Readonly<Record<string, readonly SettingName[]>>;
export type SettingGroup = keyof typeof settingGroups;

/** What everybody has as their own, or has no use for alone, is not offered in a private chat. */
const inPrivate: readonly SettingName[] = ['preset', 'size', 'spoiler'];

const mostInRow = 5;
/** Of the labels of a row, so that a phone shows them whole. */
const mostLettersInRow = 34;

export const ownAll = 'all';

export async function ownPage(asked: Asked): Promise<Reply> {
  const { words, person } = asked;
  const lines = personEntries.map((entry) => named(settingText(entry.name, words), [strong(ownValue(asked, entry))]));
  const buttons = personEntries.map(({ name }) => ownButton(asked, settingText(name, words), name));
  const isManager = isAtLeast(person.role, 'manager');
  const here = isManager ? [[hereButton(asked.community.id, words.say('button.settings-here'))]] : [];
  return toAsker(
    [line(words.say('settings.own'), 'heading'), ...lines, line(words.say('settings.press'), 'small')],
    [...inRows(buttons), ...here],
  );
}

/** @param change what was done just now. */
export function ownSettingPage(
  asked: Asked,
  entry: SettingEntry<PersonSettings>,
  change?: Change<PersonSettings>,
): Reply {
  const { words, person } = asked;
  const { name, usual, choices } = entry;
  const now = entry.shown(change?.after ?? person.settings);
  const value = (settings: PersonSettings): Span[] => [strong(ownValue(asked, entry, settings))];
  const buttons = choices.map((choice) =>
    ownButton(asked, valueText(name, choice, words), `${name}_${choice}`, choice === (now ?? usual)),
  );
  const back =
    usual === undefined ? [ownButton(asked, usualOwn(asked, entry), `${name}_usual`, now === undefined)] : [];
  return toAsker(
    [
      line(settingText(name, words), 'heading'),
      line(settingAbout(name, words)),
      ...nowLines(asked, value(change?.after ?? person.settings), change && value(change.before)),
    ],
    [...inRows([...buttons, ...back]), [ownButton(asked, words.say('button.back'), ownAll)]],
  );
}

function ownValue(
  asked: Asked,
  entry: SettingEntry<PersonSettings>,
  settings: PersonSettings = asked.person.settings,
): string {
  const value = entry.shown(settings);
  return value === undefined ? usualOwn(asked, entry) : valueText(entry.name, value, asked.words);
}

export async function herePage(asked: Asked, managed: Managed): Promise<Reply> {
  const { words } = asked;
  if (managed.isPrivate) return groupPage(asked, managed, 'pictures');
  const lines: Line[] = [];
  for (const group of groups) {
    lines.push(line(groupText(asked, group), 'small'));
    for (const name of settingGroups[group]) lines.push(await settingLine(asked, managed, name));
  }
  const buttons = groups.map((group) => hereButton(managed.id, groupText(asked, group), `g.${group}`));
  const own = ownButton(asked, words.say('button.settings-own'), ownAll);
  return toAsker([line(words.say('settings.here'), 'heading'), ...lines], [...inRows(buttons), [own]]);
}

export async function groupPage(asked: Asked, managed: Managed, group: SettingGroup): Promise<Reply> {
  const { words } = asked;
  const { id, isPrivate } = managed;
  const names = settingGroups[group].filter((name) => !isPrivate || inPrivate.includes(name));
  const lines = await Promise.all(names.map((name) => settingLine(asked, managed, name)));
  const buttons = names.map((name) => hereButton(id, settingText(name, words), name));
  const back = words.say('button.back');
  return toAsker(
    [
      line(words.say('settings.here'), 'heading'),
      line(groupText(asked, group), 'small'),
      ...lines,
      line(words.say('settings.press'), 'small'),
    ],
    [...inRows(buttons), [isPrivate ? ownButton(asked, back, ownAll) : hereButton(id, back)]],
  );
}

/** @param change what was done just now; `managed` has what was before. */
export async function hereSettingPage(
  asked: Asked,
  managed: Managed,
  entry: SettingEntry<CommunitySettings>,
  change?: Change<CommunitySettings>,
): Promise<Reply> {
  const { words } = asked;
  const { id } = managed;
  const { name, usual, choices, field } = entry;
  const settings = change?.after ?? managed.settings;
  const now = entry.shown(settings);
  const value = async (of: CommunitySettings): Promise<readonly Span[]> =>
    valueHere(asked, { ...managed, settings: of }, entry, false);
  // Where a button is pressed elsewhere, there is no "here".
  const offered = choices.filter((choice) => choice !== 'here' || managed.here !== undefined);
  const buttons = offered.map((choice) =>
    hereButton(id, valueText(name, choice, words), `${name}.${choice}`, choice === (now ?? usual)),
  );
  const usually =
    usual === undefined ? [hereButton(id, usualHere(asked, entry), `${name}.usual`, now === undefined)] : [];
  const other = field === undefined ? [] : [hereButton(id, words.say('button.other'), `${name}.other`)];
  return toAsker(
    [
      line(settingText(name, words), 'heading'),
      line(settingAbout(name, words)),
      ...nowLines(asked, await value(settings), change && (await value(change.before))),
    ],
    [...inRows([...buttons, ...usually, ...other]), [hereButton(id, words.say('button.back'), `g.${groupOf(name)}`)]],
  );
}

/** Who has another share than everybody else. */
export async function sharesPage(asked: Asked, managed: Managed, changed?: Line): Promise<Reply> {
  const { words } = asked;
  const { id } = managed;
  const shares = await sharesIn(asked, managed);
  const kinds = memberKinds.map((kind) => hereButton(id, valueText('weight', kind, words), `weight.${kind}`));
  const lines = shares.map(
    ({ who, weight }): Line => ({ kind: 'plain', spans: ['• ', who, ': ', strong(String(weight))] }),
  );
  return toAsker(
    [
      line(settingText('weight', words), 'heading'),
      line(settingAbout('weight', words)),
      ...(lines.length === 0 ? [line(words.say('usual.weight'))] : lines),
      ...(changed === undefined ? [] : [changed]),
    ],
    [
      ...inRows([...kinds, hereButton(id, words.say('button.sharer'), 'weight.other')]),
      [hereButton(id, words.say('button.back'), `g.${groupOf('weight')}`)],
    ],
  );
}

/** What share a kind of members has. @param group one of `memberKinds`. */
export async function sharePage(asked: Asked, managed: Managed, group: string, changed?: Line): Promise<Reply> {
  const { words } = asked;
  const { id, settings } = managed;
  const now = settings.weights[group] ?? 1;
  const buttons = shareChoices.map((weight) =>
    hereButton(id, String(weight), `weight.${group}.${weight}`, weight === now),
  );
  return toAsker(
    [
      line(valueText('weight', group, words), 'heading'),
      line(words.say('settings.share-about')),
      changed ?? named(words.say('settings.now'), [strong(String(now))]),
    ],
    [...inRows(buttons), [hereButton(id, words.say('button.back'), 'weight')]],
  );
}

const shareChoices = [0.25, 0.5, 1, 2, 3, 4] as const;

/** "Was: 1. Now: 2", of somebody where the page does not say whose it is. */
export function shareChanged(
  { words }: Asked,
  { from, to }: { readonly from: number; readonly to: number },
  who?: Span,
): Line {
  const was = [words.say('settings.was'), ': ', strong(String(from)), ' → ', words.say('settings.now'), ': '];
  return { kind: 'plain', spans: [...(who === undefined ? [] : [who, ' · ']), ...was, strong(String(to))] };
}

async function settingLine(asked: Asked, managed: Managed, name: SettingName): Promise<Line> {
  const label = settingText(name, asked.words);
  const entry = communityEntries.find((one) => one.name === name);
  if (entry !== undefined) return named(label, await valueHere(asked, managed, entry, true));
  const shares = await sharesIn(asked, managed);
  return named(label, [strong(shares.length === 0 ? asked.words.say('usual.weight') : String(shares.length))]);
}

function nowLines({ words }: Asked, now: readonly Span[], before: readonly Span[] | undefined): Line[] {
  const was = before === undefined ? [] : [named(words.say('settings.was'), before)];
  return [...was, named(words.say('settings.now'), now)];
}

function named(label: string, spans: readonly Span[]): Line {
  return { kind: 'plain', spans: [`${label}: `, ...spans] };
}

function strong(text: string): Span {
  return { kind: 'strong', text };
}

const groups = ['pictures', 'people', 'moderation'] as const satisfies readonly SettingGroup[];

function groupOf(name: SettingName): SettingGroup {
  return groups.find((group) => settingGroups[group].some((one) => one === name)) ?? 'pictures';
}

function groupText({ words }: Asked, group: SettingGroup): string {
  return words.say(`settings.group.${group}`);
}

/** @param id `all`, a setting, or a setting, `_` and its new value. */
function ownButton({ person }: Asked, label: string, id: string, isChosen = false): Button {
  return button(label, encodePressId({ action: 'own', id, extra: tagOf(person.id) }), isChosen);
}

/** @param extra nothing, `g.` and a group, a setting, or a setting, a dot and its new value. */
function hereButton(communityId: string, label: string, extra?: string, isChosen = false): Button {
  return button(label, encodePressId({ action: 'set', id: packId(communityId), extra }), isChosen);
}

function button(label: string, pressId: string, isChosen: boolean): Button {
  return { label, pressId, style: isChosen ? 'primary' : 'secondary' };
}

function inRows(buttons: readonly Button[]): Button[][] {
  const rows: Button[][] = [];
  for (const one of buttons) {
    const row = rows.at(-1);
    const letters = (row ?? []).reduce((sum, { label }) => sum + label.length, one.label.length);
    if (row !== undefined && row.length < mostInRow && letters <= mostLettersInRow) row.push(one);
    else rows.push([one]);
  }
  return rows;
}
