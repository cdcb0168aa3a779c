/** The menus of commands, from the table, by scope and language. */
import type { Api } from 'grammy';
import type { BotCommand, BotCommandScope, LanguageCode } from 'grammy/types';
import { type Language, languages, type Words } from '../../commands/languages/languages.ts';
import { type CommandEntry, commandTable } from '../../commands/table.ts';
import { clientSignal } from './calls.ts';

type ScopeType = Exclude<BotCommandScope['type'], 'chat' | 'chat_administrators' | 'chat_member' | 'default'>;

const scopes = ['all_private_chats', 'all_group_chats', 'all_chat_administrators'] as const satisfies ScopeType[];

/**
 * Sets every menu that differs from what the service has.
 * @param isForced sets the others too.
 * @returns which were set.
 */
export async function register(
  api: Api,
  wordsOf: (language: Language) => Words,
  signal: AbortSignal,
  isForced = false,
): Promise<readonly string[]> {
  const set: string[] = [];
  for (const { name, options, commands } of menusOf(wordsOf)) {
    if (!isForced && (await isThere(api, options, commands, signal))) continue;
    await api.setMyCommands(commands, options, clientSignal(signal));
    set.push(name);
  }
  return set;
}

/** The menus that `register` would set. */
export async function changedMenus(
  api: Api,
  wordsOf: (language: Language) => Words,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const changed: string[] = [];
  for (const { name, options, commands } of menusOf(wordsOf)) {
    if (!(await isThere(api, options, commands, signal))) changed.push(name);
  }
  return changed;
}

function menusOf(wordsOf: (language: Language) => Words) {
  return scopes.flatMap((type) =>
    languages.map((language) => ({
      name: `${type} ${language}`,
      options: { scope: { type }, ...languageCode(language) },
      commands: menuOf(type, wordsOf(language)),
    })),
  );
}

async function isThere(
  api: Api,
  options: ReturnType<typeof menusOf>[number]['options'],
  commands: readonly BotCommand[],
  signal: AbortSignal,
): Promise<boolean> {
  return isSame(await api.getMyCommands(options, clientSignal(signal)), commands);
}

/** Whoever speaks none of the languages reads the menu without a language: the English one. */
function languageCode(language: Language): { readonly language_code?: LanguageCode } {
  return language === 'en' ? {} : { language_code: language };
}

/** https://core.telegram.org/bots/api#botcommand */
const maxDescriptionLength = 256;

function menuOf(scope: (typeof scopes)[number], words: Words): BotCommand[] {
  const shown = commandTable.filter(({ surface, where, right }: CommandEntry) => {
    if (surface !== 'typed') return false;
    switch (scope) {
      case 'all_private_chats':
        return where === 'everywhere' && right === 'member';
      case 'all_group_chats':
        return right === 'member';
      case 'all_chat_administrators':
        return true;
    }
  });
  return shown.map(({ name }) => ({
    command: telegramName(name),
    description: words.say(`command.${name}.about`).slice(0, maxDescriptionLength),
  }));
}

/** Commands here take no hyphens. */
function telegramName(name: string): string {
  return name.replaceAll('-', '_');
}

function isSame(one: readonly BotCommand[], other: readonly BotCommand[]): boolean {
  const written = (commands: readonly BotCommand[]): string =>
    JSON.stringify(commands.map(({ command, description }) => [command, description]));
  return written(one) === written(other);
}
