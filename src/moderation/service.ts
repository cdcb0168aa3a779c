/** Moderation as everybody else sees it. */
import PQueue from 'p-queue';

import type { ResultVerdict } from '../jobs/dispatcher.ts';
import type { Painted } from '../jobs/paint-picture.ts';
import type { JobParameters } from '../jobs/parameters.ts';
import type { Log } from '../log.ts';
import type { Case } from '../store/cases.ts';
import type { Job } from '../store/jobs.ts';
import type { Store } from '../store/store.ts';
import { addNote, appeal, type CasesOptions, type NewReport, report } from './cases.ts';
import { type Checker, createChecker } from './checks/checker.ts';
import { decide } from './decide.ts';
import { deletePicture } from './deleting.ts';
import { type Desk, type NoticeBoard, startDesk } from './desk.ts';
import { type AskedFor, lookAtResult, lookAtWish, type LookOptions } from './look.ts';
import { muteReporters } from './mute-reporters.ts';
import { Photos } from './photos.ts';
import { RemovedPictures } from './removed.ts';
import type { Ruling } from './ruling.ts';
import { checkNotSanctioned, lift, sanctionOrRefusal, widen } from './sanctions.ts';

/** Every act comes with who does it, as audit rows name them: `person:ID`. */
export interface Moderation {
  /** Whether the operator lets communities switch the checks off. */
  readonly mayBeUnchecked: boolean;
  /** As `lookAtWish` in look.ts. */
  lookAtWish(wish: AskedFor, signal: AbortSignal): Promise<JobParameters['hold']>;
  /** As `lookAtResult` in look.ts. */
  lookAtResult(painted: Pick<Painted, 'picture'>, job: Job, signal: AbortSignal): Promise<ResultVerdict>;
  /** As `checkNotSanctioned` in sanctions.ts. */
  checkNotSanctioned(who: { readonly personId: string; readonly communityId: string }): Promise<void>;
  /** As `report` in cases.ts. */
  report(made: NewReport): ReturnType<typeof report>;
  addNote(note: { readonly caseId: string; readonly personId: string; readonly note: string }): Promise<void>;
  /** As `appeal` in cases.ts. */
  appeal(appeal: { readonly personId: string; readonly communityId: string; readonly text: string }): Promise<void>;
  /** As `decide` in decide.ts. */
  decide(caseId: string, ruling: Ruling, actor: string): Promise<{ readonly one: Case; readonly isFirst: boolean }>;
  /** As `deletePicture` in deleting.ts. */
  deletePicture(jobId: string, personId: string): Promise<string | undefined>;
  /** As `muteReporters` in mute-reporters.ts. */
  muteReporters(caseId: string, actor: string): Promise<number>;
  /** Ends a sanction early. @returns false where it was lifted before. @throws Refusal `sanction.gone`. */
  lift(sanctionId: string, actor: string): Promise<boolean>;
  /** Makes a sanction hold everywhere. @returns false where it does already, or is lifted. @throws Refusal `sanction.gone`. */
  widen(sanctionId: string, actor: string): Promise<boolean>;
  /** Something may have happened that the desk has to do with: a job ended. */
  wake(): void;
  /** Begins to tell people and to keep deadlines. */
  start(board: NoticeBoard): void;
  close(): Promise<void>;
}

export interface ModerationOptions extends CasesOptions {
  readonly mayBeUnchecked: boolean;
  readonly log: Log;
  /** Rows that other programs wrote are seen at the latest after this. */
  readonly pollMs: number;
  /** A job that waited or was painted is removed: nobody needs to go on with it. */
  readonly onStopped: (jobId: string) => void;
  /** What a message says may have changed: the outbox has something to do. */
  readonly onChange: () => void;
}

/**
 * Photos that are decoded at once: the threads that do so are the same that write files, and those who wait for their
 * first word come before those who have had it.
 */
const wishesAtOnce = 2;

export function openModeration(options: ModerationOptions): Moderation {
  const { store, clock, log, onChange } = options;
  const checker: Checker = createChecker({
    onFault: (cause) => log.warn({ err: cause }, 'Something could not be checked; a moderator is asked.'),
  });
  const photos = new Photos(store, checker);
  const looking: LookOptions = { ...options, checker, removed: new RemovedPictures(store), photos };
  const deciding = { ...options, checker };
  const wishes = new PQueue({ concurrency: wishesAtOnce });
  let desk: Desk | undefined;
  const andWake = async <T>(act: Promise<T>): Promise<T> => {
    const done = await act;
    desk?.wake();
    onChange();
    return done;
  };
  return {
    mayBeUnchecked: options.mayBeUnchecked,
    lookAtWish: async (wish, signal) => wishes.add(async () => lookAtWish(looking, wish, signal), { signal }),
    lookAtResult: async (painted, job, signal) => lookAtResult(looking, painted, job, signal),
    checkNotSanctioned: async (who) => checkNotSanctioned(store, { ...who, at: clock() }),
    report: async (made) => andWake(report(options, made)),
    addNote: async (note) => andWake(addNote(store, note)),
    appeal: async (made) => andWake(appeal(options, made)),
    decide: async (caseId, ruling, actor) => andWake(decide(deciding, caseId, ruling, actor)),
    deletePicture: async (jobId, personId) => andWake(deletePicture(deciding, jobId, personId)),
    muteReporters: async (caseId, actor) => andWake(muteReporters(deciding, caseId, actor)),
    lift: async (sanctionId, actor) => andWake(liftById(store, sanctionId, actor, clock())),
    widen: async (sanctionId, actor) => andWake(widenById(store, sanctionId, actor, clock())),
    wake() {
      desk?.wake();
      onChange();
    },
    start(board) {
      desk = startDesk({ ...options, checker, board, onRuled: onChange });
    },
    async close() {
      await desk?.close();
      await checker.close();
    },
  };
}

async function liftById(store: Store, id: string, actor: string, at: number): Promise<boolean> {
  const sanction = await sanctionOrRefusal(store, id);
  return store.transaction(async (tx) => lift(tx, sanction, { actor, reason: 'lifted', at }));
}

async function widenById(store: Store, id: string, actor: string, at: number): Promise<boolean> {
  const sanction = await sanctionOrRefusal(store, id);
  return store.transaction(async (tx) => widen(tx, sanction, { actor, at }));
}
