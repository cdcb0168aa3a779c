/** What a job's message says: while it waits, while it is painted, and at its end. Adapters render these and no others. */
import type { Address, Content, DeliveredPicture, JobProgress } from '../src/jobs/adapter.ts';
import { encodePressId } from './contract/press-id.ts';
import { type Button, type Line, type Reply, reply, type ReplyPicture } from './contract/reply.ts';
import { type Language, type MessageKey, type Words } from './languages/languages.ts';
import { refusalText } from './languages/refusals.ts';
import { type Presentation, presentationOf } from './presentation.ts';

type WordsOf = (language: Language) => Words;

/**
 * The message that a delivery makes of the placeholder; always an edit of the whole message.
 * @param address as the job has it; one without the commands' part gets English and no buttons that only the asker may press.
 */
export function resultMessage(content: Content, address: Address, wordsOf: WordsOf): Reply {
  const part = presentationOf(address);
  const words = wordsOf(part?.language ?? 'en');
  const asked = askedLines(content, part, words);
  const lines =
    content.state === 'done' && !content.isUnshared ? asked : [...asked, line('plain', endText(content, words))];
  return reply({
    kind: 'edit-placeholder',
    visibility: 'all',
    lines: content.state === 'removed' ? lines.slice(-1) : lines,
    pictures: content.pictures.map((picture) => shown(picture, content, part, words)),
    rows: rowsOf(content, words),
  });
}

/** The placeholder while the job waits or is painted; always an edit of the whole message. */
export function progressMessage(progress: JobProgress, address: Address, wordsOf: WordsOf): Reply {
  const part = presentationOf(address);
  const words = wordsOf(part?.language ?? 'en');
  return reply({
    kind: 'edit-placeholder',
    visibility: 'all',
    lines: progressLines(progress, part?.count ?? 1, words),
    pictures: previewOf(progress, part, words),
    rows: part === undefined ? [] : waitingRows(part.jobId, progress.state === 'queued', words),
  });
}

function previewOf(progress: JobProgress, part: Presentation | undefined, words: Words): Reply['pictures'] {
  if (progress.state !== 'running' || progress.preview === undefined) return [];
  const { preview } = progress;
  const { widthPx, heightPx } = preview;
  return [
    {
      png: () => preview.png(),
      widthPx,
      heightPx,
      altText: words.say('progress.preview'),
      isSpoiler: part?.isSpoiler ?? false,
    },
  ];
}

/** The buttons of a job that is under way. */
export function waitingRows(jobId: string, isWaiting: boolean, words: Words): Reply['rows'] {
  const cancel = button('cancel', jobId, words, 'danger');
  return [isWaiting ? [cancel, button('why', jobId, words)] : [cancel]];
}

function rowsOf({ jobId, state, pictures, isUnshared }: Content, words: Words): Reply['rows'] {
  const one = (action: ButtonAction) => button(action, jobId, words, action === 'delete' ? 'danger' : 'secondary');
  switch (state) {
    case 'done':
      if (isUnshared) return [(['see', 'share', 'details', 'delete'] as const).map(one)];
      if (pictures.length === 0) return [(['again', 'details', 'delete'] as const).map(one)];
      return [
        (['again', 'subtle', 'strong', 'remix'] as const).map(one),
        (['keep-more', 'change-more', 'move'] as const).map(one),
        (['details', 'file', 'delete', 'report'] as const).map(one),
      ];
    case 'failed':
    case 'cancelled':
      return [(['retry', 'remix', 'details', 'delete'] as const).map(one)];
    case 'refused':
      return [(['remix', 'details', 'delete'] as const).map(one)];
    case 'held':
      return [(['details', 'delete'] as const).map(one)];
    case 'removed':
      return [];
  }
}

type ButtonAction = Extract<MessageKey, `button.${string}`> extends `button.${infer Action}` ? Action : never;

function button(action: ButtonAction, id: string, words: Words, style: Button['style'] = 'secondary'): Button {
  return { label: words.say(`button.${action}`), pressId: encodePressId({ action, id }), style };
}

function askedLines(
  { prompt, state }: Pick<Content, 'prompt' | 'state'>,
  part: Presentation | undefined,
  words: Words,
): readonly Line[] {
  // What may not be shown may not be read by everybody either; Details tells its owner.
  const isQuiet = (state === 'held' || state === 'refused') && part?.isPrivate !== true;
  const quote = isQuiet ? [] : [line('quote', prompt)];
  if (part === undefined) return quote;
  const { askerId: userId, askerName: name } = part;
  // The name goes in as a span, so that it can be a mention; where it stands is the language's business.
  const [before, after = ''] = words
    .say(isQuiet ? 'result.asked-quietly' : 'result.asked', { name: nameMark })
    .split(nameMark);
  const spans = [before, { kind: 'person' as const, userId, name }, after].filter((span) => span !== '');
  return [{ kind: 'small', spans }, ...quote];
}

const nameMark = '\u0001';

function endText({ state, code, sentence, details }: Content, words: Words): string {
  const why = code === null ? sentence : refusalText({ code, sentence: sentence ?? '', details: details ?? {} }, words);
  switch (state) {
    case 'done':
      return words.say('result.unshared');
    case 'held':
      // Why a check holds a picture is for its moderators; nobody can mend it by another wish.
      return code === 'moderation.hidden' && why !== null ? why : words.say('result.held');
    case 'failed':
    case 'refused':
    case 'cancelled':
    case 'removed':
      return why ?? words.say(`result.${state}`);
  }
}

function shown(
  picture: DeliveredPicture,
  { prompt, pictures }: Content,
  part: Presentation | undefined,
  words: Words,
): ReplyPicture {
  const { number, widthPx, heightPx } = picture;
  return {
    png: () => picture.png(),
    widthPx,
    heightPx,
    altText: words.say('picture.alt', { prompt, number: number + 1, count: pictures.length }),
    isSpoiler: part?.isSpoiler ?? false,
  };
}

/** @param count of the pictures, which are painted one by one, perhaps with others' between them. */
function progressLines(progress: JobProgress, count: number, words: Words): readonly Line[] {
  switch (progress.state) {
    case 'queued': {
      const { position, waitMs } = progress;
      return [line('plain', words.say('progress.queued', { position, wait: words.duration(waitMs) }))];
    }
    case 'running': {
      const { phase, done, total, remainingMs } = progress;
      if (phase === 'load' || phase === 'text' || phase === 'encode') {
        return [line('plain', words.say('progress.preparing'))];
      }
      if (phase === 'decode') return [line('plain', words.say('progress.finishing'))];
      const share = total === 0 ? 0 : Math.min(1, done / total);
      const painting = words.say('progress.running', { count, bar: barOf(share), percent: Math.round(share * 100) });
      const left =
        remainingMs === undefined || count > 1
          ? []
          : [line('small', words.say('progress.remaining', { time: words.duration(remainingMs) }))];
      return [line('plain', painting), ...left];
    }
    case 'checking':
      return [line('plain', words.say('progress.checking'))];
  }
}

const barLength = 10;

function barOf(share: number): string {
  const full = Math.round(share * barLength);
  return '▰'.repeat(full) + '▱'.repeat(barLength - full);
}

function line(kind: Line['kind'], text: string): Line {
  return { kind, spans: [text] };
}
