import type { Generated, Kysely, Transaction } from 'kysely';

/**
 * The rows as the databases hold them. Names are camelCase here and snake_case in SQL. Times are Unix milliseconds,
 * flags and JSON are kept in the types that SQLite and PostgreSQL share (integer, text).
 */

/** Which database is behind the store. */
export type DialectName = 'sqlite' | 'postgres';

/** What JSON columns hold. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };
export type JsonObject = { readonly [key: string]: Json };

/** Every state a job can be in; which moves are allowed is the business of the jobs' own table of moves. */
export const JOB_STATES = [
  'queued',
  'running',
  'checking',
  'held',
  'done',
  'failed',
  'cancelled',
  'refused',
  'removed',
] as const;
export type JobState = (typeof JOB_STATES)[number];

export type DeliveryState = 'pending' | 'sent' | 'undeliverable';

/**
 * `kept` may be shown to all, `unshared` to whoever asked for it, who may share it; `held` waits for a moderator,
 * `hidden` does so after everybody could see it; `removed` keeps the row and loses its blobs.
 */
export type PictureState = 'kept' | 'unshared' | 'held' | 'hidden' | 'removed';

/** How an attempt ended; `lost` is an attempt whose process died without a word. */
export type AttemptOutcome = 'done' | 'failed' | 'cancelled' | 'lost';

interface PeopleTable {
  id: string;
  createdAt: number;
}

interface IdentitiesTable {
  platform: string;
  platformUserId: string;
  personId: string;
  /** The language of the person's client, as the platform named it last; null where it never has. */
  locale: string | null;
  createdAt: number;
}

interface CommunitiesTable {
  id: string;
  platform: string;
  platformChatId: string;
  createdAt: number;
}

export interface JobsTable {
  /** Order of submission. */
  seq: Generated<number>;
  id: string;
  idempotencyKey: string;
  state: JobState;
  communityId: string;
  personId: string;
  platform: string;
  /** Where the placeholder stands, as the platform's adapter wrote it (JSON). */
  address: string;
  prompt: string;
  /** Everything else that the engine needs to make the same picture again (JSON). */
  parameters: string;
  seed: number;
  model: string;
  modelHash: string;
  parentId: string | null;
  /** SHA-256 of the source photo's blob. */
  photoHash: string | null;
  /** How many pictures are asked for. */
  count: number;
  /** In the fair-share policy's unit. */
  estimatedCost: number;
  /** Measured over all attempts. */
  engineMs: number;
  attemptCount: number;
  /** The attempt whose result is accepted; null while none runs. */
  attemptToken: string | null;
  /** A retry waits until then. */
  notBefore: number;
  failureCode: string | null;
  failureReason: string | null;
  /** What the failure's sentence is filled with in other languages (JSON). */
  failureDetails: string | null;
  submittedAt: number;
  startedAt: number | null;
  endedAt: number | null;
}

export interface AttemptsTable {
  token: string;
  jobId: string;
  /** 1 for the first. */
  number: number;
  /** Which engine ran it. */
  engine: string;
  startedAt: number;
  endedAt: number | null;
  outcome: AttemptOutcome | null;
  reason: string | null;
  engineMs: number;
}

export interface PicturesTable {
  jobId: string;
  /** 0 for the first picture of the job. */
  number: number;
  state: PictureState;
  seed: number;
  widthPx: number;
  heightPx: number;
  /** SHA-256 of the lossless result, of its small preview and of the latents; null once removed or never kept. */
  pngHash: string | null;
  previewHash: string | null;
  latentsHash: string | null;
  engineMs: number;
  createdAt: number;
}

export interface DeliveriesTable {
  id: string;
  jobId: string;
  /** What of the job is delivered; one delivery for each, however often it is asked for. */
  subject: string;
  adapter: string;
  /** Deliveries of one lane (one chat) go out one after the other and hold up no other lane. */
  lane: string;
  /** JSON, as the adapter wrote it. */
  address: string;
  state: DeliveryState;
  attemptCount: number;
  nextAttemptAt: number;
  reason: string | null;
  /** Names the reason of what is undeliverable, for the catalogues. */
  reasonCode: string | null;
  createdAt: number;
  sentAt: number | null;
  /** What the adapter said about the message that it sent or edited (JSON). */
  receipt: string | null;
}

interface UsageTable {
  seq: Generated<number>;
  jobId: string;
  communityId: string;
  personId: string;
  engineMs: number;
  at: number;
}

export interface AuditTable {
  seq: number;
  at: number;
  actor: string;
  action: string;
  subject: string;
  reason: string;
  /** JSON. */
  detail: string;
  /** The community that it was done in; null where it was in none, and in rows from before there was this column. */
  community: string | null;
  prevHash: string;
  hash: string;
}

/** One row: the last link of the chain, and the last link that was pruned. */
interface AuditHeadTable {
  id: number;
  seq: number;
  hash: string;
  prunedSeq: number;
  prunedHash: string;
}

interface BlobsTable {
  /** SHA-256 of the bytes, lower-case hexadecimal. */
  hash: string;
  bytes: number;
  mediaType: string;
  createdAt: number;
  /** Last put or last loss of a reference: a sweep's grace is counted from here. */
  touchedAt: number;
}

interface BlobRefsTable {
  hash: string;
  ownerKind: string;
  ownerId: string;
  /** What the owner needs it for: `photo`, `png`, `latents`. */
  role: string;
  /** The reference ends by itself then; null: with its owner. */
  expiresAt: number | null;
}

/** `review`: a picture is looked at before it is shown. `depiction`: somebody says that it shows them. */
export type CaseKind = 'review' | 'report' | 'depiction' | 'appeal';

/** `approve` shows the picture, or grants the appeal; all but `approve`, `deny` and `withdrawn` remove the picture. */
export type CaseDecision = 'approve' | 'remove' | 'warn' | 'suspend' | 'ban' | 'deny' | 'expired' | 'withdrawn';

export interface CasesTable {
  id: string;
  kind: CaseKind;
  communityId: string;
  /** Whose picture it is, or who appeals. */
  personId: string;
  jobId: string | null;
  /** What is appealed against. */
  sanctionId: string | null;
  /** Why it was opened: a code. */
  reason: string;
  /** An appeal's words. */
  note: string | null;
  state: 'open' | 'decided';
  openedAt: number;
  /** It is decided by itself then. */
  dueAt: number | null;
  reminderCount: number;
  decision: CaseDecision | null;
  /** As audit rows name them. */
  decidedBy: string | null;
  decidedAt: number | null;
  /** While it is open: what is needed of a picture that its owner deleted meanwhile (JSON); null: it is there. */
  remains: string | null;
}

export interface ReportsTable {
  caseId: string;
  /** Who reported. */
  personId: string;
  reason: string;
  note: string | null;
  at: number;
}

/** `mute`: may not report. */
export type SanctionKind = 'warn' | 'suspend' | 'ban' | 'mute';

export interface SanctionsTable {
  id: string;
  kind: SanctionKind;
  /** Null: everywhere. */
  communityId: string | null;
  /** Null once the person is forgotten. */
  personId: string | null;
  /** Of a forgotten person's account: who comes back under it is under the same sanction. */
  identityHash: string | null;
  caseId: string | null;
  /** A code. */
  reason: string;
  imposedBy: string;
  at: number;
  /** Null: for good. */
  until: number | null;
  liftedAt: number | null;
}

export interface RemovedPicturesTable {
  id: string;
  /** Null: everywhere. */
  communityId: string | null;
  /** A line of perceptual hashes. */
  hashes: string;
  source: 'removed' | 'imported';
  at: number;
}

export type NoticeKind = 'card' | 'reminder' | 'outcome' | 'removed' | 'sanction' | 'lifted' | 'appeal';

export interface NoticesTable {
  id: string;
  /** What is said to whom about what; said once. */
  subject: string;
  kind: NoticeKind;
  platform: string;
  /** Whom or which channel, as `Outgoing.post` takes it (JSON). */
  target: string;
  /** Who is told; null for a channel. */
  personId: string | null;
  communityId: string | null;
  caseId: string | null;
  /** What else its words need (JSON). */
  detail: string;
  state: DeliveryState;
  attemptCount: number;
  nextAttemptAt: number;
  reason: string | null;
  createdAt: number;
  /** Where it stands (JSON). */
  receipt: string | null;
  /**
   * What a card says now, in short, its case's state first; it is edited where that is no longer so, and null once it is
   * said for good.
   */
  shows: string | null;
}

export interface ConsentsTable {
  personId: string;
  /** Of the terms. */
  version: number;
  at: number;
}

/** Somebody who is being forgotten; the row goes with the last step. */
interface ForgettingsTable {
  personId: string;
  at: number;
  /** JSON: what is to be done, and what was. */
  work: string;
}

/** A message of the bot's that is to be taken away, of a job that is gone. */
export interface RemovalsTable {
  id: string;
  platform: string;
  /** JSON, as the adapter wrote it. */
  address: string;
  attemptCount: number;
  nextAttemptAt: number;
  createdAt: number;
}

/** Something that somebody did, which the platform may tell of again. */
interface ActsTable {
  platform: string;
  requestId: string;
  /** The process that does it, or did. */
  takenBy: string;
  at: number;
  isDone: number;
  /** Which it makes, or made. */
  jobId: string | null;
}

interface KeyvTable {
  namespace: string;
  key: string;
  value: string;
  expiresAt: number | null;
}

export interface Tables {
  people: PeopleTable;
  identities: IdentitiesTable;
  communities: CommunitiesTable;
  jobs: JobsTable;
  attempts: AttemptsTable;
  pictures: PicturesTable;
  deliveries: DeliveriesTable;
  usage: UsageTable;
  audit: AuditTable;
  auditHead: AuditHeadTable;
  blobs: BlobsTable;
  blobRefs: BlobRefsTable;
  keyv: KeyvTable;
  acts: ActsTable;
  consents: ConsentsTable;
  forgettings: ForgettingsTable;
  removals: RemovalsTable;
  cases: CasesTable;
  reports: ReportsTable;
  sanctions: SanctionsTable;
  removedPictures: RemovedPicturesTable;
  notices: NoticesTable;
}

/** The database, or a transaction on it: every repository function takes one, so that several make one transaction. */
export type Handle = Kysely<Tables>;

/** For what is only right together with something else: several statements, or a row that must not stand alone. */
export type Tx = Transaction<Tables>;
