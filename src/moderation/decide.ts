/** Deciding a case: once, by whoever is first, with all that follows from it in one transaction. */
import { Refusal } from '../errors.ts';
import { removeResult, showResult } from '../jobs/showing.ts';
import type { FailureSentence } from '../jobs/outcome.ts';
import { communitySettingsOf } from '../people/settings.ts';
import { readPhoto } from '../photo/intake.ts';
import { appendAudit } from '../store/audit.ts';
import { type Case, caseById, decideCase, reportsOfCase } from '../store/cases.ts';
import { type Job, jobById, jobsWithPhoto } from '../store/jobs.ts';
import { picturesOfJob } from '../store/pictures.ts';
import { sanctionById } from '../store/sanctions.ts';
import type { Store } from '../store/store.ts';
import type { CaseDecision, SanctionKind, Tx } from '../store/tables.ts';
import { parametersOf } from '../jobs/parameters.ts';
import { caseOrRefusal } from './cases.ts';
import type { Checker } from './checks/checker.ts';
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

export interface DecideOptions {
  readonly store: Store;
  readonly checker: Checker;
  /** Now, in Unix ms. */
  readonly clock: () => number;
}

/**
 * Decides a case.
 * @param actor as audit rows name whoever decides: `person:ID`, `system`.
 * @returns the case as it stands; `isFirst` is false where somebody had decided it before, and nothing changed.
 * @throws Refusal `case.gone`, `case.kind` where the case is not of a kind that this decides.
 */
export async function decide(
  { store, checker, clock }: DecideOptions,
  id: string,
  ruling: Ruling,
  actor: string,
): Promise<{ readonly one: Case; readonly isFirst: boolean }> {
  const one = await caseOrRefusal(store, id);
  if (one.state === 'decided') return { one, isFirst: false };
  checkFits(one, ruling);
  const jobs = removes(ruling.decision) ? await jobsToRemove(store, one) : [];
  const hashes = await describeAll(store, checker, one, jobs);
  const shownAs = await showAs(store, one);
  const at = clock();
  const blobs = await store.transaction(async (tx) => {
    const { decision } = ruling;
    if (!(await decideCase(tx, id, { decision, decidedBy: actor, decidedAt: at }))) return undefined;
    const detail = { decision, kind: one.kind };
    const [subject, community] = [`case:${id}`, one.communityId ?? undefined];
    await appendAudit(tx, { at, actor, action: 'case.decided', subject, reason: one.reason, detail, community });
    const gone = await applyToJobs(tx, one, ruling, jobs, { actor, at, shownAs });
    const scope = one.kind === 'depiction' ? null : one.communityId;
    await rememberRemoved(tx, hashes, { communityId: scope, at });
    await applyToPerson(tx, one, ruling, actor, at);
    await tellReporters(tx, one, decision, at);
    return gone;
  });
  if (blobs !== undefined && blobs.length > 0) {
    await store.blobs.removeUnreferenced(blobs);
    await store.scrub();
  }
  return { one: (await caseById(store.db, id)) ?? one, isFirst: blobs !== undefined };
}

function checkFits({ kind }: Case, { decision }: Ruling): void {
  const isAppeal = kind === 'appeal';
  const fits = isAppeal ? ['approve', 'deny', 'withdrawn'].includes(decision) : decision !== 'deny';
  if (!fits) throw new Refusal('case.kind', 'That is not what this case is about.');
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

/** Whoever is shown in a picture is shown in all that were made of the same photo. */
async function jobsToRemove(store: Store, { jobId, kind }: Case): Promise<readonly Job[]> {
  const job = jobId === null ? undefined : await jobById(store.db, jobId);
  if (job === undefined) return [];
  const { photoHash, communityId } = job;
  return kind === 'depiction' && photoHash !== null ? jobsWithPhoto(store.db, { photoHash, communityId }) : [job];
}

/** Before the pictures are gone: what their copies are known again by. */
async function describeAll(
  store: Store,
  checker: Checker,
  { reason, kind }: Case,
  jobs: readonly Job[],
): Promise<readonly PictureHashes[]> {
  const files = new Set<string>();
  for (const job of jobs) {
    for (const { pngHash } of await picturesOfJob(store.db, job.id)) if (pngHash !== null) files.add(pngHash);
    if (kind !== 'depiction' && !concernsPhoto(reason)) continue;
    for (const { photo } of parametersOf(job).photos) files.add(photo);
  }
  const hashes: PictureHashes[] = [];
  for (const file of files) {
    if ((await store.blobs.info(file)) === undefined) continue;
    hashes.push(await checker.describe(await readPhoto(await store.blobs.get(file))));
  }
  return hashes;
}

async function showAs(store: Store, { kind, communityId }: Case): Promise<'kept' | 'unshared'> {
  const { showing } = await communitySettingsOf(store, communityId);
  return kind === 'review' && showing === 'asker' ? 'unshared' : 'kept';
}

const removedBecause: FailureSentence = { code: 'moderation.removed', reason: 'A moderator removed this picture.' };
const expiredBecause: FailureSentence = {
  code: 'moderation.expired',
  reason: 'No moderator looked at this picture in time, so it is not shown.',
};

/** @returns blobs that nobody may need any more. */
async function applyToJobs(
  tx: Tx,
  one: Case,
  { decision }: Ruling,
  jobs: readonly Job[],
  { actor, at, shownAs }: { readonly actor: string; readonly at: number; readonly shownAs: 'kept' | 'unshared' },
): Promise<readonly string[]> {
  const because = { actor, reason: `case.${decision}`, at, detail: { case: one.id } };
  if (decision === 'approve' && one.jobId !== null) await showResult(tx, one.jobId, because, shownAs);
  const blobs: string[] = [];
  const sentence = decision === 'expired' && one.kind === 'review' ? expiredBecause : removedBecause;
  for (const { id } of jobs) blobs.push(...((await removeResult(tx, id, because, sentence)) ?? []));
  return blobs;
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

/** Those who reported what was found to be harmless may not report for a while. @returns how many. */
export async function muteReporters(
  { store, clock }: Pick<DecideOptions, 'store' | 'clock'>,
  caseId: string,
  actor: string,
): Promise<number> {
  const one = await caseOrRefusal(store, caseId);
  const at = clock();
  return store.transaction(async (tx) => {
    const reporters = await reportsOfCase(tx, caseId);
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
