/** Something is wrong with a picture: a reason, perhaps a note, and moderators hear of it. */
import { Refusal } from '../src/errors.ts';
import { maxNoteLength, type ReportReason, reportReasons } from '../src/moderation/rules.ts';
import type { Case } from '../src/store/cases.ts';
import { checkArguments, textOf } from './arguments.ts';
import { type Asked, line, tell, toAsker } from './asked.ts';
import type { CommandAct, FormAct } from './contract/act.ts';
import { encodePressId, type PressId } from './contract/press-id.ts';
import { type Button, reply } from './contract/reply.ts';
import { commandByName } from './table.ts';

/** `/report` as an answer to a picture, or on it, or with the number that Details shows. */
export async function report(asked: Asked, { args, pointedAt }: CommandAct): Promise<void> {
  const entry = commandByName('report');
  if (entry !== undefined) checkArguments(entry, args);
  const id = textOf(args, 'picture') ?? pointedAt;
  if (id === undefined) {
    throw new Refusal(
      'report.which',
      'Which picture? Press Report under it, or answer it with /report. Details under a picture shows its number.',
      { platform: asked.actor.platform },
    );
  }
  const reason = reasonOf(textOf(args, 'reason'));
  if (reason === undefined) return askWhy(asked, id);
  await file(asked, id, reason, textOf(args, 'note'));
}

/** Report under a picture, and “Report this picture” in the menu on it. */
export async function askWhy({ words, chat }: Asked, id: string): Promise<void> {
  const buttons = reportReasons.map((reason): Button => ({
    label: words.say(`report.reason.${reason}`),
    pressId: encodePressId({ action: 'report-as', id, extra: reason }),
    style: reason === 'me' ? 'primary' : 'secondary',
  }));
  const rows = [buttons.slice(0, 4), buttons.slice(4)];
  // Two lines, so that it is asked in private where a platform cannot hide a message in a group.
  await chat.answer(toAsker([line(words.say('report.why')), line(words.say('report.quietly'), 'small')], rows));
}

export async function reportThis(asked: Asked, { pointedAt }: CommandAct): Promise<void> {
  if (pointedAt === undefined) {
    throw new Refusal('report.not-mine', 'That is none of my pictures, so I cannot do anything about it.');
  }
  await askWhy(asked, pointedAt);
}

export async function reportAs(asked: Asked, { id, extra }: PressId): Promise<void> {
  const reason = reasonOf(extra);
  if (reason === undefined) {
    const { platform } = asked.actor;
    throw new Refusal('report.which', 'Press Report under the picture again.', { platform });
  }
  await file(asked, id, reason, undefined);
}

async function file(asked: Asked, jobId: string, reason: ReportReason, note: string | undefined): Promise<void> {
  const { services, person, words, chat } = asked;
  const made = await services.moderation.report({ jobId, personId: person.id, reason });
  if (note !== undefined) await services.moderation.addNote({ caseId: made.caseId, personId: person.id, note });
  const key = made.isNew ? (made.isHidden ? 'report.thanks-hidden' : 'report.thanks') : 'report.again';
  const add: Button = {
    label: words.say('button.note'),
    pressId: encodePressId({ action: 'note', id: made.caseId }),
    style: 'secondary',
  };
  await chat.answer(
    toAsker([line(words.say(key)), line(words.say('report.outcome'), 'small')], note === undefined ? [[add]] : []),
  );
}

/** Asks for words to somebody's report. */
export async function askForNote({ words, chat }: Asked, { id }: Case): Promise<void> {
  const field = {
    name: 'note',
    kind: 'paragraph',
    label: words.say('report.note'),
    isRequired: true,
    maxLength: maxNoteLength,
  } as const;
  const form = { form: 'note', id, title: words.say('button.report'), fields: [field] };
  await chat.answer(reply({ kind: 'new', visibility: 'asker', form }));
}

export async function noteFilled(asked: Asked, { id }: Case, { fields }: FormAct): Promise<void> {
  const { services, person } = asked;
  const note = fields['note']?.trim() ?? '';
  if (note !== '') await services.moderation.addNote({ caseId: id, personId: person.id, note });
  await tell(asked, 'report.noted');
}

function reasonOf(text: string | undefined): ReportReason | undefined {
  return reportReasons.find((reason) => reason === text);
}
