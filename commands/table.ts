/**
 * Every command there is, once: both platforms' registrations, the help and the README are made of this. Texts are in the
 * catalogues: `command.<name>.name`, `command.<name>.about`, `argument.<command>.<argument>`, `choice.<argument>.<value>`.
 */
import type { Role } from '../src/people/roles.ts';
import { maxAppealLength, maxNoteLength, reportReasons } from '../src/moderation/rules.ts';
import { keepWishes } from '../src/photo/keep.ts';

/**
 * `text`: of at most `maxLength` characters. `whole`: from `min` to `max`. `choice`: one of `choices`.
 * `isRest`: where arguments are words in a message, this one takes what no other does; at most one a command.
 * `hasSuggestions`: a `SuggestAct` may ask for it.
 */
export type ArgumentEntry = {
  readonly name: string;
  readonly isRequired?: boolean;
  readonly isRest?: boolean;
  readonly hasSuggestions?: boolean;
  /** Where arguments are words in a message, this choice may stand first without its name; at most one a command. */
  readonly isLeading?: boolean;
} & (
  | { readonly kind: 'text'; readonly maxLength: number }
  | { readonly kind: 'whole'; readonly min: number; readonly max: number }
  | { readonly kind: 'choice'; readonly choices: readonly string[] }
);

export interface CommandEntry {
  readonly name: string;
  /** `message`: in the menu on somebody's message (Discord: Apps); its name in the catalogue may have spaces and capitals. */
  readonly surface: 'typed' | 'message';
  /** In the order in which they are asked for. */
  readonly arguments: readonly ArgumentEntry[];
  /** How many photos it takes; 0 for none. */
  readonly maxPhotos: number;
  /** The least that somebody must be; checked when it runs, whatever the platform's menus showed. */
  readonly right: Role;
  readonly where: 'everywhere' | 'community';
}

/** Longer prompts are cut by the model anyway; forms and captions end here. */
export const maxPromptLength = 1000;

/** As long as the longest action; it travels in buttons. */
const maxAuditActionLength = 24;

const typed = { surface: 'typed', arguments: [], maxPhotos: 0, right: 'member', where: 'everywhere' } as const;

/** What `settings` can set. */
export const settingNames = [
  'language',
  'balance',
  'keep',
  'count',
  'channels',
  'who',
  'preset',
  'size',
  'max-count',
  'max-waiting',
  'weight',
  'share',
  'previews',
  'others',
  'strictness',
  'words',
  'hide-after',
  'spoiler',
  'moderators',
  'moderator-roles',
] as const;
export type SettingName = (typeof settingNames)[number];

export const commandTable = [
  {
    ...typed,
    name: 'cow',
    maxPhotos: 4,
    arguments: [
      {
        name: 'prompt',
        kind: 'text',
        maxLength: maxPromptLength,
        isRequired: true,
        isRest: true,
        hasSuggestions: true,
      },
      { name: 'keep', kind: 'choice', choices: keepWishes },
      { name: 'place', kind: 'text', maxLength: 40 },
      { name: 'balance', kind: 'whole', min: 1, max: 5 },
      { name: 'count', kind: 'whole', min: 1, max: 4 },
      { name: 'seed', kind: 'whole', min: 0, max: 2 ** 32 - 1 },
      { name: 'avoid', kind: 'text', maxLength: 500 },
    ],
  },
  { ...typed, name: 'cow-this-photo', surface: 'message', maxPhotos: 4 },
  { ...typed, name: 'mine' },
  { ...typed, name: 'cancel' },
  { ...typed, name: 'why' },
  {
    ...typed,
    name: 'settings',
    arguments: [
      { name: 'scope', kind: 'choice', choices: ['me', 'here'] },
      { name: 'name', kind: 'choice', choices: settingNames, isLeading: true },
      { name: 'value', kind: 'text', maxLength: 2000, isRest: true },
    ],
  },
  {
    ...typed,
    name: 'audit',
    right: 'moderator',
    arguments: [
      { name: 'action', kind: 'text', maxLength: maxAuditActionLength, isRest: true },
      { name: 'person', kind: 'text', maxLength: 64 },
      { name: 'since', kind: 'text', maxLength: 20 },
      { name: 'where', kind: 'choice', choices: ['here', 'everywhere'] },
    ],
  },
  { ...typed, name: 'link', arguments: [{ name: 'code', kind: 'text', maxLength: 20, isRest: true }] },
  {
    ...typed,
    name: 'report',
    arguments: [
      { name: 'reason', kind: 'choice', choices: reportReasons },
      { name: 'note', kind: 'text', maxLength: maxNoteLength, isRest: true },
      { name: 'picture', kind: 'text', maxLength: 40 },
    ],
  },
  { ...typed, name: 'report-this', surface: 'message' },
  {
    ...typed,
    name: 'appeal',
    arguments: [{ name: 'text', kind: 'text', maxLength: maxAppealLength, isRequired: true, isRest: true }],
  },
  { ...typed, name: 'start', arguments: [{ name: 'from', kind: 'text', maxLength: 64, isRest: true }] },
  { ...typed, name: 'privacy' },
  { ...typed, name: 'export' },
  { ...typed, name: 'forget-me' },
  { ...typed, name: 'help' },
  { ...typed, name: 'about' },
] as const satisfies readonly CommandEntry[];

export type CommandName = (typeof commandTable)[number]['name'];

export function commandByName(name: string): (CommandEntry & { readonly name: CommandName }) | undefined {
  return commandTable.find((entry) => entry.name === name);
}
