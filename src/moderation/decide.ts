/** Deciding a case: once, by whoever is first, with all that follows from it in one transaction. */
import { communitySettingsOf } from '../people/settings.ts';
import { type Case, decideCase } from '../store/cases.ts';
import { type Job, lockJob } from '../store/jobs.ts';
import { identitiesOf } from '../store/people.ts';
import type { Store } from '../store/store.ts';
import type { Tx } from '../store/tables.ts';
import { type CarriedOut, carryOut, type Prepared } from './carry-out.ts';
import { caseOrRefusal } from './cases.ts';
import type { Checker } from './checks/checker.ts';
import { describeAll, jobOf, jobsToRemove, type Reaching } from './reach.ts';
import { checkFits, removes, type Ruling } from './ruling.ts';

/** @property operators `platform:userId`: what they remove stays removed everywhere. */
export interface DecideOptions {
  readonly store: Store;
  readonly operators: ReadonlySet<string>;
  readonly checker: Checker;
  /** Now, in Unix ms. */
  readonly clock: () => number;
  /** A job that waited or was painted is removed: nobody needs to go on with it. */
  readonly onStopped: (jobId: string) => void;
}

/**
 * Decides a case.
 * @param actor as audit rows name whoever decides: `person:ID`, `system`.
 * @returns the case as it stands; `isFirst` is false where somebody had decided it before, and nothing changed.
 * @throws Refusal `case.gone`, `case.kind` where the case is not of a kind that this decides. @throws Fault (`mayPass`)
 * where what is to be removed could not be looked at; then nothing is decided.
 */
export async function decide(
  options: DecideOptions,
  id: string,
  ruling: Ruling,
  actor: string,
): Promise<{ readonly one: Case; readonly isFirst: boolean }> {
  const { store } = options;
  for (;;) {
    const before = await caseOrRefusal(store, id);
    if (before.state === 'decided') return { one: before, isFirst: false };
    checkFits(before, ruling);
    const prepared = await prepare(options, before, ruling, actor);
    const done = await store.transaction(async (tx) => {
      // First the pictures, then the case, then the trail: whoever reports, shares or deletes goes the same way, so that
      // nobody waits for somebody who waits for them.
      const jobs = await lockReached(tx, before, ruling);
      const one = await decideCase(tx, before, decisionOf(prepared));
      return one && { one, ...(await carryOut(tx, one, jobs, prepared)) };
    });
    // Somebody was first, or it is about something else now: then it takes more to prepare.
    if (done === undefined) continue;
    await clearUp(options, done);
    return { one: done.one, isFirst: true };
  }
}

/** Looks up what a ruling needs, before its transaction. @throws as `describeAll`. */
export async function prepare(
  { store, operators, checker, clock }: DecideOptions,
  before: Reaching,
  ruling: Ruling,
  actor: string,
): Promise<Prepared> {
  const { kind, communityId, remains } = before;
  const described = removes(ruling.decision)
    ? await describeAll(store, checker, before, await jobsToRemove(store.db, before))
    : [];
  const { showing } = await communitySettingsOf(store, communityId);
  // A community's word counts in the community: nobody closes others' to a picture.
  const isForAll = kind === 'depiction' && (await isOperator(store, operators, actor));
  return {
    ruling,
    actor,
    at: clock(),
    described,
    awayFrom: isForAll ? null : communityId,
    shownAs: showing === 'asker' ? 'unshared' : 'kept',
    isDeleted: remains !== null,
  };
}

async function isOperator(store: Store, operators: ReadonlySet<string>, actor: string): Promise<boolean> {
  const [kind, id = ''] = actor.split(':');
  if (kind !== 'person') return false;
  const accounts = await identitiesOf(store.db, id);
  return accounts.some(({ platform, platformUserId }) => operators.has(`${platform}:${platformUserId}`));
}

/** The pictures that a ruling is about, kept from others until the transaction ends. */
export async function lockReached(tx: Tx, one: Reaching, { decision }: Ruling): Promise<readonly Job[]> {
  const locked: Job[] = [];
  for (const { id } of removes(decision) ? await jobsToRemove(tx, one) : await jobOf(tx, one)) {
    const job = await lockJob(tx, id);
    if (job !== undefined) locked.push(job);
  }
  return locked;
}

/** As a case's row has it. */
export function decisionOf({ ruling: { decision }, actor, at }: Prepared): Parameters<typeof decideCase>[2] {
  return { decision, decidedBy: actor, decidedAt: at };
}

/** After the transaction: what is not needed any more stops, and is gone. */
export async function clearUp(
  { store, onStopped }: Pick<DecideOptions, 'store' | 'onStopped'>,
  { stopped, hashes }: CarriedOut,
): Promise<void> {
  for (const job of stopped) onStopped(job);
  if (hashes.length === 0) return;
  await store.blobs.removeUnreferenced(hashes);
  await store.scrub();
}
