/** The README's tables of commands and settings, from the table of commands and the English catalogue. */
import { openLanguages } from '../commands/languages/languages.ts';
import { argumentText, choiceText, commandTexts } from '../commands/registration.ts';
import { communityEntries, personEntries } from '../commands/settings-values.ts';
import { type CommandEntry, commandTable, settingNames } from '../commands/table.ts';

const words = openLanguages()('en');

const [begin, end] = ['<!-- Written by `npm run readme`: -->', '<!-- until here. -->'];

/** @throws Error where the README has no place for them. */
export function withTables(readme: string): string {
  const [before, rest] = readme.split(begin);
  const [, after] = rest?.split(end) ?? [];
  if (before === undefined || after === undefined) throw new Error(`Expected "${begin}" … "${end}" in the README.`);
  return `${before}${begin}\n\n${commandRows()}\n\n${settingRows()}\n\n${end}${after}`;
}

function commandRows(): string {
  const rows = commandTable.map((entry: CommandEntry) => {
    const { name, about } = commandTexts(entry.name, words);
    const shown = entry.surface === 'typed' ? `\`/${name}\`` : `*Apps*, **${name}** (Discord)`;
    const photo = entry.maxPhotos > 0 && entry.surface === 'typed' ? [`\`photo\`: ${photoText(entry)}`] : [];
    const args = entry.arguments.map(
      (argument) => `\`${argument.name}\`: ${lower(argumentText(entry.name, argument.name, words))}`,
    );
    return `| ${shown} | ${about} | ${[...photo, ...args].join('; ')} |`;
  });
  return ['| command | what it does | with |', '|---|---|---|', ...rows].join('\n');
}

function photoText({ name, maxPhotos }: CommandEntry): string {
  return `${lower(argumentText(name, 'photo', words))} (up to ${maxPhotos})`;
}

function settingRows(): string {
  const rows = settingNames.map((name) => {
    const isOwn = personEntries.some((entry) => entry.name === name);
    const isCommon = name === 'weight' || communityEntries.some((entry) => entry.name === name);
    const whose = [...(isOwn ? ['yours'] : []), ...(isCommon ? ['a community’s'] : [])].join(', ');
    const [, ...about] = choiceText('name', name, words).split(': ');
    return `| \`${name}\` | ${whose} | ${about.join(': ')} |`;
  });
  return ['| setting | whose | what it is |', '|---|---|---|', ...rows].join('\n');
}

function lower(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
