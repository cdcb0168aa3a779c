/**
 * What moderation does by itself: opens cases for held pictures, brings cards and words to where they belong, keeps
 * cards true, reminds, and decides what nobody decided in time. All it knows is in the database, so that it goes on
 * wherever the last process stopped.
 */
import { createHash } from 'node:crypto';
import { RemoteError } from '../errors.ts';
import type { DeliverResult } from '../jobs/adapter.ts';
import { type Log, redact } from '../log.ts';
import { type Case, caseById, countReminder, openCases, overdueCases, reportsOfCase } from '../store/cases.ts';
import { jobById } from '../store/jobs.ts';
import {
  dueNotices,
  markNoticeSent,
  markNoticeUndeliverable,
  type Notice,
  postponeNotice,
  setNoticeShows,
  standingCards,
} from '../store/notices.ts';
import type { Store } from '../store/store.ts';
import { type CasesOptions, casesOfGonePictures, openHeldCases } from './cases.ts';
import { decide, type DecideOptions } from './decide.ts';
import { reminderEveryMs, remindersBeforeMs } from './rules.ts';
import { overdueRuling, type Ruling } from './ruling.ts';
import { deskPlaces, operatorPlaces, tellModerators } from './telling.ts';

/** Whoever puts notices into words and onto a platform. */
export interface NoticeBoard {
  /** Posts it; the receipt says where it stands. May be called again after a crash. */
  post(notice: Notice, signal: AbortSignal): Promise<DeliverResult>;
  /** Has a card that stands say what is so now. */
  refresh(notice: Notice, signal: AbortSignal): Promise<DeliverResult>;
}

export interface DeskOptions extends CasesOptions, DecideOptions {
  readonly board: NoticeBoard;
  /** A case was decided by itself. */
  readonly onRuled: () => void;
  readonly log: Log;
  /** Rows that others wrote are seen at the latest after this. */
  readonly pollMs: number;
}

export interface Desk {
  /** Looks at once: something has changed. */
  wake(): void;
  close(): Promise<void>;
}

const batch = 50;
const callTimeoutMs = 60_000;
const firstBackoffMs = 2_000;
const maxBackoffMs = 600_000;
const giveUpAfterMs = 72 * 3_600_000;

export function startDesk(options: DeskOptions): Desk {
  const { pollMs, log } = options;
  const closing = new AbortController();
  let wakeUp = (): void => {};
  const loop = async (): Promise<void> => {
    while (!closing.signal.aborted) {
      const woken = new Promise<void>((resolve) => (wakeUp = resolve));
      try {
        await lookOnce(options, closing.signal);
      } catch (error) {
        if (!closing.signal.aborted) log.error({ err: error }, 'Moderation could not go on; it is tried again.');
      }
      if (closing.signal.aborted) return;
      await either(woken, pollMs);
    }
  };
  const ended = loop();
  return {
    wake: () => wakeUp(),
    async close() {
      closing.abort(new Error('Moderation was closed.'));
      wakeUp();
      await ended;
    },
  };
}

async function lookOnce(options: DeskOptions, signal: AbortSignal): Promise<void> {
  const { store, clock } = options;
  while ((await openHeldCases(options)) > 0) signal.throwIfAborted();
  for (const { id } of await casesOfGonePictures(store)) await rule(options, id, { decision: 'withdrawn' });
  for (const one of await overdueCases(store.db, clock(), batch)) await rule(options, one.id, overdueRuling(one));
  await remind(options);
  await tellAll(options, signal);
  await keepCardsTrue(options, signal);
}

/** One that cannot be decided now is decided at the next look, and keeps nobody else waiting. */
async function rule(options: DeskOptions, id: string, ruling: Ruling): Promise<void> {
  try {
    await decide(options, id, ruling, 'system');
  } catch (error) {
    options.log.error({ err: error, case: id }, 'A case could not be decided by itself; it is tried again.');
    return;
  }
  options.onRuled();
}

/** Somebody waits to be taken out of a picture, or to see one again: moderators are told again. */
async function remind(options: DeskOptions): Promise<void> {
  const { store, clock } = options;
  for (const one of await openCases(store.db, { kind: 'depiction' })) {
    const beforeMs = remindersBeforeMs[one.reminderCount];
    if (beforeMs === undefined || one.dueAt === null || clock() < one.dueAt - beforeMs) continue;
    await remindOf(options, one, one.reminderCount + 1);
  }
  // A report alone removes nothing, and what it hid stays hidden until somebody decides.
  for (const one of await openCases(store.db, { kind: 'report' })) {
    const days = Math.floor((clock() - one.openedAt) / reminderEveryMs);
    if (days <= one.reminderCount || one.jobId === null) continue;
    if ((await jobById(store.db, one.jobId))?.state === 'held') await remindOf(options, one, days);
  }
}

async function remindOf({ store, clock, operators }: DeskOptions, one: Case, count: number): Promise<void> {
  const places = await deskPlaces(store, one.communityId, operators);
  const at = clock();
  const subject = `reminder:${one.id}:${one.kind}:${count}`;
  await store.transaction(async (tx) => {
    if (!(await countReminder(tx, one, count))) return;
    await tellModerators(tx, one, places, { kind: 'reminder', subject, detail: { dueAt: one.dueAt }, at });
  });
}

async function tellAll(options: DeskOptions, signal: AbortSignal): Promise<void> {
  const { store, clock } = options;
  for (;;) {
    const due = await dueNotices(store.db, { now: clock(), limit: batch });
    // One that is due again at once must not keep the rest of the work waiting.
    for (const notice of due) await tell(options, notice, signal);
    if (due.length < batch) return;
  }
}

/** What a card shows from the moment on that its posting begins until it is known to stand. */
const beingPosted = 'posted';

/** @returns what a card is to be compared with; null where nothing about the notice changes any more. */
async function shownOnceSent(store: Store, notice: Notice): Promise<string | null> {
  if (notice.kind !== 'card') return null;
  // A process may have died after it posted the card: a platform that knows its key leaves it as it was then.
  if (notice.shows !== null) return notice.shows;
  const now = await cardState(store, notice);
  return isOver(now) ? null : now;
}

async function tell(
  { store, board, clock, operators, log }: DeskOptions,
  notice: Notice,
  signal: AbortSignal,
): Promise<void> {
  const { id, attemptCount, createdAt } = notice;
  if (notice.kind === 'card' && notice.shows === null) await setNoticeShows(store.db, id, beingPosted);
  const shows = await shownOnceSent(store, notice);
  const result = await called((own) => board.post(notice, own), signal);
  switch (result.kind) {
    case 'sent':
      return markNoticeSent(store.db, id, { receipt: result.receipt, shows });
    case 'later': {
      if (clock() - createdAt < giveUpAfterMs) {
        const waitMs = result.retryAfterMs ?? Math.min(maxBackoffMs, firstBackoffMs * 2 ** Math.min(attemptCount, 20));
        return postponeNotice(store.db, id, { nextAttemptAt: clock() + waitMs, reason: result.reason });
      }
      break;
    }
    case 'never':
  }
  log.warn({ notice: id, kind: notice.kind }, 'A notice cannot be delivered.');
  await markNoticeUndeliverable(store.db, id, result.reason);
  if (notice.target['kind'] === 'channel') await tellOperators(store, notice, operators, clock());
}

/** The moderators' channel is gone: whoever runs the bot has to know what waits there. */
async function tellOperators(store: Store, notice: Notice, operators: ReadonlySet<string>, at: number): Promise<void> {
  const { subject, kind, communityId, caseId: id, detail } = notice;
  if (id === null || communityId === null) return;
  const again = { kind, subject: `${subject}:operator`, detail, at };
  await store.transaction(async (tx) => tellModerators(tx, { id, communityId }, operatorPlaces(operators), again));
}

async function keepCardsTrue({ store, board }: DeskOptions, signal: AbortSignal): Promise<void> {
  for (const card of await standingCards(store.db)) {
    const now = await cardState(store, card);
    if (now === card.shows) continue;
    const result = await called((own) => board.refresh(card, own), signal);
    // A card whose message is gone has nothing to be kept true.
    if (result.kind === 'later') continue;
    await setNoticeShows(store.db, card.id, isOver(now) || result.kind === 'never' ? null : now);
  }
}

/** What a card says, in short: where this changes, the card is edited. */
async function cardState(store: Store, { caseId }: Notice): Promise<string | null> {
  const one = caseId === null ? undefined : await caseById(store.db, caseId);
  if (one === undefined) return null;
  const job = one.jobId === null ? undefined : await jobById(store.db, one.jobId);
  const reports = await reportsOfCase(store.db, one.id);
  // By their hash, so that nothing that somebody wrote stays here once it is deleted.
  const notes = createHash('sha256').update(JSON.stringify(reports.map(({ note }) => note)));
  const written = reports.some(({ note }) => note !== null) ? [notes.digest('base64url').slice(0, 16)] : [];
  return [one.state, one.kind, job?.state ?? '-', reports.length, ...written].join(':');
}

/** A card that says what was decided changes once more: when its picture is gone, and its prompt has to go as well. */
function isOver(shows: string | null): boolean {
  return shows !== null && /^decided:[^:]*:-:/.test(shows);
}

async function called(
  call: (signal: AbortSignal) => Promise<DeliverResult>,
  signal: AbortSignal,
): Promise<DeliverResult> {
  try {
    return await call(AbortSignal.any([signal, AbortSignal.timeout(callTimeoutMs)]));
  } catch (error) {
    signal.throwIfAborted();
    const reason = redact(error instanceof Error ? error.message : String(error));
    return { kind: 'later', reason, ...(error instanceof RemoteError ? { retryAfterMs: error.retryAfterMs } : {}) };
  }
}

async function either(woken: Promise<void>, waitMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const passed = new Promise<void>((resolve) => (timer = setTimeout(resolve, waitMs)));
  await Promise.race([woken, passed]);
  clearTimeout(timer);
}
