/** The table's texts, for registrations, menus and the README. */
import type { CommandEntry } from './table.ts';
import { isMessageKey, type MessageKey, type Words } from './languages/languages.ts';

/** A command's name and description in one language. A typed name is lower case without spaces in all of them. */
export function commandTexts(
  name: CommandEntry['name'],
  words: Words,
): { readonly name: string; readonly about: string } {
  return { name: textOf(`command.${name}.name`, name, words), about: textOf(`command.${name}.about`, name, words) };
}

/** A command as people write it there: Telegram makes a command of no more than letters, digits and `_`. */
export function writtenCommand(name: CommandEntry['name'], platform: string): string {
  return `/${platform === 'telegram' ? name.replaceAll('-', '_') : name}`;
}

/** Whether arguments are words behind a command, rather than fields that the platform shows. */
export function hasWrittenArguments(platform: string): boolean {
  return platform === 'telegram';
}

/** What an argument is for; at most 100 characters. */
export function argumentText(command: string, argument: string, words: Words): string {
  return textOf(`argument.${command}.${argument}`, argument, words);
}

/** A choice as people read it; its value is never translated. */
export function choiceText(argument: string, choice: string, words: Words): string {
  return textOf(`choice.${argument}.${choice}`, choice, words);
}

function textOf(key: string, fallback: string, words: Words): string {
  const known: MessageKey | undefined = isMessageKey(key) ? key : undefined;
  return known === undefined ? fallback : words.say(known);
}
