/** Arguments of commands, from words and checked: what an adapter or a person sent is not yet what the table wants. */
import { Refusal, shown } from '../src/errors.ts';
import type { ArgumentValue } from './contract/act.ts';
import type { ArgumentEntry, CommandEntry } from './table.ts';

type Arguments = Readonly<Record<string, ArgumentValue>>;

/**
 * Reads the words after a command where the platform has no typed arguments: `a knight --balance 4 --place top left`.
 * What stands before the first `--name` is the rest argument, and so is what follows the one word of a number or a
 * choice; a `--name` that the table does not have is part of it. A choice that leads may stand first without its name:
 * `/settings language de`.
 */
export function argumentsFromText(entry: CommandEntry, text: string): Arguments {
  const args: Record<string, ArgumentValue> = {};
  const rest = entry.arguments.find(({ isRest }) => isRest === true);
  // Phones write two hyphens as one dash.
  const [first, ...options] = text.split(/(?:^|\s)(?:--|—)(?=[a-z])/u);
  let free = first;
  for (const option of options) {
    const [, name, value] = /^([a-z-]+)[\s=:]*(.*)$/su.exec(option) ?? [];
    const argument = entry.arguments.find((one) => one.name === name);
    if (argument === undefined || name === undefined) {
      free += ` --${option}`;
      continue;
    }
    const [, word = '', others = ''] = /^(\S*)\s*(.*)$/su.exec(value.trim()) ?? [];
    if (argument.kind === 'text') args[name] = value.trim();
    else {
      args[name] = argument.kind === 'whole' && /^\d+$/.test(word) ? Number(word) : word;
      if (others !== '') free += ` ${others}`;
    }
  }
  const leading = entry.arguments.find(({ isLeading }) => isLeading === true);
  const [, word = '', others = ''] = /^(\S*)\s*(.*)$/su.exec(free.trim()) ?? [];
  if (leading?.kind === 'choice' && args[leading.name] === undefined && leading.choices.includes(word)) {
    args[leading.name] = word;
    free = others;
  }
  if (rest !== undefined && free.trim() !== '') args[rest.name] = free.trim();
  return args;
}

/** @throws Refusal `argument.*` for the first that the table would not have. */
export function checkArguments(entry: CommandEntry, args: Arguments): void {
  for (const argument of entry.arguments) checkArgument(argument, args[argument.name]);
}

function checkArgument(argument: ArgumentEntry, value: ArgumentValue | undefined): void {
  const { name } = argument;
  if (value === undefined || value === '') {
    if (argument.isRequired !== true) return;
    throw new Refusal('argument.missing', `Please say a \`${name}\` too.`, { name });
  }
  switch (argument.kind) {
    case 'text': {
      const { maxLength } = argument;
      if (typeof value !== 'string') throw expected(name, 'a text', value);
      if (value.length <= maxLength) return;
      throw new Refusal('argument.long', `Please say it shorter: \`${name}\` takes ${maxLength} characters.`, {
        name,
        maxLength,
      });
    }
    case 'whole': {
      const { min, max } = argument;
      if (typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max) return;
      throw new Refusal('argument.whole', `Please use a whole number from ${min} to ${max} for \`${name}\`.`, {
        name,
        min,
        max,
      });
    }
    case 'choice': {
      const { choices } = argument;
      if (choices.some((choice) => choice === value)) return;
      const known = choices.join(', ');
      throw new Refusal('argument.choice', `Please use one of these for \`${name}\`: ${known}.`, { name, known });
    }
  }
}

function expected(name: string, what: string, value: ArgumentValue): Refusal {
  return new Refusal('argument.kind', `Expected ${what} for \`${name}\`, got ${shown(value)}.`, { name });
}

/** A text argument, as `plainText` leaves it; undefined where it was left out. */
export function textOf(args: Arguments, name: string): string | undefined {
  const value = args[name];
  const text = typeof value === 'string' ? plainText(value) : '';
  return text === '' ? undefined : text;
}

/** Without what nobody sees and files and databases do not take: control characters but line breaks, halves of characters. */
export function plainText(text: string): string {
  return text
    .toWellFormed()
    .replaceAll(/\r\n?/g, '\n')
    .replaceAll('\t', ' ')
    .replaceAll(/(?!\n)\p{Cc}/gu, '')
    .trim();
}

/** A number argument; undefined where it was left out. */
export function wholeOf(args: Arguments, name: string): number | undefined {
  const value = args[name];
  return typeof value === 'number' ? value : undefined;
}
