/** The first request of somebody waits until they have agreed to the terms, and then goes on by itself. */
import { randomUUID } from 'node:crypto';
import { giveConsent } from '../src/people/consent.ts';
import type { Store } from '../src/store/store.ts';
import type { JsonObject } from '../src/store/tables.ts';
import { type Asked, line, sentence, toAsker } from './asked.ts';
import type { Act } from './contract/act.ts';
import type { Chat } from './contract/chat.ts';
import { encodePressId, type PressId } from './contract/press-id.ts';
import { tagOf } from './press-rights.ts';
import { writtenCommand } from './registration.ts';

/** How long a request waits for the word. */
const keptMs = 15 * 60_000;

type WithReferences<One> = One extends { readonly photos: unknown }
  ? Omit<One, 'photos'> & { readonly photos: readonly JsonObject[] }
  : One;
/** An act without what belongs to its process. */
type StoredAct = WithReferences<Act>;

/** By person and request, so that whoever is forgotten takes theirs along. */
const requestsOf = (store: Store) => store.keyv<StoredAct>('consent:requests', keptMs);

/** @param act what goes on once they agree. */
export async function askConsent(asked: Asked, act: Act): Promise<void> {
  const { services, person, words, chat } = asked;
  const id = randomUUID();
  await requestsOf(services.store).set(requestKey(person.id, id), stored(act));
  const button = {
    label: words.say('button.agree'),
    pressId: encodePressId({ action: 'agree', id, extra: tagOf(asked.person.id) }),
    style: 'primary' as const,
  };
  const lines = [
    line(words.say('consent.title'), 'heading'),
    line(keptLine(asked)),
    line(words.say('consent.photo')),
    line(words.say('consent.control', { forget: writtenCommand('forget-me', asked.actor.platform) }), 'small'),
  ];
  await chat.answer({ ...toAsker(lines, [[button]]), isForHere: true });
}

/**
 * Writes the consent down and does what was asked for.
 * @param redo does an act that was answered with the terms before.
 * @throws Refusal for what the act itself is refused for.
 */
export async function agree(
  asked: Asked,
  { id }: PressId,
  redo: (act: Act, asked: Asked) => Promise<void>,
): Promise<void> {
  const { services, person, words, chat } = asked;
  const { store, clock } = services;
  await giveConsent(store, person.id, clock());
  const requests = requestsOf(store);
  const key = requestKey(person.id, id);
  const waiting = await requests.get(key);
  const thanks = words.say(waiting === undefined ? 'consent.ask-again' : 'consent.thanks');
  await chat.answer({ ...sentence(thanks), kind: 'edit-pressed' });
  if (waiting === undefined) return;
  const act = reopened(waiting, chat);
  try {
    // Under its own name: pressed twice, it is one request still.
    await redo(act, { ...asked, act, requestId: act.requestId });
  } finally {
    await requests.delete(key);
  }
}

/** What is kept and how long, by the operator's settings. */
export function keptLine({ services: { retention }, words }: Asked): string {
  const { photoMs, resultMs, auditMs } = retention;
  const times = { photo: words.duration(photoMs), result: words.duration(resultMs), audit: words.duration(auditMs) };
  return words.say('consent.kept', times);
}

function requestKey(personId: string, id: string): string {
  return `${personId}:${id}`;
}

function stored(act: Act): StoredAct {
  if (!('photos' in act)) return act;
  const photos = act.photos.flatMap(({ reference }) => (reference === undefined ? [] : [reference]));
  return { ...act, photos };
}

function reopened(act: StoredAct, chat: Chat): Act {
  if (!('photos' in act)) return act;
  const photos = act.photos.map((reference) => chat.reopenPhoto(reference)).filter((photo) => photo !== undefined);
  return { ...act, photos };
}
