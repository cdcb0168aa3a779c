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
import { roleIn } from './rights.ts';
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

/** Named among other settings. */
const mostShares = 4;

const mostInRow = 5;
/** Of the labels of a row, so that a phone shows them whole. */
const mostLettersInRow = 34;

/** After the id of the community that the page was opened in. */
export const ownAll = 'all';

/** @param from the community that the page was opened in, which is another one where its buttons are pressed in private. */
export async function ownPage(asked: Asked, from: Managed): Promise<Reply> {
  const { words } = asked;
  const lines = personEntries.map((entry) => named(settingText(entry.name, words), ownValue(asked, from, entry)));
  const buttons = personEntries.map(({ name }) => ownButton(asked, from, settingText(name, words), name));
  const isManager = isAtLeast(await roleIn(asked, from.id), 'manager');
  const key = from.isPrivate ? 'button.settings-more' : 'button.settings-here';
  return toAsker(
    [line(words.say('settings.own'), 'heading'), ...lines, line(words.say('settings.press'), 'small')],
    [...inRows(buttons), ...(isManager ? [[hereButton(from.id, words.say(key))]] : [])],
  );
}

/** @param change what was done just now. */
export function ownSettingPage(
  asked: Asked,
  from: Managed,
  entry: SettingEntry<PersonSettings>,
  change?: Change<PersonSettings>,
): Reply {
  const { words, person } = asked;
  const { name, usual, choices } = entry;
  const settings = change?.after ?? person.settings;
  const now = entry.shown(settings);
  const button = (label: string, value: string, isChosen: boolean): Button =>
    ownButton(asked, from, label, `${name}_${value}`, isChosen);
  const buttons = choices.map((choice) => button(valueText(name, choice, words), choice, choice === (now ?? usual)));
  const usually =
    usual === undefined ? [button(usualOwn(asked, from.settings, entry), 'usual', now === undefined)] : [];
  return toAsker(
    [
      line(settingText(name, words), 'heading'),
      line(settingAbout(name, words)),
      ...nowLines(asked, ownValue(asked, from, entry, settings), change && ownValue(asked, from, entry, change.before)),
    ],
    [...inRows([...buttons, ...usually]), [ownButton(asked, from, words.say('button.back'), ownAll)]],
  );
}

function ownValue(
  asked: Asked,
  from: Managed,
  entry: SettingEntry<PersonSettings>,
  settings: PersonSettings = asked.person.settings,
): readonly Span[] {
  const value = entry.shown(settings);
  const text = value === undefined ? usualOwn(asked, from.settings, entry) : valueText(entry.name, value, asked.words);
  return [strong(text)];
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
  const own = ownButton(asked, managed, words.say('button.settings-own'), ownAll);
  return toAsker([await titleHere(asked, managed), ...lines], [...inRows(buttons), [own]]);
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
      await titleHere(asked, managed),
      line(groupText(asked, group), 'small'),
      ...lines,
      line(words.say('settings.press'), 'small'),
    ],
    [...inRows(buttons), [isPrivate ? ownButton(asked, managed, back, ownAll) : hereButton(id, back)]],
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
  const isElsewhere = choices.includes('here') && managed.here === undefined;
  const offered = choices.filter((choice) => choice !== 'here' || !isElsewhere);
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
      ...(isElsewhere
        ? [line(words.say('settings.there', { command: `/settings here --name ${name}` }), 'small')]
        : []),
      ...nowLines(asked, await value(settings), change && (await value(change.before))),
    ],
    [...inRows([...buttons, ...usually, ...other]), [hereButton(id, words.say('button.back'), `g.${groupOf(name)}`)]],
  );
}

/** Who has another share than everybody else. */
export async function sharesPage(asked: Asked, managed: Managed, changed?: Line): Promise<Reply> {
  const { words, scene } = asked;
  const { id } = managed;
  const shares = await sharesIn(asked, managed);
  // Not where the platform does not say who boosts.
  const offered = memberKinds.filter((kind) => kind !== 'boosters' || scene.isBooster !== undefined);
  const kinds = offered.map((kind) => hereButton(id, valueText('weight', kind, words), `weight.${kind}`));
  const lines = shares.map(({ who, weight }): Line => ({
    kind: 'plain',
    spans: ['• ', who, ': ', strong(String(weight))],
  }));
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

/** What share a kind of members has. @param group one of `memberKinds`. @param change what was done just now. */
export function sharePage(
  asked: Asked,
  { id, settings }: Managed,
  group: string,
  change?: { readonly from: number; readonly to: number },
): Reply {
  const { words } = asked;
  const now = change?.to ?? settings.weights[group] ?? 1;
  const buttons = shareChoices.map((weight) =>
    hereButton(id, String(weight), `weight.${group}.${weight}`, weight === now),
  );
  return toAsker(
    [
      line(valueText('weight', group, words), 'heading'),
      line(words.say('settings.share-about')),
      ...nowLines(asked, [strong(String(now))], change && [strong(String(change.from))]),
    ],
    [...inRows(buttons), [hereButton(id, words.say('button.back'), 'weight')]],
  );
}

const shareChoices = [0.25, 0.5, 1, 2, 3, 4] as const;

/** Of somebody among others. */
export function shareChanged(
  { words }: Asked,
  { from, to }: { readonly from: number; readonly to: number },
  who: Span,
): Line {
  return named(words.say('settings.changed'), [who, ', ', strong(`${from} → ${to}`)]);
}

/** A private chat may hold pages of several communities. */
async function titleHere({ words, chat }: Asked, { here, isPrivate, chatId }: Managed): Promise<Line> {
  const name = here === undefined && !isPrivate ? await chat.communityName?.(chatId) : undefined;
  return line(name === undefined ? words.say('settings.here') : words.say('settings.of', { name }), 'heading');
}

async function settingLine(asked: Asked, managed: Managed, name: SettingName): Promise<Line> {
  const label = settingText(name, asked.words);
  const entry = communityEntries.find((one) => one.name === name);
  if (entry !== undefined) return named(label, await valueHere(asked, managed, entry, true));
  const shares = await sharesIn(asked, managed);
  if (shares.length === 0) return named(label, [strong(asked.words.say('usual.weight'))]);
  const shown = shares.slice(0, mostShares);
  const spans = shown.flatMap(({ who, weight }, i): Span[] => [i === 0 ? '' : ', ', who, ' ', strong(String(weight))]);
  return named(label, [...spans, shares.length > mostShares ? ' …' : '']);
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

/** @param what `all`, a setting, or a setting, `_` and its new value. */
function ownButton({ person }: Asked, from: Managed, label: string, what: string, isChosen = false): Button {
  const id = `${packId(from.id)}_${what}`;
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
