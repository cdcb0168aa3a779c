/** The table of commands as Discord registers them (https://discord.com/developers/docs/interactions/application-commands). */
import { createHash } from 'node:crypto';
import {
  type APIApplicationCommandBasicOption,
  ApplicationCommandOptionType,
  ApplicationCommandType,
  ApplicationIntegrationType,
  InteractionContextType,
  type LocalizationMap,
  PermissionFlagsBits,
  RequestMethod,
  type RESTPostAPIApplicationCommandsJSONBody,
  Routes,
} from 'discord.js';
import { en } from '../../commands/languages/en.ts';
import { type Language, languages, type MessageKey, type Words } from '../../commands/languages/languages.ts';
import type { ArgumentEntry, CommandEntry } from '../../commands/table.ts';
import { identified, type Wire } from './wire.ts';

type WordsOf = (language: Language) => Words;
type Registration = RESTPostAPIApplicationCommandsJSONBody;

/** Discord's names of the languages; English is what everybody else reads. */
const locales = { de: ['de'], es: ['es-ES', 'es-419'], zh: ['zh-CN', 'zh-TW'] } as const;
const longestAbout = 100;
const photoOption = 'photo';

/** Whether an option takes a file: `photo`, `photo-2`. */
export function isPhotoOption(name: string): boolean {
  return /^photo(-\d)?$/.test(name);
}

export function registrationsOf(table: readonly CommandEntry[], wordsOf: WordsOf): Registration[] {
  return table.map((entry) => {
    const { name, surface, right, where } = entry;
    const shared = {
      contexts: where === 'community' ? [InteractionContextType.Guild] : everywhere,
      integration_types: where === 'community' ? [ApplicationIntegrationType.GuildInstall] : bothInstalls,
      default_member_permissions: right === 'manager' ? String(PermissionFlagsBits.ManageGuild) : null,
    };
    const names = localised(`command.${name}.name`, wordsOf);
    if (surface === 'message') {
      return { ...shared, ...names, type: ApplicationCommandType.Message, name: menuName(entry, wordsOf) };
    }
    return {
      ...shared,
      ...names,
      ...described(`command.${name}.about`, name, wordsOf),
      type: ApplicationCommandType.ChatInput,
      name,
      options: optionsOf(entry, wordsOf),
    };
  });
}

const everywhere = [InteractionContextType.Guild, InteractionContextType.BotDM, InteractionContextType.PrivateChannel];
const bothInstalls = [ApplicationIntegrationType.GuildInstall, ApplicationIntegrationType.UserInstall];

/** From the names that Discord says in interactions back to the table's. */
export function namesByRegistration(table: readonly CommandEntry[], wordsOf: WordsOf): (registered: string) => string {
  const menus = table.filter(({ surface }) => surface === 'message');
  const names = new Map(menus.map((entry) => [menuName(entry, wordsOf), entry.name]));
  return (registered) => names.get(registered) ?? registered;
}

/** In a menu stands the name that the catalogue has, with its spaces and capitals. */
function menuName({ name }: CommandEntry, wordsOf: WordsOf): string {
  return textOf(`command.${name}.name`, wordsOf('en')) ?? name;
}

function optionsOf(entry: CommandEntry, wordsOf: WordsOf): APIApplicationCommandBasicOption[] {
  const photos = Array.from({ length: entry.maxPhotos }, (_, i) => {
    const key = `argument.${entry.name}.${photoOption}`;
    const name = i === 0 ? photoOption : `${photoOption}-${i + 1}`;
    return { type: ApplicationCommandOptionType.Attachment, name, ...described(key, name, wordsOf) } as const;
  });
  const options = entry.arguments.map((argument) => optionOf(entry, argument, wordsOf));
  const isRequired = ({ required }: APIApplicationCommandBasicOption): boolean => required === true;
  // Discord wants the required ones first; a photo is what people look for next.
  return [...options.filter(isRequired), ...photos, ...options.filter((option) => !isRequired(option))];
}

function optionOf(entry: CommandEntry, argument: ArgumentEntry, wordsOf: WordsOf): APIApplicationCommandBasicOption {
  const { name, isRequired: required = false } = argument;
  const shared = { name, required, ...described(`argument.${entry.name}.${name}`, name, wordsOf) };
  switch (argument.kind) {
    case 'text':
      return {
        ...shared,
        type: ApplicationCommandOptionType.String,
        max_length: argument.maxLength,
        autocomplete: argument.hasSuggestions ?? false,
      };
    case 'whole':
      return {
        ...shared,
        type: ApplicationCommandOptionType.Integer,
        min_value: argument.min,
        max_value: argument.max,
      };
    case 'choice':
      return {
        ...shared,
        type: ApplicationCommandOptionType.String,
        choices: argument.choices.map((value) => {
          const key = `choice.${name}.${value}`;
          return { name: textOf(key, wordsOf('en')) ?? value, ...localised(key, wordsOf), value };
        }),
      };
  }
}

function described(
  key: string,
  name: string,
  wordsOf: WordsOf,
): { description: string; description_localizations: LocalizationMap } {
  const all = localised(key, wordsOf, (text) => text.slice(0, longestAbout));
  return {
    description: (textOf(key, wordsOf('en')) ?? name).slice(0, longestAbout),
    description_localizations: all.name_localizations,
  };
}

function localised(
  key: string,
  wordsOf: WordsOf,
  shorten: (text: string) => string = (text) => text,
): { name_localizations: LocalizationMap } {
  const map: LocalizationMap = {};
  for (const language of languages) {
    const text = language === 'en' ? undefined : textOf(key, wordsOf(language));
    if (language === 'en' || text === undefined) continue;
    for (const locale of locales[language]) map[locale] = shorten(text);
  }
  return { name_localizations: map };
}

function textOf(key: string, words: Words): string | undefined {
  return isKey(key) ? words.say(key) : undefined;
}

function isKey(key: string): key is MessageKey {
  return Object.hasOwn(en, key);
}

/**
 * Registers all commands at once, unless these very commands were registered before.
 * @param last what the last call returned; kept by the caller.
 * @returns what to keep for the next call.
 * @throws DiscordTrouble; the signal's reason.
 */
export async function registerCommands(
  wire: Wire,
  commands: readonly Registration[],
  last: string | undefined,
  signal: AbortSignal,
): Promise<string> {
  const { id } = identified.parse(await wire.call(RequestMethod.Get, Routes.currentApplication(), {}, signal));
  // With the application: another bot's token means that nothing is registered yet.
  const fingerprint = createHash('sha256')
    .update(JSON.stringify([id, commands]))
    .digest('hex');
  if (fingerprint === last) return fingerprint;
  await wire.call(RequestMethod.Put, Routes.applicationCommands(id), { body: commands }, signal);
  return fingerprint;
}
