/**
 * Every button and form there is, once, with what it is about and who may use it. It is checked in one place
 * (`press-rights.ts`) before anything runs, against the database: a button names things and proves nothing.
 */

/**
 * `anyone`: whoever sees it. `owner`: who asked for the picture. `sharer`: everybody in its community as well, where the
 * community lets people go on from each other's pictures. `owner-or-moderator`: moderators of its community as well.
 * `moderator`: of the community that it is about, and not about themselves. `manager`: of the community that it is about.
 * `reporter`: who has reported it. `operator`:
 * who runs the bot. `person-asked`: whom the button was made for.
 */
export type Needs =
  | 'anyone'
  | 'person-asked'
  | 'owner'
  | 'sharer'
  | 'owner-or-moderator'
  | 'moderator'
  | 'manager'
  | 'reporter'
  | 'operator';

/** What the id names; with `nothing` it is the command's own, with `person` the extra is a sign of whose the button is. */
interface PressEntry {
  readonly name: string;
  readonly about: 'nothing' | 'person' | 'job' | 'case' | 'sanction' | 'audit-row' | 'community';
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
  { name: 'see', about: 'job', needs: 'owner' },
  { name: 'share', about: 'job', needs: 'owner' },
  // Whoever is shown may never have been where the picture is: anybody may name one and say what is wrong with it.
  { name: 'report', about: 'nothing', needs: 'anyone' },
  { name: 'report-as', about: 'nothing', needs: 'anyone' },
  { name: 'agree', about: 'person', needs: 'person-asked' },
  { name: 'export', about: 'person', needs: 'person-asked' },
  { name: 'forget', about: 'person', needs: 'person-asked' },
  { name: 'forget-yes', about: 'person', needs: 'person-asked' },
  { name: 'note', about: 'case', needs: 'reporter' },
  { name: 'approve', about: 'case', needs: 'moderator' },
  { name: 'deny', about: 'case', needs: 'moderator' },
  { name: 'remove', about: 'case', needs: 'moderator' },
  { name: 'warn', about: 'case', needs: 'moderator' },
  { name: 'suspend', about: 'case', needs: 'moderator' },
  { name: 'ban', about: 'case', needs: 'moderator' },
  { name: 'mute', about: 'case', needs: 'moderator' },
  { name: 'lift', about: 'sanction', needs: 'moderator' },
  { name: 'widen', about: 'sanction', needs: 'operator' },
  { name: 'audit', about: 'audit-row', needs: 'moderator' },
  { name: 'own', about: 'person', needs: 'person-asked' },
  { name: 'set', about: 'community', needs: 'manager' },
] as const satisfies readonly PressEntry[];

export const formTable = [
  { name: 'remix', about: 'job', needs: 'sharer' },
  { name: 'note', about: 'case', needs: 'reporter' },
  { name: 'cow-this-photo', about: 'nothing', needs: 'anyone' },
  { name: 'set', about: 'community', needs: 'manager' },
] as const satisfies readonly PressEntry[];

export type PressEntryOf<About extends PressEntry['about']> = Extract<(typeof pressTable)[number], { about: About }>;
export type FormEntryOf<About extends PressEntry['about']> = Extract<(typeof formTable)[number], { about: About }>;
