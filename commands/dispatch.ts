/** From an act to the command that answers it. The one entry of this room. */
import { Refusal, RemoteError } from '../src/errors.ts';
import { type Asked, askedOf, sentence } from './asked.ts';
import { appeal } from './appeal.ts';
import { cancel, retry } from './cancel.ts';
import type { Act, Actor, CommandAct, FormAct, PressAct, Scene } from './contract/act.ts';
import type { Chat } from './contract/chat.ts';
import type { PressId } from './contract/press-id.ts';
import { cow } from './cow.ts';
import { cowThisPhoto, cowThisPhotoFilled } from './cow-this-photo.ts';
import { askToDelete, deleteForGood } from './delete.ts';
import { details } from './details.ts';
import { file } from './file.ts';
import { about, help, start } from './help.ts';
import { refusalText, wordsOfRefusal } from './languages/refusals.ts';
import { link } from './link.ts';
import { message } from './message.ts';
import { mine, show } from './mine.ts';
import type { Services } from './services.ts';
import { lift, mute, ruleOn, suspend, widen } from './moderate.ts';
import { askForNote, askWhy, noteFilled, report, reportAs, reportThis } from './report.ts';
import { settings } from './settings.ts';
import { see, share } from './share.ts';
import { suggest } from './suggest.ts';
import type { CommandName } from './table.ts';
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
  report,
  'report-this': reportThis,
  appeal,
  start,
  help,
  about,
};

const presses: Readonly<Record<string, (asked: Asked, press: PressId) => Promise<void>>> = {
  again,
  subtle: (asked, press) => changeBy('subtle', asked, press),
  strong: (asked, press) => changeBy('strong', asked, press),
  'keep-more': (asked, press) => changeBy('keep-more', asked, press),
  'change-more': (asked, press) => changeBy('change-more', asked, press),
  move,
  remix,
  details: (asked, { id }) => details(asked, id),
  file,
  delete: (asked, { id }) => askToDelete(asked, id),
  'delete-yes': (asked, { id }) => deleteForGood(asked, id),
  cancel: (asked, { id }) => cancel(asked, id),
  retry: (asked, { id }) => retry(asked, id),
  why: (asked, { id }) => why(asked, id),
  show: (asked, { id }) => show(asked, id),
  see,
  share,
  report: (asked, { id }) => askWhy(asked, id),
  'report-as': reportAs,
  note: askForNote,
  approve: (asked, press) => ruleOn('approve', asked, press),
  deny: (asked, press) => ruleOn('deny', asked, press),
  remove: (asked, press) => ruleOn('remove', asked, press),
  warn: (asked, press) => ruleOn('warn', asked, press),
  ban: (asked, press) => ruleOn('ban', asked, press),
  suspend,
  lift,
  widen,
  mute,
};

const forms: Readonly<Record<string, (asked: Asked, act: FormAct) => Promise<void>>> = {
  remix: remixed,
  'cow-this-photo': cowThisPhotoFilled,
  note: noteFilled,
};

/**
 * Does what an act asks for and answers it; refusals and failures are answers too, so that this never throws. Ends when
 * everything that belongs to the act is said and stored; the picture comes later, through the adapter's `deliver`.
 * Acts of one person may run at once; the same act twice (the same `requestId`) has one effect.
 */
export async function handle(act: Act, actor: Actor, scene: Scene, chat: Chat, services: Services): Promise<void> {
  if (actor.isBot) return;
  const minded = mindPlaceholder(chat);
  try {
    const asked = await askedOf(act, actor, scene, minded.chat, services);
    try {
      await run(act, asked);
    } catch (error) {
      await answerTrouble(error, asked, minded.hasPlaceholder());
    }
  } catch (error) {
    // Where even the answer failed there is nobody left to tell but the log.
    services.log.warn({ err: error, kind: act.kind }, 'An act could not be answered.');
  }
}

async function run(act: Act, asked: Asked): Promise<void> {
  switch (act.kind) {
    case 'command':
      return find(commands, act.name)(asked, act);
    case 'message':
      return message(asked, act);
    case 'press':
      return once(asked, async () => pressed(act, asked));
    case 'form':
      return find(forms, act.form)(asked, act);
    case 'suggest':
      return suggest(asked, act);
  }
}

async function pressed({ press }: PressAct, asked: Asked): Promise<void> {
  return find(presses, press.action)(asked, press);
}

/** @throws Refusal for what this version does not have: forged, or of another version. */
function find<Handler>(handlers: Readonly<Record<string, Handler>>, name: string): Handler {
  const handler = Object.hasOwn(handlers, name) ? handlers[name] : undefined;
  if (handler === undefined) {
    throw new Refusal('act.unknown', 'I do not know this button or command any more. /help shows what I can do.');
  }
  return handler;
}

const replayMs = 24 * 3_600_000;

/** A platform that did not hear our answer sends the press again. */
async function once({ services, actor, requestId }: Asked, act: () => Promise<void>): Promise<void> {
  const done = services.store.keyv<true>(`pressed:${actor.platform}`, replayMs);
  if ((await done.get(requestId)) === true) return;
  await act();
  await done.set(requestId, true);
}

async function answerTrouble(error: unknown, asked: Asked, hasPlaceholder: boolean): Promise<void> {
  const { chat, words, services } = asked;
  if (!(error instanceof Refusal)) services.log.error({ err: error }, 'A command failed.');
  const text =
    error instanceof Refusal
      ? refusalText(wordsOfRefusal(error), words)
      : words.say(error instanceof RemoteError ? 'trouble.platform' : 'trouble.own');
  const answer = sentence(text);
  await chat.answer(hasPlaceholder ? { ...answer, kind: 'edit-placeholder', visibility: 'all' } : answer);
}

/** Remembers whether the placeholder stands: what comes after is said in there. */
function mindPlaceholder(chat: Chat): { readonly chat: Chat; readonly hasPlaceholder: () => boolean } {
  let stands = false;
  const minding: Chat = {
    acknowledge: async (first) => {
      const address = await chat.acknowledge(first);
      stands = true;
      return address;
    },
    answer: (reply) => chat.answer(reply),
    suggest: (choices) => chat.suggest(choices),
    deleteMessage: (address) => chat.deleteMessage(address),
    findRecentPhoto: (signal) => chat.findRecentPhoto(signal),
    reopenPhoto: (reference) => chat.reopenPhoto(reference),
    rightsIn: (platformChatId) => chat.rightsIn(platformChatId),
  };
  return { chat: minding, hasPlaceholder: () => stands };
}
