/**
 * Wishes of other programs to the bot that runs: a command line writes one into the database, the bot finds it there and
 * writes its answer beside it. Whoever may write the database may wish, so that there is no port to guard; and a wish
 * that finds no bot waits for the next one.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { Fault, Refusal } from '../errors.ts';
import type { Log } from '../log.ts';
import type { Store } from '../store/store.ts';
import type { JsonObject } from '../store/tables.ts';

/** `queue` asks for a picture of the queue and changes nothing. */
export type Wish =
  | { readonly kind: 'cancel' | 'retry'; readonly jobId: string }
  | {
      readonly kind: 'weight';
      readonly community: string;
      /** Null: of the community itself. */
      readonly person: string | null;
      readonly weight: number;
    }
  | { readonly kind: 'queue' };

type Answer =
  | { readonly kind: 'done'; readonly value: JsonObject }
  | { readonly kind: 'refused'; readonly code: string; readonly sentence: string };

const ANSWER_TTL_MS = 60_000;
/** Nobody waits longer for a mere look. */
const LOOK_TTL_MS = 10_000;
const LOOK_AGAIN_MS = 40;

const wishesOf = (store: Store) => store.keyv<Wish>('control:wishes');
const answersOf = (store: Store) => store.keyv<Answer>('control:answers', ANSWER_TTL_MS);

/**
 * Asks the bot that runs on the same database.
 * @returns its answer; undefined where none came in time: the wish (but not a look) waits for the next bot.
 * @throws Refusal as the bot said it.
 */
export async function askBot(store: Store, wish: Wish, timeoutMs: number): Promise<JsonObject | undefined> {
  const id = randomUUID();
  const answers = answersOf(store);
  await wishesOf(store).set(id, wish, wish.kind === 'queue' ? LOOK_TTL_MS : undefined);
  for (let waitedMs = 0; waitedMs < timeoutMs; waitedMs += LOOK_AGAIN_MS) {
    await delay(LOOK_AGAIN_MS);
    const answer = await answers.get(id);
    if (answer === undefined) continue;
    await answers.delete(id);
    if (answer.kind === 'refused') throw new Refusal(answer.code, answer.sentence);
    return answer.value;
  }
  return undefined;
}

/** @property grant does what is wished. It may be asked twice for the same: a bot that dies in between never answered. */
export interface ControlOptions {
  readonly store: Store;
  readonly grant: (wish: Wish) => Promise<JsonObject>;
  readonly pollMs: number;
  readonly log: Log;
}

/** The bot's side: looks for wishes until it is closed. */
export function startControl({ store, grant, pollMs, log }: ControlOptions): { close(): Promise<void> } {
  const closing = new AbortController();
  const wishes = wishesOf(store);
  const answers = answersOf(store);
  const answer = async (id: string, wish: Wish): Promise<void> => {
    await answers.set(id, await granted(wish));
    await wishes.delete(id);
  };
  const granted = async (wish: Wish): Promise<Answer> => {
    try {
      return { kind: 'done', value: await grant(wish) };
    } catch (error) {
      if (error instanceof Refusal) return { kind: 'refused', code: error.code, sentence: error.message };
      log.error({ err: error, wish: wish.kind }, 'A wish from the command line failed.');
      const sentence = error instanceof Fault ? error.message : 'It failed; the log of the bot says why.';
      return { kind: 'refused', code: 'control.failed', sentence };
    }
  };
  const loop = async (): Promise<void> => {
    while (!closing.signal.aborted) {
      try {
        for await (const [id, wish] of wishes.iterator?.({}) ?? []) await answer(id, wish);
      } catch (error) {
        log.error({ err: error }, 'Wishes from the command line cannot be read; it is tried again.');
      }
      await delay(pollMs, undefined, { signal: closing.signal }).catch(() => {});
    }
  };
  const ended = loop();
  return {
    async close() {
      closing.abort();
      await ended;
    },
  };
}
