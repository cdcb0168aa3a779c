/** What follows from a decision, in its transaction: for pictures, for whose they are, for those who reported them. */
import type { FailureSentence } from '../jobs/outcome.ts';
import { removeResults, showResult } from '../jobs/showing.ts';
import { isLive } from '../jobs/states.ts';
import { appendAudit } from '../store/audit.ts';
import { type Case, reportsOfCase } from '../store/cases.ts';
import type { Job } from '../store/jobs.ts';
import { sanctionById } from '../store/sanctions.ts';
import type { CaseDecision, SanctionKind, Tx } from '../store/tables.ts';
import type { PictureHashes } from './hashes/describe.ts';
import { rememberRemoved } from './removed.ts';
import { suspensionMs } from './rules.ts';
import { removes, type Ruling } from './ruling.ts';
import { impose, lift } from './sanctions.ts';
import { tellPerson } from './telling.ts';

/** A ruling with all that had to be looked up for it before. */
export interface Prepared {
  readonly ruling: Ruling;
  /** As audit rows name whoever decides. */
  readonly actor: string;
  /** Unix ms. */
  readonly at: number;
  /** What copies of all that it takes away are known again by. */
  readonly described: readonly PictureHashes[];
  /** Where these stay away; null: everywhere. */
  readonly awayFrom: string | null;
  /** Who sees what was never shown to everybody, once it is approved. */
  readonly shownAs: 'kept' | 'unshared';
  /** Its owner was first to take the picture away. */
  readonly isDeleted: boolean;
}

/** @property stopped jobs that waited or were painted. @property hashes blobs that nobody may need any more. */
export interface CarriedOut {
  readonly stopped: readonly string[];
  readonly hashes: readonly string[];
}

/** @param jobs those that it is about, locked. */
export async function carryOut(tx: Tx, one: Case, jobs: readonly Job[], prepared: Prepared): Promise<CarriedOut> {
  const { ruling, actor, at, described, awayFrom } = prepared;
  const { decision } = ruling;
  const gone = await applyToJobs(tx, one, jobs, prepared);
  await rememberRemoved(tx, described, { communityId: awayFrom, at });
  await applyToPerson(tx, one, ruling, actor, at);
  const { id, kind, reason, communityId: community } = one;
  const detail = { decision, kind };
  await appendAudit(tx, { at, actor, action: 'case.decided', subject: `case:${id}`, reason, detail, community });
  await tellReporters(tx, one, prepared);
  return gone;
}

const removedBecause: FailureSentence = { code: 'moderation.removed', reason: 'A moderator removed this picture.' };
const expiredBecause: FailureSentence = {
  code: 'moderation.expired',
  reason: 'No moderator looked at this picture in time, so it is not shown.',
};

async function applyToJobs(
  tx: Tx,
  one: Case,
  jobs: readonly Job[],
  { ruling: { decision }, actor, at, shownAs }: Prepared,
): Promise<CarriedOut> {
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
async function tellReporters(tx: Tx, { id, communityId }: Case, prepared: Prepared): Promise<void> {
  const detail = { decision: asReportersHear(prepared) };
  const told = { kind: 'outcome', subject: `outcome:${id}`, caseId: id, communityId, detail, at: prepared.at } as const;
  for (const { personId } of await reportsOfCase(tx, id)) await tellPerson(tx, personId, told);
}

function asReportersHear({ ruling: { decision }, isDeleted }: Prepared): CaseDecision {
  if (removes(decision)) return 'remove';
  // What was found to be harmless does not stay where its owner has deleted it.
  return isDeleted ? 'withdrawn' : decision;
}
