import { z } from 'zod';
import { checked, invalidField } from '../errors.ts';

/** discord.com/developers/docs/reference#locales */
const locales = [
  'id',
  'da',
  'de',
  'en-GB',
  'en-US',
  'es-ES',
  'es-419',
  'fr',
  'hr',
  'it',
  'lt',
  'hu',
  'nl',
  'no',
  'pl',
  'pt-BR',
  'ro',
  'fi',
  'sv-SE',
  'vi',
  'tr',
  'cs',
  'el',
  'bg',
  'ru',
  'uk',
  'hi',
  'th',
  'zh-CN',
  'ja',
  'zh-TW',
  'ko',
] as const;

const slashName = z
  .string()
  .min(1)
  .max(32)
  .regex(/^[-_'\p{L}\p{N}\p{sc=Deva}\p{sc=Thai}]{1,32}$/u)
  .refine((name) => name === name.toLowerCase(), {
    message: 'Letters with a lowercase variant must be lowercase',
    params: { code: 'APPLICATION_COMMAND_INVALID_NAME' },
  });
const description = z.string().min(1).max(100);
const localised = <T extends z.ZodType>(value: T) => z.partialRecord(z.literal(locales), value).nullish();

const choice = <T extends z.ZodType>(value: T) =>
  z
    .array(
      z.object({ name: z.string().min(1).max(100), name_localizations: localised(z.string().min(1).max(100)), value }),
    )
    .max(25)
    .optional();

const named = {
  name: slashName,
  name_localizations: localised(slashName),
  description,
  description_localizations: localised(description),
};
const parameter = { ...named, required: z.boolean().optional() };

const valueOption = z.discriminatedUnion('type', [
  z.object({
    ...parameter,
    type: z.literal(3),
    choices: choice(z.string().min(1).max(100)),
    autocomplete: z.boolean().optional(),
    min_length: z.int().min(0).max(6000).optional(),
    max_length: z.int().min(1).max(6000).optional(),
  }),
  z.object({
    ...parameter,
    type: z.literal([4, 10]),
    choices: choice(z.number()),
    autocomplete: z.boolean().optional(),
    min_value: z.number().optional(),
    max_value: z.number().optional(),
  }),
  z.object({ ...parameter, type: z.literal([5, 6, 7, 8, 9]), channel_types: z.array(z.int()).optional() }),
  // `file_types` filters what the client offers, by extension.
  z.object({ ...parameter, type: z.literal(11), file_types: z.array(z.string()).optional() }),
]);
const subcommand = z.object({ ...named, type: z.literal(1), options: z.array(valueOption).max(25).optional() });
const group = z.object({ ...named, type: z.literal(2), options: z.array(subcommand).max(25).optional() });

const shared = {
  default_member_permissions: z.string().regex(/^\d+$/).nullish(),
  dm_permission: z.boolean().optional(),
  nsfw: z.boolean().optional(),
  contexts: z
    .array(z.literal([0, 1, 2]))
    .min(1)
    .nullish(),
  integration_types: z
    .array(z.literal([0, 1]))
    .min(1)
    .optional(),
};
const slash = z.object({
  ...shared,
  ...named,
  type: z.literal(1).default(1),
  options: z
    .array(z.union([valueOption, subcommand, group]))
    .max(25)
    .optional(),
});
const menuName = z.string().min(1).max(32);
const menu = z.object({
  ...shared,
  type: z.literal([2, 3]),
  name: menuName,
  name_localizations: localised(menuName),
  description: z.literal('').optional(),
});

export type SlashCommand = z.output<typeof slash>;
export type MenuCommand = z.output<typeof menu>;
export type ValueOption = z.output<typeof valueOption>;
export type CommandOption = NonNullable<SlashCommand['options']>[number];

/** @throws {DiscordRefusal} 50035 */
export function checkedCommands(body: unknown, guildOnly: boolean): (SlashCommand | MenuCommand)[] {
  const list = checked(z.array(z.unknown()), body);
  const commands = list.map((entry, index) => checkedCommand(entry, guildOnly, [index]));
  const limits = { 1: 100, 2: 15, 3: 15 } as const;
  for (const type of [1, 2, 3] as const) {
    const ofType = commands.filter((command) => command.type === type);
    if (ofType.length > limits[type])
      throw invalidField(
        [],
        'BASE_TYPE_MAX_LENGTH',
        `Maximum number of application commands reached (${limits[type]}).`,
      );
    const names = ofType.map((command) => command.name);
    const twice = names.findIndex((name, at) => names.indexOf(name) < at);
    if (twice >= 0)
      throw invalidField([twice], 'APPLICATION_COMMANDS_DUPLICATE_NAME', 'Application command names must be unique');
  }
  return commands;
}

/** @throws {DiscordRefusal} 50035 */
export function checkedCommand(
  body: unknown,
  guildOnly: boolean,
  path: readonly PropertyKey[],
): SlashCommand | MenuCommand {
  const kind = checked(z.object({ type: z.int().nullish() }), body, path).type ?? 1;
  const command = kind === 1 ? checked(slash, body, path) : checked(menu, body, path);
  if (guildOnly && (command.contexts !== undefined || command.integration_types !== undefined))
    throw invalidField(
      [...path, 'contexts'],
      'APPLICATION_COMMAND_CONTEXTS_NOT_ALLOWED',
      'Contexts and integration types are for global commands only',
    );
  if (command.type === 1) checkOptions(command.options ?? [], [...path, 'options']);
  const size = commandSize(command);
  if (size > 8000)
    throw invalidField(path, 'APPLICATION_COMMAND_TOO_LARGE', `Command exceeds maximum size (8000): ${size}`);
  return command;
}

function checkOptions(options: readonly CommandOption[], path: readonly PropertyKey[]): void {
  const fault = (at: PropertyKey[], code: string, message: string): never => {
    throw invalidField([...path, ...at], code, message);
  };
  const nested = options.filter((option) => option.type === 1 || option.type === 2);
  if (nested.length > 0 && nested.length < options.length)
    fault(
      [],
      'APPLICATION_COMMAND_OPTIONS_TYPE_INVALID',
      'Sub-command and sub-command group option types are mutually exclusive to all other types',
    );
  let sawOptional = false;
  const names = new Set<string>();
  for (const [index, option] of options.entries()) {
    for (const name of [
      option.name,
      ...Object.entries(option.name_localizations ?? {}).map((pair) => pair.join('\0')),
    ]) {
      if (names.has(name))
        fault([index, 'name'], 'APPLICATION_COMMAND_OPTIONS_NAME_ALREADY_EXISTS', 'Option name already exists');
      names.add(name);
    }
    if (option.type === 1 || option.type === 2) {
      checkOptions(option.options ?? [], [...path, index, 'options']);
      continue;
    }
    if (option.required === true && sawOptional)
      fault(
        [index],
        'APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID',
        'Required options must be placed before non-required options',
      );
    sawOptional ||= option.required !== true;
    if ('autocomplete' in option && option.autocomplete === true && (option.choices?.length ?? 0) > 0)
      fault(
        [index, 'autocomplete'],
        'APPLICATION_COMMAND_AUTOCOMPLETE_NO_CHOICES',
        'Autocomplete options cannot have choices',
      );
  }
}

/** Characters of name, description and values, with the longest localisation of each; 8,000 at most in one command. */
function commandSize(command: SlashCommand | MenuCommand): number {
  const longest = (own: string, others: object | null | undefined): number =>
    Math.max(own.length, ...Object.values(others ?? {}).map((text) => String(text).length));
  const sizeOf = (part: CommandOption): number => {
    const own = longest(part.name, part.name_localizations) + longest(part.description, part.description_localizations);
    if (part.type === 1 || part.type === 2)
      return own + (part.options ?? []).reduce((sum: number, option) => sum + sizeOf(option), 0);
    const choices = 'choices' in part ? (part.choices ?? []) : [];
    return (
      own + choices.reduce((sum, one) => sum + longest(one.name, one.name_localizations) + String(one.value).length, 0)
    );
  };
  const own = longest(command.name, command.name_localizations);
  if (command.type !== 1) return own;
  return (
    own +
    longest(command.description, command.description_localizations) +
    (command.options ?? []).reduce((sum, option) => sum + sizeOf(option), 0)
  );
}
