/**
 * Every button and form there is, once, with what it is about and who may use it. It is checked in one place
 * (`press-rights.ts`) before anything runs, against the database: a button names things and proves nothing.
 */

/**
 * `anyone`: whoever sees it. `owner`: who asked for the picture. `sharer`: everybody in its community as well, where the
 * community lets people go on from each other's pictures. `owner-or-moderator`: moderators of its community as well.
 * `moderator`: of the community that it is about.
 */
export type Needs = 'anyone' | 'owner' | 'sharer' | 'owner-or-moderator' | 'moderator';

/** `job`, `audit-row`: the id is one's; `nothing`: the id is the command's own. */
interface PressEntry {
  readonly name: string;
  readonly about: 'nothing' | 'job' | 'audit-row';
  readonly needs: Needs;
}

export const pressTable = [
  { name: 'again', about: 'job', needs: 'sharer' },
  { name: 'subtle', about: 'job', needs: 'sharer' },
  { name: 'strong', about: 'job', needs: 'sharer' },
  { name: 'keep-more', about: 'job', needs: 'sharer' },
  { name: 'change-more', about: 'job', needs: 'sharer' },
  { name: 'move', about: 'job', needs: 'sharer' },
  { name: 'remix', about: 'job', needs: 'sharer' },
  { name: 'details', about: 'job', needs: 'owner-or-moderator' },
  { name: 'file', about: 'job', needs: 'owner-or-moderator' },
  { name: 'delete', about: 'job', needs: 'owner-or-moderator' },
  { name: 'delete-yes', about: 'job', needs: 'owner-or-moderator' },
  { name: 'cancel', about: 'job', needs: 'owner-or-moderator' },
  { name: 'retry', about: 'job', needs: 'owner' },
  { name: 'why', about: 'job', needs: 'owner' },
  { name: 'show', about: 'job', needs: 'owner' },
  { name: 'audit', about: 'audit-row', needs: 'moderator' },
] as const satisfies readonly PressEntry[];

export const formTable = [
  { name: 'remix', about: 'job', needs: 'sharer' },
  { name: 'cow-this-photo', about: 'nothing', needs: 'anyone' },
] as const satisfies readonly PressEntry[];

export type PressEntryOf<About extends PressEntry['about']> = Extract<(typeof pressTable)[number], { about: About }>;
export type FormEntryOf<About extends PressEntry['about']> = Extract<(typeof formTable)[number], { about: About }>;
