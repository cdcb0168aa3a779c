/**
 * What moderation does by itself: opens cases for held pictures, decides what nobody decided in time, reminds; and has
 * told what is to be told, and cards kept true, which nothing here waits for. All it knows is in the database, so that it
 * goes on wherever the last process stopped.
 */
import { startLoop } from '../jobs/loop.ts';
import { type Case, countReminder, openCases, overdueCases } from '../store/cases.ts';
import { jobById } from '../store/jobs.ts';
import { type CasesOptions, casesOfGonePictures, openHeldCases } from './cases.ts';
import { decide, type DecideOptions } from './decide.ts';
import type { BoardOptions } from './notice-board.ts';
import { reminderEveryMs, remindersBeforeMs } from './rules.ts';
import { overdueRuling, type Ruling } from './ruling.ts';
import { startTelling } from './tell-notices.ts';
import { deskPlaces, tellModerators } from './telling.ts';
import { startKeepingCardsTrue } from './true-cards.ts';

export type { NoticeBoard } from './notice-board.ts';

export interface DeskOptions extends CasesOptions, DecideOptions, BoardOptions {
  /** A case was decided by itself. */
  readonly onRuled: () => void;
}

export interface Desk {
  /** Looks at once: something has changed. */
  wake(): void;
  /** Ends what is under way; it is gone on with by the next process. */
  close(): Promise<void>;
}

const batch = 50;

export function startDesk(options: DeskOptions): Desk {
  const { pollMs, log } = options;
  const closing = new AbortController();
  const telling = startTelling(options);
  const cards = startKeepingCardsTrue(options);
  const look = async (): Promise<number> => {
    try {
      await lookOnce(options, closing.signal);
    } finally {
      telling.wake();
      cards.wake();
    }
    return pollMs;
  };
  const onError = (error: unknown): void => {
    if (!closing.signal.aborted) log.error({ err: error }, 'Moderation could not go on; it is tried again.');
  };
  const cases = startLoop({ look, onError, pollMs });
  return {
    wake: () => cases.wake(),
    async close() {
      closing.abort(new Error('Moderation was closed.'));
      await cases.close();
      await Promise.all([telling, cards].map((lanes) => lanes.close(closing.signal)));
    },
  };
}

async function lookOnce(options: DeskOptions, signal: AbortSignal): Promise<void> {
  const { store, clock } = options;
  while ((await openHeldCases(options)) > 0) signal.throwIfAborted();
  for (const { id } of await casesOfGonePictures(store)) await rule(options, id, { decision: 'withdrawn' });
  for (const one of await overdueCases(store.db, clock(), batch)) await rule(options, one.id, overdueRuling(one));
  await remind(options);
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
