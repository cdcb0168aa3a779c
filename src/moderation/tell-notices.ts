/**
 * Brings notices to where they belong: what goes to one channel or person one after the other, the oldest first, and what
 * goes to others meanwhile, so that a platform that hangs or wants a pause keeps nobody else waiting.
 */
import { type Lanes, startLanes } from '../jobs/lanes.ts';
import { backoffMs, callPlatform } from '../jobs/platform-call.ts';
import { insertRemoval } from '../store/forgettings.ts';
import {
  dueNotices,
  laneOfNotice,
  markNoticeSent,
  markNoticeUndeliverable,
  nextNoticeAt,
  type Notice,
  postponeNotice,
  setNoticeShows,
} from '../store/notices.ts';
import type { JsonObject } from '../store/tables.ts';
import { type BoardOptions, boardCalls } from './notice-board.ts';
import { operatorPlaces, tellModerators } from './telling.ts';
import { cardStates, shownOnce } from './true-cards.ts';

const batch = 50;
const giveUpAfterMs = 72 * 3_600_000;
/** Of ours, not of the platform's: some minutes, for all that is to be told there waits behind it. */
const mostFailures = 9;

export function startTelling(options: BoardOptions): Lanes {
  const { store, clock, log, pollMs } = options;
  return startLanes<Notice>({
    due: async (busy) => dueNotices(store.db, { ...busy, now: clock(), limit: batch }),
    nextAt: async (after) => nextNoticeAt(store.db, after),
    courseOf: (notice) => ({ lane: laneOfNotice(notice), platform: notice.platform }),
    attempt: async (notice, signal) => tell(options, notice, signal),
    onUnread: (error) => log.error({ err: error }, 'What is to be told cannot be read; it is tried again.'),
    onUnwritten: ({ id }, error) =>
      log.error({ err: error, notice: id }, 'What came of a notice could not be written down; it is told again.'),
    restMs: boardCalls.firstBackoffMs,
    maxAtOnce: boardCalls.maxAtOnce,
    pollMs,
    clock,
  });
}

/** What a card shows from the moment on that its posting begins until it is known to stand. */
const beingPosted = 'posted';

async function tell(options: BoardOptions, notice: Notice, signal: AbortSignal): Promise<undefined> {
  const { store, board, clock } = options;
  const { id, kind, attemptCount, createdAt } = notice;
  if (kind === 'card' && notice.shows === null) await setNoticeShows(store.db, id, beingPosted);
  const shows = await showsOnceSent(options, notice);
  const result = await callPlatform((own) => board.post(notice, own), { timeoutMs: boardCalls.timeoutMs, signal });
  if (result.kind === 'sent') return markSent(options, notice, result.receipt, shows);
  const isInTime = clock() - createdAt < giveUpAfterMs;
  if ((result.kind === 'later' && isInTime) || (result.kind === 'failed' && attemptCount < mostFailures)) {
    const { reason } = result;
    const pauseMs = result.kind === 'later' ? result.retryAfterMs : undefined;
    const nextAttemptAt = clock() + (pauseMs ?? backoffMs(attemptCount, boardCalls));
    await postponeNotice(store.db, id, { nextAttemptAt, reason });
    return undefined;
  }
  return giveUp(options, notice, result.reason);
}

/** @returns what a card is to be compared with; null where nothing about the notice changes any more. */
async function showsOnceSent({ store }: BoardOptions, notice: Notice): Promise<string | null> {
  if (notice.kind !== 'card') return null;
  // A process may have died after it posted the card: a platform that knows its key leaves it as it was then.
  if (notice.shows !== null) return notice.shows;
  const states = await cardStates(store.db, [notice]);
  return shownOnce(states.get(notice.id) ?? null);
}

async function markSent(
  { store, clock }: BoardOptions,
  { id, platform }: Notice,
  receipt: JsonObject,
  shows: string | null,
): Promise<undefined> {
  if (await markNoticeSent(store.db, id, { receipt, shows })) return;
  // Whom it is about was forgotten while it was posted.
  await store.transaction(async (tx) => insertRemoval(tx, { platform, address: receipt, createdAt: clock() }));
}

async function giveUp(options: BoardOptions, notice: Notice, reason: string): Promise<undefined> {
  const { store, operators, clock, log } = options;
  const { id, kind, subject, caseId, communityId, detail, target } = notice;
  log.warn({ notice: id, kind }, 'A notice cannot be delivered.');
  await store.transaction(async (tx) => {
    await markNoticeUndeliverable(tx, id, reason);
    if (target['kind'] !== 'channel' || caseId === null || communityId === null) return;
    // The moderators' channel is gone: whoever runs the bot has to know what waits there.
    const again = { kind, subject: `${subject}:operator`, detail, at: clock() };
    await tellModerators(tx, { id: caseId, communityId }, operatorPlaces(operators), again);
  });
}
