/** What a run of the crowd came to: cases, pictures, sanctions, notices, the trail and the chat tell the same story. */
import { auditPage, verifyAudit } from '../../src/store/audit.ts';
import type { Case } from '../../src/store/cases.ts';
import { type Job, jobById, listJobs } from '../../src/store/jobs.ts';
import { picturesOfJob } from '../../src/store/pictures.ts';
import type { Store } from '../../src/store/store.ts';
import type { CaseDecision, JobState, PictureState } from '../../src/store/tables.ts';
import type { Message } from '../../test/fakes/chat.ts';
import { countUnaccounted, hasWholeTrail } from '../crash/verdict.ts';
import { requestKey } from './orders.ts';

export interface CrowdVerdict {
  readonly cases: number;
  readonly removed: number;
  readonly sanctions: number;
  readonly notices: number;
  /** Cases without a decision, jobs that wait for one, and notices that are neither sent nor undeliverable. */
  readonly undecided: number;
  /** Cases decided or told of more than once, mutes and notices that came twice. */
  readonly twice: number;
  readonly chainWhole: boolean;
  /** What is not as it was decided, in words. */
  readonly amiss: readonly string[];
}

const many = { limit: 100_000 };

/** @param store of a bot that has ended. */
export async function judgeCrowd(store: Store, messages: readonly Message[]): Promise<CrowdVerdict> {
  const { db } = store;
  const cases = await db.selectFrom('cases').selectAll().execute();
  const jobs = await listJobs(db, {}, many);
  const sanctions = await db.selectFrom('sanctions').selectAll().execute();
  const notices = await db.selectFrom('notices').selectAll().execute();
  const amiss: string[] = [];
  const chainWhole = (await verifyAudit(db)).brokenAt === undefined;
  let undecided = notices.filter(({ state }) => state === 'pending').length;
  let twice = countTwice(sanctions.filter(({ kind }) => kind === 'mute').map((one) => `${one.caseId} ${one.personId}`));
  for (const one of cases) {
    if (one.state !== 'decided' || one.decision === null) undecided++;
    else if (one.remains !== null) amiss.push(`case ${one.id}: decided, and keeps what is left of its picture`);
    const trail = await auditPage(db, { subject: `case:${one.id}` }, many);
    const decisions = trail.filter(({ action }) => action === 'case.decided');
    if (decisions.length > 1) twice++;
    if (decisions[0]?.detail['decision'] !== one.decision) amiss.push(`case ${one.id}: its trail says otherwise`);
    const imposed = sanctions
      .filter(({ caseId, kind }) => caseId === one.id && kind !== 'mute')
      .map(({ kind }) => kind);
    if (imposed.join() !== sanctionOf(one)) amiss.push(`case ${one.id}: ${one.decision} led to ${imposed.join()}`);
    amiss.push(...(await notAsDecided(store, one)));
  }
  for (const job of jobs) {
    if (!isSettled(job.state)) undecided++;
    if (!(await hasWholeTrail(store, job))) amiss.push(`job ${job.id}: its trail does not lead to ${job.state}`);
    amiss.push(...(await inTwoStates(store, job)));
  }
  twice += countTwice(messages.map(({ nonce }) => nonce));
  amiss.push(...notAsShown(jobs, notices, messages));
  const lostBlobs = await countUnaccounted(store);
  if (lostBlobs > 0) amiss.push(`${lostBlobs} blobs unaccounted for`);
  const removed = jobs.filter(({ state }) => state === 'removed').length;
  const counts = { cases: cases.length, removed, sanctions: sanctions.length, notices: notices.length };
  return { ...counts, undecided, twice, chainWhole, amiss };
}

function countTwice(keys: readonly string[]): number {
  return keys.length - new Set(keys).size;
}

function sanctionOf({ decision }: Case): string {
  return decision === 'warn' || decision === 'suspend' || decision === 'ban' ? decision : '';
}

const removing: readonly (CaseDecision | null)[] = ['remove', 'warn', 'suspend', 'ban', 'expired'];

/** A picture that was decided against is gone, and so is, for somebody shown, whatever was made of the same photo. */
async function notAsDecided(store: Store, { id, jobId, decision }: Case): Promise<readonly string[]> {
  if (jobId === null || !removing.includes(decision)) return [];
  const job = await jobById(store.db, jobId);
  return job === undefined || job.state === 'removed' ? [] : [`case ${id}: ${decision}, and the job is ${job.state}`];
}

function isSettled(state: JobState): boolean {
  return ['done', 'failed', 'cancelled', 'refused', 'removed'].includes(state);
}

const fitting: Readonly<Partial<Record<JobState, readonly PictureState[]>>> = {
  done: ['kept', 'unshared'],
  removed: ['removed'],
};

/** Job, pictures and blobs agree. */
async function inTwoStates(store: Store, { id, state, count }: Job): Promise<readonly string[]> {
  const pictures = await picturesOfJob(store.db, id);
  const refs = await store.db.selectFrom('blobRefs').select('role').where('ownerId', '=', id).execute();
  const said: string[] = [];
  const allowed = fitting[state];
  const states = [...new Set(pictures.map((one) => one.state))];
  if (allowed?.some((one) => states.includes(one)) !== true && allowed !== undefined && pictures.length > 0) {
    said.push(`job ${id}: ${state} with ${states.join()}`);
  }
  if (states.some((one) => allowed !== undefined && !allowed.includes(one))) {
    said.push(`job ${id}: ${state} with ${states.join()}`);
  }
  if (state === 'done' && (states.length !== 1 || pictures.length !== count)) {
    said.push(`job ${id}: ${pictures.length} of ${count} pictures, ${states.join()}`);
  }
  if (state === 'removed' && refs.length > 0) said.push(`job ${id}: removed, and needs ${refs.length} blobs`);
  const hashes = pictures.filter((one) => one.pngHash !== null);
  if (state === 'removed' && hashes.length > 0) said.push(`job ${id}: removed, and names its files`);
  return said;
}

/** What the chat says last is what is so: under each job, and on each card. */
function notAsShown(
  jobs: readonly Job[],
  notices: readonly { readonly id: string; readonly kind: string; readonly state: string }[],
  messages: readonly Message[],
): readonly string[] {
  const byNonce = new Map(messages.map((message) => [message.nonce, message]));
  const said: string[] = [];
  for (const { idempotencyKey, state, id } of jobs) {
    const shown = byNonce.get(idempotencyKey)?.shown;
    if (shown?.state !== state) said.push(`job ${id}: ${state}, and the chat says ${shown?.state}`);
  }
  for (const { id, kind, state } of notices) {
    const message = byNonce.get(id);
    if (state === 'sent' && message === undefined) said.push(`notice ${id}: sent, and not there`);
    if (kind === 'card' && message !== undefined && !message.shown.text.startsWith('card decided')) {
      said.push(`card ${id} says ${message.shown.text}`);
    }
  }
  const ids = new Set(notices.map(({ id }) => id));
  const asked = requestKey(0).split(':')[0] ?? '';
  for (const { nonce } of messages) {
    if (!nonce.startsWith(`${asked}:`) && !ids.has(nonce)) said.push(`message ${nonce}: nobody decided to send it`);
  }
  return said;
}
