/** Deciding a case: once, by whoever is first, with all that follows from it in one transaction. */
import { Fault, Refusal } from '../errors.ts';
import { removeResults, showResult } from '../jobs/showing.ts';
import { isLive } from '../jobs/states.ts';
import type { FailureSentence } from '../jobs/outcome.ts';
import { communitySettingsOf } from '../people/settings.ts';
import { readPhoto } from '../photo/intake.ts';
import { appendAudit } from '../store/audit.ts';
import { type Case, decideCase, lockCase, reportsOfCase } from '../store/cases.ts';
import { type Job, jobById, jobsOfPhotos, lockJob } from '../store/jobs.ts';
import { identitiesOf } from '../store/people.ts';
import { picturesOfJob } from '../store/pictures.ts';
import { mutedFor, sanctionById } from '../store/sanctions.ts';
import type { Store } from '../store/store.ts';
import type { CaseDecision, Handle, SanctionKind, Tx } from '../store/tables.ts';
import { parametersOf } from '../jobs/parameters.ts';
import { caseOrRefusal } from './cases.ts';
import type { Checker } from './checks/checker.ts';
import type { CheckedPicture } from './checks/picture.ts';
import type { PictureHashes } from './hashes/describe.ts';
import { rememberRemoved } from './removed.ts';
import { concernsPhoto, muteMs, type SuspensionDays, suspensionMs } from './rules.ts';
import { impose, lift } from './sanctions.ts';
import { tellPerson } from './telling.ts';

/**
 * `everywhere`: the sanction holds in all communities; only who runs the bot may say so. `expired`: nobody looked in
 * time. `withdrawn`: there is nothing to look at any more.
 */
export type Ruling =
  | { readonly decision: 'approve' | 'remove' | 'warn' | 'deny' | 'expired' | 'withdrawn' }
  | { readonly decision: 'suspend'; readonly days: SuspensionDays; readonly everywhere?: boolean }
  | { readonly decision: 'ban'; readonly everywhere?: boolean };

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
  const { store, onStopped } = options;
  for (;;) {
    const one = await caseOrRefusal(store, id);
    if (one.state === 'decided') return { one, isFirst: false };
    checkFits(one, ruling);
    const done = await decideAs(options, one, ruling, actor);
    // Somebody was first, or it is about something graver now: then it takes more to prepare.
    if (done === undefined) continue;
    for (const job of done.stopped) onStopped(job);
    if (done.hashes.length > 0) {
      await store.blobs.removeUnreferenced(done.hashes);
      await store.scrub();
    }
    return { one: done.one, isFirst: true };
  }
}

interface Decided {
  readonly one: Case;
  /** Jobs that waited or were painted. */
  readonly stopped: readonly string[];
  /** Blobs that nobody may need any more. */
  readonly hashes: readonly string[];
}

/** @returns undefined where the case is no longer as it was when this began. */
async function decideAs(
  { store, operators, checker, clock }: DecideOptions,
  before: Case,
  ruling: Ruling,
  actor: string,
): Promise<Decided | undefined> {
  const { decision } = ruling;
  const described = removes(decision)
    ? await describeAll(store, checker, before, await jobsToRemove(store.db, before))
    : [];
  const shownAs = await showAs(store, before);
  // A community's word counts in the community: nobody closes others' to a picture.
  const isForAll = before.kind === 'depiction' && (await isOperator(store, operators, actor));
  const at = clock();
  return store.transaction(async (tx) => {
    // First the pictures, then the case, then the trail: whoever reports, shares or deletes goes the same way, so that
    // nobody waits for somebody who waits for them.
    const jobs = await lockAll(tx, removes(decision) ? await jobsToRemove(tx, before) : await jobOf(tx, before));
    const one = await decideCase(tx, before, { decision, decidedBy: actor, decidedAt: at });
    if (one === undefined) return undefined;
    const gone = await applyToJobs(tx, one, ruling, jobs, { actor, at, shownAs });
    await rememberRemoved(tx, described, { communityId: isForAll ? null : one.communityId, at });
    await applyToPerson(tx, one, ruling, actor, at);
    const detail = { decision, kind: one.kind };
    const { reason, communityId } = one;
    const audited = { subject: `case:${one.id}`, community: communityId ?? undefined };
    await appendAudit(tx, { at, actor, action: 'case.decided', ...audited, reason, detail });
    await tellReporters(tx, one, decision, at);
    return { one, ...gone };
  });
}

async function isOperator(store: Store, operators: ReadonlySet<string>, actor: string): Promise<boolean> {
  const [kind, id = ''] = actor.split(':');
  if (kind !== 'person') return false;
  const accounts = await identitiesOf(store.db, id);
  return accounts.some(({ platform, platformUserId }) => operators.has(`${platform}:${platformUserId}`));
}

async function lockAll(tx: Tx, jobs: readonly Job[]): Promise<readonly Job[]> {
  const locked: Job[] = [];
  for (const { id } of jobs) {
    const job = await lockJob(tx, id);
    if (job !== undefined) locked.push(job);
  }
  return locked;
}

function checkFits({ kind }: Case, { decision }: Ruling): void {
  const isAppeal = kind === 'appeal';
  const fits = isAppeal ? ['approve', 'deny', 'withdrawn'].includes(decision) : decision !== 'deny';
  if (!fits) throw notAboutThat();
}

function notAboutThat(): Refusal {
  return new Refusal('case.kind', 'That is not what this case is about.');
}

function removes(decision: CaseDecision): boolean {
  switch (decision) {
    case 'remove':
    case 'warn':
    case 'suspend':
    case 'ban':
    case 'expired':
      return true;
    case 'approve':
    case 'deny':
    case 'withdrawn':
      return false;
  }
}

async function jobOf(db: Handle, { jobId }: Case): Promise<readonly Job[]> {
  const job = jobId === null ? undefined : await jobById(db, jobId);
  return job === undefined ? [] : [job];
}

/** Whoever is shown in a picture is shown in all that were made of the same photo, and in what is still to be made. */
async function jobsToRemove(db: Handle, one: Case): Promise<readonly Job[]> {
  const jobs = await jobOf(db, one);
  const photos = jobs.flatMap((job) => parametersOf(job).photos.map(({ photo }) => photo));
  if (one.kind !== 'depiction' || photos.length === 0) return jobs;
  return (await jobsOfPhotos(db, photos)).filter(({ communityId }) => communityId === one.communityId);
}

/** A moderator deletes somebody's picture: it does not come back. To be called while the picture is there. */
export async function rememberForGood(
  { store, checker, clock }: Pick<DecideOptions, 'store' | 'checker' | 'clock'>,
  { id, communityId }: Pick<Job, 'id' | 'communityId'>,
): Promise<void> {
  const hashes: PictureHashes[] = [];
  for (const { pngHash } of await picturesOfJob(store.db, id)) {
    const picture = pngHash === null ? undefined : await readStored(store, pngHash);
    if (picture !== undefined) hashes.push(await checker.describe(picture));
  }
  await store.transaction(async (tx) => rememberRemoved(tx, hashes, { communityId, at: clock() }));
}

/** Before the pictures are gone: what their copies are known again by. */
async function describeAll(
  store: Store,
  checker: Checker,
  { jobId, reason, kind }: Case,
  jobs: readonly Job[],
): Promise<readonly PictureHashes[]> {
  const files = new Set<string>();
  for (const job of jobs) {
    for (const { pngHash } of await picturesOfJob(store.db, job.id)) if (pngHash !== null) files.add(pngHash);
    if (job.id !== jobId || (kind !== 'depiction' && !concernsPhoto(reason))) continue;
    // Of several, nobody knows which it is about: the others show somebody who asked for nothing.
    const [photo, ...more] = parametersOf(job).photos;
    if (photo !== undefined && more.length === 0) files.add(photo.photo);
  }
  const hashes: PictureHashes[] = [];
  for (const file of files) {
    const photo = await readStored(store, file);
    if (photo !== undefined) hashes.push(await checker.describe(photo));
  }
  return hashes;
}

/** @returns undefined where it is gone or damaged: there is nothing to know it again by, and it is removed all the same. */
async function readStored(store: Store, hash: string): Promise<CheckedPicture | undefined> {
  try {
    return await readPhoto(await store.blobs.get(hash));
  } catch (error) {
    if (error instanceof Refusal || (error instanceof Fault && !error.mayPass)) return undefined;
    // Its owner deletes it at this moment.
    if ((await store.blobs.info(hash)) === undefined) return undefined;
    throw error;
  }
}

/** What was never shown to everybody is shown as the community shows results now. */
async function showAs(store: Store, { communityId }: Case): Promise<'kept' | 'unshared'> {
  const { showing } = await communitySettingsOf(store, communityId);
  return showing === 'asker' ? 'unshared' : 'kept';
}

const removedBecause: FailureSentence = { code: 'moderation.removed', reason: 'A moderator removed this picture.' };
const expiredBecause: FailureSentence = {
  code: 'moderation.expired',
  reason: 'No moderator looked at this picture in time, so it is not shown.',
};

async function applyToJobs(
  tx: Tx,
  one: Case,
  { decision }: Ruling,
  jobs: readonly Job[],
  { actor, at, shownAs }: { readonly actor: string; readonly at: number; readonly shownAs: 'kept' | 'unshared' },
): Promise<Omit<Decided, 'one'>> {
  const because = { actor, reason: `case.${decision}`, at, detail: { case: one.id } };
  if (decision === 'approve' && one.jobId !== null) await showResult(tx, one.jobId, because, shownAs);
  if (!removes(decision)) return { stopped: [], hashes: [] };
  const sentence = decision === 'expired' && one.kind === 'review' ? expiredBecause : removedBecause;
  const ids = jobs.map(({ id }) => id);
  const { removed, hashes } = await removeResults(tx, ids, because, sentence);
  return { stopped: removed.filter(({ state }) => isLive(state)).map(({ id }) => id), hashes };
}

async function applyToPerson(tx: Tx, one: Case, ruling: Ruling, actor: string, at: number): Promise<void> {
  switch (ruling.decision) {
    case 'warn':
      return sanction(tx, one, 'warn', { actor, at, until: null, everywhere: false });
    case 'suspend': {
      const until = at + suspensionMs(ruling.days);
      return sanction(tx, one, 'suspend', { actor, at, until, everywhere: ruling.everywhere ?? false });
    }
    case 'ban':
      return sanction(tx, one, 'ban', { actor, at, until: null, everywhere: ruling.everywhere ?? false });
    case 'approve':
    case 'deny':
      return answerAppeal(tx, one, ruling.decision, actor, at);
    case 'remove':
    case 'expired':
    case 'withdrawn':
  }
}

async function sanction(
  tx: Tx,
  { id: caseId, personId, communityId, reason }: Case,
  kind: SanctionKind,
  how: { readonly actor: string; readonly at: number; readonly until: number | null; readonly everywhere: boolean },
): Promise<void> {
  const { actor: imposedBy, at, until, everywhere } = how;
  const scope = everywhere ? null : communityId;
  await impose(tx, { kind, personId, communityId: scope, caseId, reason, imposedBy, at, until });
}

async function answerAppeal(
  tx: Tx,
  { id, kind, personId, communityId, sanctionId }: Case,
  decision: 'approve' | 'deny',
  actor: string,
  at: number,
): Promise<void> {
  if (kind !== 'appeal' || sanctionId === null) return;
  if (decision === 'approve') {
    const sanctioned = await sanctionById(tx, sanctionId);
    if (sanctioned !== undefined) await lift(tx, sanctioned, { actor, reason: 'appeal', at });
    return;
  }
  const subject = `appeal:${id}`;
  await tellPerson(tx, personId, { kind: 'appeal', subject, caseId: id, communityId, detail: { decision }, at });
}

/** They took the trouble: they hear what came of it. */
async function tellReporters(tx: Tx, { id, communityId }: Case, decision: CaseDecision, at: number): Promise<void> {
  for (const { personId } of await reportsOfCase(tx, id)) {
    const detail = { decision: removes(decision) ? 'remove' : decision };
    await tellPerson(tx, personId, { kind: 'outcome', subject: `outcome:${id}`, caseId: id, communityId, detail, at });
  }
}

/**
 * Those who reported what was found to be harmless may not report for a while.
 * @returns how many; those who were muted for the same before are not counted, nor muted again.
 * @throws Refusal `case.gone`, `case.kind` where it was not found to be harmless.
 */
export async function muteReporters(
  { store, clock }: Pick<DecideOptions, 'store' | 'clock'>,
  caseId: string,
  actor: string,
): Promise<number> {
  await caseOrRefusal(store, caseId);
  const at = clock();
  return store.transaction(async (tx) => {
    const one = await lockCase(tx, caseId);
    if (one?.decision !== 'approve') throw notAboutThat();
    const muted = await mutedFor(tx, caseId);
    const reporters = (await reportsOfCase(tx, caseId)).filter(({ personId }) => !muted.has(personId));
    for (const { personId } of reporters) {
      await impose(tx, {
        kind: 'mute',
        personId,
        communityId: one.communityId,
        caseId,
        reason: 'false-report',
        imposedBy: actor,
        at,
        until: at + muteMs,
      });
    }
    return reporters.length;
  });
}
