/** Keeps moderators' cards true: where a case moves on, its cards are edited. */
import { createHash } from 'node:crypto';
import { type Lanes, startLanes } from '../jobs/lanes.ts';
import { backoffMs, callPlatform } from '../jobs/platform-call.ts';
import {
  type CardFacts,
  factsOfCards,
  laneOfNotice,
  nextEditAt,
  type Notice,
  postponeNotice,
  setNoticeShows,
  standingCards,
} from '../store/notices.ts';
import type { Handle } from '../store/tables.ts';
import { type BoardOptions, boardCalls } from './notice-board.ts';

/** @property now what its case has come to; null where there is no case any more. */
interface StaleCard {
  readonly card: Notice;
  readonly now: string | null;
}

export function startKeepingCardsTrue(options: BoardOptions): Lanes {
  const { store, clock, log, pollMs } = options;
  return startLanes<StaleCard>({
    due: async (busy) => staleAmong(store.db, await standingCards(store.db, { ...busy, now: clock() })),
    nextAt: async (after) => nextEditAt(store.db, after),
    courseOf: ({ card }) => ({ lane: laneOfNotice(card), platform: card.platform }),
    attempt: async (stale, signal) => edit(options, stale, signal),
    onUnread: (error) => log.error({ err: error }, 'The cards that stand cannot be read; it is tried again.'),
    onUnwritten: ({ card: { id } }, error) =>
      log.error({ err: error, notice: id }, 'What a card says could not be written down; it is edited again.'),
    restMs: boardCalls.firstBackoffMs,
    maxAtOnce: boardCalls.maxAtOnce,
    pollMs,
    clock,
  });
}

async function staleAmong(db: Handle, cards: readonly Notice[]): Promise<readonly StaleCard[]> {
  const states = await cardStates(db, cards);
  return cards
    .map((card) => ({ card, now: states.get(card.id) ?? null }))
    .filter(({ card, now }) => card.shows !== now);
}

/** @returns until when the platform wants to be left alone there (Unix ms). */
async function edit(
  { store, board, clock }: BoardOptions,
  { card, now }: StaleCard,
  signal: AbortSignal,
): Promise<number | undefined> {
  const { timeoutMs } = boardCalls;
  const result = await callPlatform((own) => board.refresh(card, own), { timeoutMs, signal });
  switch (result.kind) {
    case 'sent':
      await setNoticeShows(store.db, card.id, shownOnce(now));
      return undefined;
    case 'never':
      // A card whose message is gone has nothing to be kept true.
      await setNoticeShows(store.db, card.id, null);
      return undefined;
    case 'failed':
    case 'later': {
      const pauseMs = result.kind === 'later' ? result.retryAfterMs : undefined;
      const at = clock();
      const nextAttemptAt = at + (pauseMs ?? backoffMs(card.attemptCount, boardCalls));
      await postponeNotice(store.db, card.id, { nextAttemptAt, reason: result.reason });
      return pauseMs === undefined ? undefined : at + pauseMs;
    }
  }
}

/** What each card has to say, in short, by its notice's id: where this changes, the card is edited. */
export async function cardStates(db: Handle, cards: readonly Notice[]): Promise<ReadonlyMap<string, string>> {
  const facts = await factsOfCards(
    db,
    cards.map(({ id }) => id),
  );
  return new Map([...facts].map(([id, one]) => [id, stateOf(one)]));
}

function stateOf({ state, kind, jobState, notes }: CardFacts): string {
  // By their hash, so that nothing that somebody wrote stays here once it is deleted.
  const hash = createHash('sha256').update(JSON.stringify(notes));
  const written = notes.some((note) => note !== null) ? [hash.digest('base64url').slice(0, 16)] : [];
  return [state, kind, jobState ?? '-', notes.length, ...written].join(':');
}

/**
 * @returns what a card that says this is to be compared with: one that says what was decided changes once more, when its
 * picture is gone and its prompt has to go as well.
 */
export function shownOnce(state: string | null): string | null {
  return state !== null && /^decided:[^:]*:-:/.test(state) ? null : state;
}
