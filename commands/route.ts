/** Which handler an act is for, once whoever did it is known; their right to it is checked before it is called. */
import type { AuditRow } from '../src/store/audit.ts';
import type { Case } from '../src/store/cases.ts';
import type { Job } from '../src/store/jobs.ts';
import type { Sanction } from '../src/store/sanctions.ts';
import type { Asked } from './asked.ts';
import { appeal } from './appeal.ts';
import { audit, auditTurned } from './audit.ts';
import { cancel, retry } from './cancel.ts';
import type { Managed } from './change-setting.ts';
import type { Act, CommandAct, FormAct, PressAct } from './contract/act.ts';
import type { PressId } from './contract/press-id.ts';
import { agree } from './consent.ts';
import { cow } from './cow.ts';
import { cowThisPhoto, cowThisPhotoFilled } from './cow-this-photo.ts';
import { askToDelete, deleteForGood } from './delete.ts';
import { details } from './details.ts';
import { file } from './file.ts';
import { about, help, start } from './help.ts';
import { link } from './link.ts';
import { message } from './message.ts';
import { mine, show } from './mine.ts';
import { askToForget, exportData, forgetForGood, privacy } from './privacy.ts';
import { actUnknown, auditRowFor, caseFor, jobFor, managedFor, requireAsked, sanctionFor } from './press-rights.ts';
import { type FormEntryOf, formTable, type PressEntryOf, pressTable } from './press-table.ts';
import { requireHere } from './rights.ts';
import { lift, mute, ruleOn, suspend, widen } from './moderate.ts';
import { askForNote, askWhy, noteFilled, report, reportAs, reportThis } from './report.ts';
import { settings } from './settings.ts';
import { hereFilled, herePressed, ownPressed } from './settings-presses.ts';
import { see, share } from './share.ts';
import { suggest } from './suggest.ts';
import { type CommandName, commandTable } from './table.ts';
import { again, changeBy, move, remix, remixed } from './vary.ts';
import { why } from './why.ts';

const commands: Readonly<Record<CommandName, (asked: Asked, act: CommandAct) => Promise<void>>> = {
  cow,
  'cow-this-photo': cowThisPhoto,
  mine,
  cancel: (asked) => cancel(asked),
  why: (asked) => why(asked),
  settings,
  link,
  audit,
  report,
  'report-this': reportThis,
  appeal,
  privacy,
  export: (asked) => exportData(asked),
  'forget-me': (asked) => askToForget(asked),
  start,
  help,
  about,
};

const jobPresses: Readonly<
  Record<PressEntryOf<'job'>['name'], (asked: Asked, job: Job, press: PressId) => Promise<void>>
> = {
  again,
  subtle: (...press) => changeBy('subtle', ...press),
  strong: (...press) => changeBy('strong', ...press),
  'keep-more': (...press) => changeBy('keep-more', ...press),
  'change-more': (...press) => changeBy('change-more', ...press),
  move,
  remix,
  details,
  file,
  delete: askToDelete,
  'delete-yes': deleteForGood,
  cancel,
  retry,
  why,
  show,
  see,
  share,
};

const auditPresses: Readonly<
  Record<PressEntryOf<'audit-row'>['name'], (asked: Asked, row: AuditRow, press: PressId) => Promise<void>>
> = { audit: auditTurned };

const casePresses: Readonly<
  Record<PressEntryOf<'case'>['name'], (asked: Asked, one: Case, press: PressId) => Promise<void>>
> = {
  approve: async (asked, one) => ruleOn('approve', asked, one),
  deny: async (asked, one) => ruleOn('deny', asked, one),
  remove: async (asked, one) => ruleOn('remove', asked, one),
  warn: async (asked, one) => ruleOn('warn', asked, one),
  ban: async (asked, one) => ruleOn('ban', asked, one),
  suspend,
  mute,
  note: askForNote,
};

const sanctionPresses: Readonly<
  Record<PressEntryOf<'sanction'>['name'], (asked: Asked, sanction: Sanction) => Promise<void>>
> = { lift, widen };

const communityPresses: Readonly<
  Record<PressEntryOf<'community'>['name'], (asked: Asked, managed: Managed, press: PressId) => Promise<void>>
> = { set: herePressed };

const otherPresses: Readonly<Record<PressEntryOf<'nothing'>['name'], (asked: Asked, press: PressId) => Promise<void>>> =
  {
    report: async (asked, { id }) => askWhy(asked, id),
    'report-as': reportAs,
  };

const personPresses: Readonly<Record<PressEntryOf<'person'>['name'], (asked: Asked, press: PressId) => Promise<void>>> =
  {
    agree: (asked, press) => agree(asked, press, runAct),
    export: (asked) => exportData(asked),
    forget: (asked) => askToForget(asked),
    'forget-yes': (asked) => forgetForGood(asked),
    own: ownPressed,
  };

const jobForms: Readonly<Record<FormEntryOf<'job'>['name'], (asked: Asked, job: Job, act: FormAct) => Promise<void>>> =
  {
    remix: remixed,
  };

const caseForms: Readonly<
  Record<FormEntryOf<'case'>['name'], (asked: Asked, one: Case, act: FormAct) => Promise<void>>
> = { note: noteFilled };

const communityForms: Readonly<
  Record<FormEntryOf<'community'>['name'], (asked: Asked, managed: Managed, act: FormAct) => Promise<void>>
> = { set: hereFilled };

const otherForms: Readonly<Record<FormEntryOf<'nothing'>['name'], (asked: Asked, act: FormAct) => Promise<void>>> = {
  'cow-this-photo': cowThisPhotoFilled,
};

/** @throws Refusal where there is no such thing, or it is not theirs to do; whatever its handler throws. */
export async function runAct(act: Act, asked: Asked): Promise<void> {
  switch (act.kind) {
    case 'command':
      return command(act, asked);
    case 'message':
      return message(asked, act);
    case 'press':
      return pressed(act, asked);
    case 'form':
      return filled(act, asked);
    case 'suggest':
      return suggest(asked, act);
  }
}

async function command(act: CommandAct, asked: Asked): Promise<void> {
  const { name, right } = named(commandTable, act.name);
  await requireHere(asked, right);
  return commands[name](asked, act);
}

/** Whatever a button is about is looked up, and the right to it checked, before its handler is called. */
async function pressed({ press }: PressAct, asked: Asked): Promise<void> {
  const entry = named(pressTable, press.action);
  switch (entry.about) {
    case 'job':
      return jobPresses[entry.name](asked, await jobFor(asked, press.id, entry.needs), press);
    case 'audit-row':
      return auditPresses[entry.name](asked, await auditRowFor(asked, press.id, entry.needs), press);
    case 'case':
      return casePresses[entry.name](asked, await caseFor(asked, press.id, entry.needs), press);
    case 'sanction':
      return sanctionPresses[entry.name](asked, await sanctionFor(asked, press.id, entry.needs));
    case 'community':
      return communityPresses[entry.name](asked, await managedFor(asked, press.id, entry.needs), press);
    case 'person':
      requireAsked(asked, press.extra);
      return personPresses[entry.name](asked, press);
    case 'nothing':
      return otherPresses[entry.name](asked, press);
  }
}

async function filled(act: FormAct, asked: Asked): Promise<void> {
  const entry = named(formTable, act.form);
  switch (entry.about) {
    case 'job':
      return jobForms[entry.name](asked, await jobFor(asked, act.id, entry.needs), act);
    case 'community':
      return communityForms[entry.name](asked, await managedFor(asked, act.id, entry.needs), act);
    case 'case':
      return caseForms[entry.name](asked, await caseFor(asked, act.id, entry.needs), act);
    case 'nothing':
      return otherForms[entry.name](asked, act);
  }
}

/** @throws Refusal for what this version does not have: forged, or of another version. */
function named<Entry extends { readonly name: string }>(table: readonly Entry[], name: string): Entry {
  const entry = table.find((one) => one.name === name);
  if (entry !== undefined) return entry;
  throw actUnknown();
}
