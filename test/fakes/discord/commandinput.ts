import type { Misbehaviour } from '../wire/bytes.ts';
import type { Attachment, Account, Channel } from './model.ts';
import type { CommandOption, ValueOption } from './rules/commands.ts';
import type { RegisteredCommand } from './world.ts';

/** A file that a person picks. */
export interface Upload {
  bytes: Uint8Array;
  name?: string;
  contentType?: string;
  /** How the CDN serves it. */
  misbehaviour?: Misbehaviour;
}

/** What a person fills in: option names to values. */
export interface CommandInput {
  [option: string]: string | number | boolean | Uint8Array | Upload | Account | Channel | undefined;
}

/** What an upload becomes when the client has sent it. */
export type Uploader = (file: Upload) => Promise<Attachment>;

/** The options as they stand in the interaction, and what they refer to. */
export interface FilledIn {
  options: object[];
  attachments: Attachment[];
  users: Account[];
  channels: Channel[];
}

/**
 * Fills in a slash command the way Discord's client lets a person do it.
 *
 * @param words Name of the command, then of its group and subcommand.
 * @throws {Error} where the client would not let the person send it
 */
export async function fillIn(
  command: RegisteredCommand,
  words: readonly string[],
  input: CommandInput,
  upload: Uploader,
  focused?: string,
): Promise<FilledIn> {
  const filled: FilledIn = { options: [], attachments: [], users: [], channels: [] };
  let level: readonly CommandOption[] = command.type === 1 ? (command.options ?? []) : [];
  let target = filled.options;
  for (const word of words.slice(1)) {
    const branch = level.find((option) => option.name === word);
    if (branch?.type !== 1 && branch?.type !== 2)
      throw new Error(`There is no subcommand ${word} of /${command.name}.`);
    const options: object[] = [];
    target.push({ name: word, type: branch.type, options });
    target = options;
    level = branch.options ?? [];
  }
  const names = new Set(level.map((option) => option.name));
  const unknown = Object.keys(input).find((name) => !names.has(name));
  if (unknown !== undefined) throw new Error(`/${words.join(' ')} has no option ${unknown}.`);
  for (const option of level) {
    if (option.type === 1 || option.type === 2) throw new Error(`/${command.name} needs a subcommand.`);
    const value = input[option.name];
    if (value === undefined) {
      if (option.required === true && focused === undefined) throw new Error(`Expected a value for ${option.name}.`);
      continue;
    }
    const wire = await wireValue(option, value, filled, upload, focused === undefined);
    target.push({
      name: option.name,
      type: option.type,
      value: wire,
      ...(option.name === focused ? { focused: true } : {}),
    });
  }
  return filled;
}

async function wireValue(
  option: ValueOption,
  value: NonNullable<CommandInput[string]>,
  filled: FilledIn,
  upload: Uploader,
  complete: boolean,
): Promise<string | number | boolean> {
  const wrong = (want: string): Error => new Error(`Expected ${want} for ${option.name}.`);
  switch (option.type) {
    case 3: {
      if (typeof value !== 'string') throw wrong('text');
      const { min_length: min = 0, max_length: max = 6000, choices = [] } = option;
      if (complete && (value.length < min || value.length > max)) throw wrong(`${min} to ${max} characters`);
      if (choices.length > 0 && !choices.some((choice) => choice.value === value)) throw wrong('one of the choices');
      return value;
    }
    case 4:
    case 10: {
      // While a person still types, the client sends what stands there as text.
      if (!complete && typeof value === 'string') return value;
      if (typeof value !== 'number' || (option.type === 4 && !Number.isInteger(value))) throw wrong('a number');
      const { min_value: min = -Infinity, max_value: max = Infinity, choices = [] } = option;
      if (value < min || value > max) throw wrong(`${min} to ${max}`);
      if (choices.length > 0 && !choices.some((choice) => choice.value === value)) throw wrong('one of the choices');
      return value;
    }
    case 5:
      if (typeof value !== 'boolean') throw wrong('true or false');
      return value;
    case 6:
    case 9:
      if (typeof value !== 'object' || !('locale' in value)) throw wrong('a person');
      filled.users.push(value);
      return value.id;
    case 7:
      if (typeof value !== 'object' || !('kind' in value)) throw wrong('a channel');
      filled.channels.push(value);
      return value.id;
    case 8:
      throw new Error('This fake has no roles to choose from.');
    case 11: {
      if (typeof value !== 'object' || 'id' in value) throw wrong('a file');
      const attachment = await upload(value instanceof Uint8Array ? { bytes: value } : value);
      filled.attachments.push(attachment);
      return attachment.id;
    }
  }
}
