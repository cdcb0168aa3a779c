/** From what somebody did to its answer, whatever comes of it. The one entry of this room. */
import { Refusal, RemoteError } from '../src/errors.ts';
import { type Asked, askedOf, sentence } from './asked.ts';
import type { Act, Actor, Scene } from './contract/act.ts';
import { type Chat, chatWith } from './contract/chat.ts';
import { chooseLanguage } from './languages/languages.ts';
import { refusalText, wordsOfRefusal } from './languages/refusals.ts';
import { runAct } from './route.ts';
import type { Services } from './services.ts';

/**
 * Does what an act asks for and answers it; refusals and failures are answers too, so that this never throws. Ends when
 * everything that belongs to the act is said and stored; the picture comes later, through the adapter's `deliver`.
 * Acts of one person may run at once; the same act twice (the same `requestId`) has one effect.
 */
export async function handle(act: Act, actor: Actor, scene: Scene, chat: Chat, services: Services): Promise<void> {
  if (actor.isAnonymous === true) return answerAnonymous(act, actor, scene, chat, services);
  if (actor.isBot) return;
  const answer = async (): Promise<void> => answered(act, actor, scene, chat, services);
  const told = { platform: actor.platform, requestId: act.requestId };
  try {
    // Proposals change nothing, and are asked for with every letter.
    if (act.kind === 'suggest') await answer();
    // Before anything about whoever did it is written: they may have asked to be forgotten.
    else await services.once.do(told, answer);
  } catch (error) {
    // Where even the answer failed there is nobody left to tell but the log.
    services.log.warn({ err: error, kind: act.kind }, 'An act could not be answered.');
  }
}

/** @throws what kept even the word about a failure from getting through. */
async function answered(act: Act, actor: Actor, scene: Scene, chat: Chat, services: Services): Promise<void> {
  const minded = mindPlaceholder(chat);
  const asked = await askedOf(act, actor, scene, minded.chat, services);
  try {
    await runAct(act, asked);
  } catch (error) {
    await answerTrouble(error, asked, minded.hasPlaceholder());
  }
}

/** Everybody who speaks in such a name has the same account, so that nothing may be theirs. */
async function answerAnonymous(
  { kind }: Act,
  { locale }: Actor,
  scene: Scene,
  chat: Chat,
  { wordsOf, log }: Services,
): Promise<void> {
  const words = wordsOf(chooseLanguage(locale, scene.locale));
  try {
    await chat.answer({ ...sentence(words.say('trouble.anonymous')), visibility: 'all' });
  } catch (error) {
    log.warn({ err: error, kind }, 'An act could not be answered.');
  }
}

async function answerTrouble(cause: unknown, asked: Asked, hasPlaceholder: boolean): Promise<void> {
  const { chat, words, services } = asked;
  // What the stop of the bot has ended did not fail.
  const isStopped = services.signal.aborted && cause === services.signal.reason;
  const error = isStopped ? new Refusal('jobs.closing', 'I am being restarted; ask again in a minute.') : cause;
  if (error instanceof Refusal) {
    services.onRefusal?.(error.code);
    services.log.info({ code: error.code, platform: asked.actor.platform }, 'A request was refused.');
  } else services.log.error({ err: error }, 'A command failed.');
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
  const minding = chatWith(chat, {
    acknowledge: async (first) => {
      const address = await chat.acknowledge(first);
      stands = true;
      return address;
    },
  });
  return { chat: minding, hasPlaceholder: () => stands };
}
