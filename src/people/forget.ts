/**
 * Forgetting somebody: everything that they gave and that was made of it goes. What is to be done is written down first and
 * ticked off in the transactions that do it, so that a process that dies in between is gone on with by the next.
 */
import { z } from 'zod';
import { Fault } from '../errors.ts';
import type { Adapter } from '../jobs/adapter.ts';
import type { Jobs } from '../jobs/service.ts';
import type { ProgressNotes } from '../jobs/delivery-progress.ts';
import type { Log } from '../log.ts';
import { appendAudit } from '../store/audit.ts';
import { endForgetting, forgettingsUnderWay, saveForgetting } from '../store/forgettings.ts';
import { type Job, jobById, listJobs } from '../store/jobs.ts';
import { deletePerson, identitiesOf, isKnown } from '../store/people.ts';
import { picturesOfJob } from '../store/pictures.ts';
import { dropReplaced } from '../store/restore.ts';
import type { Store } from '../store/store.ts';
import type { Tx } from '../store/tables.ts';
import { accountHashes } from './account-hash.ts';
import { eraseSteps, type Subject } from './erase.ts';
import { jobsToForget } from './jobs-to-forget.ts';
import { type MessageRemoval, startMessageRemoval } from './remove-messages.ts';
import { dropJob, stopJob } from './remove-job.ts';

/** How many of each kind are gone. `othersJobs`: what others had made from this person's photos and pictures. */
export type Counts = Readonly<Record<string, number>>;

/** The proof. @property messagesLeft those that the platform did not take away yet; they are tried again. */
export interface Forgotten {
  readonly counts: Counts;
  readonly messagesRemoved: number;
  readonly messagesLeft: number;
}

export interface ForgettingOptions {
  readonly store: Store;
  readonly jobs: Pick<Jobs, 'cancel' | 'isBusy' | 'forgetPerson'>;
  readonly progress: Pick<ProgressNotes, 'end'>;
  /** By platform; those that are connected. */
  readonly adapters: ReadonlyMap<string, Pick<Adapter, 'remove'>>;
  /** After which a message that its platform does not remove stays. */
  readonly giveUpAfterMs: number;
  /** Now, in Unix ms. */
  readonly clock: () => number;
  readonly log: Log;
}

export interface Forgetting {
  /**
   * Asked again while it is under way, it is the same forgetting.
   * @param onBegun called once it is written down and will be done, whatever happens to this process.
   * @returns when everything here is gone; messages that a platform is slow to take away follow.
   */
  forget(personId: string, onBegun?: () => Promise<void>): Promise<Forgotten>;
  /**
   * Takes these away, again and again until the platform has done it; waits a little for the first try.
   * @param ids of rows of removals.
   */
  removeMessages(ids: readonly string[]): Promise<void>;
  /** Goes on with what the last process left; once the adapters are there. */
  resume(): void;
  close(): Promise<void>;
}

const work = z.object({
  identities: z.array(z.object({ platform: z.string(), platformUserId: z.string() })),
  /** Of the person, and those of others that show what the person gave. */
  jobIds: z.array(z.string()),
  /** Files that the jobs had, for whoever died before these were removed. */
  hashes: z.array(z.string()),
  counts: z.record(z.string(), z.number()),
});
type Work = z.infer<typeof work>;

interface UnderWay extends Subject {
  readonly at: number;
  readonly work: Work;
}

/** Rows or files of one step. */
const STEP = 50;
/** What whoever asked waits for the platforms. */
const MESSAGES_PATIENCE_MS = 10_000;
/** What whoever deletes one picture waits. */
const MESSAGE_PATIENCE_MS = 1_000;

export function createForgetting(options: ForgettingOptions): Forgetting {
  const { store, log } = options;
  const closing = new AbortController();
  const running = new Map<string, Promise<Forgotten>>();
  const messages = startMessageRemoval({ ...options, signal: closing.signal });
  let resumed: Promise<void> = Promise.resolve();

  const forget: Forgetting['forget'] = (personId, onBegun) => {
    const known = running.get(personId);
    if (known !== undefined) return known;
    const begun = forgetNow(options, messages, personId, { onBegun, signal: closing.signal }).finally(() =>
      running.delete(personId),
    );
    running.set(personId, begun);
    return begun;
  };
  const goOn = async (): Promise<void> => {
    messages.wake();
    for (const { personId } of await forgettingsUnderWay(store.db)) await forget(personId);
    // The last process may have died before it took the traces out.
    await store.scrub();
  };
  return {
    forget,
    async removeMessages(ids) {
      await messages.remove(ids, AbortSignal.timeout(MESSAGE_PATIENCE_MS));
    },
    resume() {
      resumed = goOn().catch((error: unknown) => {
        if (!closing.signal.aborted)
          log.error({ err: error }, 'Somebody could not be forgotten; the next start goes on.');
      });
    },
    async close() {
      closing.abort(new Fault('The bot is stopping.', { mayPass: true }));
      await resumed;
      await Promise.allSettled(running.values());
      await messages.close();
    },
  };
}

/**
 * Before anything is painted or received: files that nobody needs go at once. The last process may have died while it forgot
 * somebody, or between a picture's rows and its files; one may even be of a picture that was never written down.
 */
export async function sweepAfterDeath(store: Store): Promise<void> {
  for (let more = true; more;) {
    const { removed, more: hasMore } = await store.blobs.sweep({ graceMs: 0, limit: STEP });
    more = hasMore && removed > 0;
  }
}

async function forgetNow(
  options: ForgettingOptions,
  messages: MessageRemoval,
  personId: string,
  { onBegun, signal }: { readonly onBegun: (() => Promise<void>) | undefined; readonly signal: AbortSignal },
): Promise<Forgotten> {
  const { store, jobs, clock, log } = options;
  const begun = (await underWay(store, personId)) ?? (await begin(options, personId));
  if (begun === undefined) return { counts: {}, messagesRemoved: 0, messagesLeft: 0 };
  // Whoever asked is told as well as can be; it is done all the same.
  await onBegun?.().catch((error: unknown) => log.warn({ err: error }, 'A word about a forgetting was not heard.'));
  let under = begun;
  const removalIds: string[] = [];
  for (;;) {
    const late = await listJobs(store.db, { personId }, { limit: STEP });
    const ids = [...new Set([...under.work.jobIds, ...late.map(({ id }) => id)])];
    for (const id of ids) under = await forgetJob(options, under, id, removalIds, signal);
    await store.blobs.removeUnreferenced(under.work.hashes);
    await dropReplaced(store.dataDir, Infinity);
    jobs.forgetPerson(personId);
    if (await end(store, under, clock())) break;
  }
  // What was deleted must not be read from the write-ahead log.
  await store.scrub();
  const messagesLeft = await messages.remove(removalIds, AbortSignal.timeout(MESSAGES_PATIENCE_MS));
  return { counts: under.work.counts, messagesRemoved: removalIds.length - messagesLeft, messagesLeft };
}

async function underWay(store: Store, personId: string): Promise<UnderWay | undefined> {
  const row = (await forgettingsUnderWay(store.db)).find((one) => one.personId === personId);
  if (row === undefined) return undefined;
  const parsed = work.parse(row.work);
  const { identities } = parsed;
  return { personId, at: row.at, identities, accountHashes: await accountHashes(store, identities), work: parsed };
}

/**
 * Writes down what is to be done, and takes away at once all by which the person is known: from now on they are a stranger.
 * @returns undefined where there is no such person.
 */
async function begin({ store, clock }: ForgettingOptions, personId: string): Promise<UnderWay | undefined> {
  const at = clock();
  const identities = (await identitiesOf(store.db, personId)).map((one) => ({ ...one }));
  const hashes = await accountHashes(store, identities);
  return store.transaction(async (tx) => {
    if (!(await isKnown(tx, personId))) return undefined;
    const jobIds = await jobsToForget(tx, personId);
    const counts = await eraseAll(tx, { personId, identities, accountHashes: hashes, at }, {});
    const under = {
      personId,
      identities,
      accountHashes: hashes,
      at,
      work: { identities, jobIds: [...jobIds], hashes: [], counts },
    };
    await save(tx, under);
    return under;
  });
}

async function save(tx: Tx, { personId, at, work: todo }: UnderWay): Promise<void> {
  await saveForgetting(tx, { personId, at, work: todo });
}

async function eraseAll(tx: Tx, subject: Subject, before: Counts): Promise<Record<string, number>> {
  const counts: Record<string, number> = { ...before };
  for (const { kind, erase } of eraseSteps) counts[kind] = (counts[kind] ?? 0) + (await erase(tx, subject));
  return counts;
}

async function forgetJob(
  options: ForgettingOptions,
  under: UnderWay,
  id: string,
  removalIds: string[],
  signal: AbortSignal,
): Promise<UnderWay> {
  const { store, jobs, progress, clock } = options;
  signal.throwIfAborted();
  const job = await jobById(store.db, id);
  if (job === undefined) return under;
  await stopJob({ store, jobs }, id, `person:${under.personId}`, signal);
  await progress.end({ id });
  const at = clock();
  const { next, hashes, removalId } = await store.transaction(async (tx) => {
    const counts = await countJob(tx, under, job);
    const { removalId, hashes } = await dropJob(tx, job, at);
    const actor = `person:${under.personId}`;
    await appendAudit(tx, { at, actor, action: 'job.deleted', subject: `job:${id}`, reason: 'forgotten', detail: {} });
    const known = [...new Set([...under.work.hashes, ...hashes])];
    const next = { ...under, work: { ...under.work, hashes: known, counts } };
    await save(tx, next);
    return { next, hashes, removalId };
  });
  removalIds.push(removalId);
  await store.blobs.removeUnreferenced(hashes);
  return next;
}

async function countJob(
  tx: Tx,
  { personId, work: { counts, hashes } }: UnderWay,
  job: Job,
): Promise<Counts & Work['counts']> {
  const pictures = await picturesOfJob(tx, job.id);
  const photos = await tx
    .selectFrom('blobRefs')
    .select('hash')
    .where('ownerKind', '=', 'job')
    .where('ownerId', '=', job.id)
    .where('role', '=', 'photo')
    .execute();
  const isOwn = job.personId === personId;
  const plus = (kind: string, more: number): Record<string, number> => ({ [kind]: (counts[kind] ?? 0) + more });
  return {
    ...counts,
    ...plus('jobs', isOwn ? 1 : 0),
    ...plus('othersJobs', isOwn ? 0 : 1),
    ...plus('pictures', isOwn ? pictures.filter(({ pngHash }) => pngHash !== null).length : 0),
    ...plus('photos', new Set(photos.map(({ hash }) => hash).filter((hash) => !hashes.includes(hash))).size),
    ...plus('messages', 1),
  };
}

/** The last step. @returns false where a job came in meanwhile, with nothing changed. */
async function end(store: Store, under: UnderWay, at: number): Promise<boolean> {
  const { personId, work: todo } = under;
  return store.transaction(async (tx) => {
    if ((await listJobs(tx, { personId }, { limit: 1 })).length > 0) return false;
    // What an act that was under way has left.
    const counts = await eraseAll(tx, { ...under, at }, todo.counts);
    await deletePerson(tx, personId);
    await endForgetting(tx, personId);
    const subject = `person:${personId}`;
    await appendAudit(tx, { at, actor: subject, action: 'person.forgotten', subject, reason: 'asked', detail: counts });
    return true;
  });
}
