/**
 * What the jobs ask of a chat platform, in words that belong to none. An adapter translates and nothing else: it holds no
 * rules, reads no SQL and remembers nothing that the platform or the address does not hold.
 */
import type { RefusalDetails } from '../errors.ts';
import type { JobState, JsonObject } from '../store/tables.ts';

/**
 * Where a job's placeholder message stands. `chat` names what the platform counts its limits by (a channel, a group, a
 * private chat); everything else is the adapter's own.
 */
export type Address = JsonObject & { readonly chat: string };

/** A finished picture; its bytes are read when they are asked for. */
export interface DeliveredPicture {
  /** 0 for the first of its job. */
  readonly number: number;
  readonly seed: number;
  readonly widthPx: number;
  readonly heightPx: number;
  /** The lossless PNG. @throws Fault where the stored file is missing or damaged. */
  png(): Promise<Uint8Array>;
}

/** What a picture looks like while it is painted: made from its latents, and encoded when it is asked for. */
export interface ProgressPreview {
  /** After which network call; the same number is the same picture. */
  readonly call: number;
  readonly widthPx: number;
  readonly heightPx: number;
  png(): Promise<Uint8Array>;
}

/** States that a job does not leave by itself, but for a moderator's or its owner's word. */
export type EndState = Exclude<JobState, 'queued' | 'running' | 'checking'>;

/**
 * What a job's message has to say now, whatever it said before.
 * @property sentence for the person: why there is no picture; null where `state` says it all.
 */
export interface Content {
  readonly jobId: string;
  readonly state: EndState;
  readonly prompt: string;
  /** Those that may be shown; empty unless `state` is `done`. */
  readonly pictures: readonly DeliveredPicture[];
  /** There are pictures, but whoever asked for them has not shared them. */
  readonly isUnshared: boolean;
  readonly code: string | null;
  readonly sentence: string | null;
  /** What the sentence is filled with in other languages. */
  readonly details?: RefusalDetails | undefined;
}

/** Why a chat can never get a result, where it has a name: catalogues say it in the person's language. */
export const undeliverableCodes = [
  'blocked',
  'account-gone',
  'not-started',
  'bot-removed',
  'chat-gone',
  'message-gone',
  'message-fixed',
  'topic-closed',
  'no-pictures',
  'no-writing',
  'no-view',
  'no-private',
  'out-of-reach',
] as const;
export type UndeliverableCode = (typeof undeliverableCodes)[number];

/**
 * `sent`: the platform has it; the receipt says where. `never`: trying again cannot help (the channel is gone, the bot is
 * blocked); `reason` is a sentence in English. `later`: not now; `retryAfterMs` where the platform said when.
 */
export type DeliverResult =
  | { readonly kind: 'sent'; readonly receipt: JsonObject }
  | { readonly kind: 'never'; readonly reason: string; readonly code?: UndeliverableCode | undefined }
  | { readonly kind: 'later'; readonly reason: string; readonly retryAfterMs?: number | undefined };

/** How a waiting or running job is doing. */
export type JobProgress =
  | { readonly state: 'queued'; readonly position: number; readonly waitMs: number }
  | {
      readonly state: 'running';
      readonly phase: string;
      /** Network calls. */
      readonly done: number;
      readonly total: number;
      readonly remainingMs: number | undefined;
      /** Only where whoever sees the placeholder may see it. */
      readonly preview?: ProgressPreview | undefined;
    }
  | { readonly state: 'checking' };

/**
 * Whether an adapter hears its platform. `down` mends itself; `lost` lasts until a restart, and `sentence` tells the
 * operator why.
 */
export type Connection = { readonly kind: 'up' | 'down' } | { readonly kind: 'lost'; readonly sentence: string };

/** One platform. Every implementation passes test/contracts/adapter.ts. */
export interface Adapter {
  /** As in the `platform` of jobs: `discord`, `telegram`. */
  readonly platform: string;
  readonly connection: Connection;
  /**
   * Edits the message that the address names until it says what `content` says. It may be called again with the same
   * content after a crash or a timeout, also when an earlier call got through: then the message stays as it is. It never
   * posts a second message.
   * @throws RemoteError or Fault for what it cannot name; that counts as `later`. The signal's reason when it is aborted.
   */
  deliver(address: Address, content: Content, options: { readonly signal: AbortSignal }): Promise<DeliverResult>;
  /** What the platform counts edits of progress by, where that is less than the address's chat. */
  progressLane?(address: Address): string;
  /** Shows progress in the placeholder, best effort: it may fail, and nobody tries again. */
  showProgress(address: Address, progress: JobProgress, options: { readonly signal: AbortSignal }): Promise<void>;
  /**
   * Takes the message away, or all that it shows where the platform does not let it go any more; one that is gone already
   * counts as sent. @throws as `deliver`.
   */
  remove(address: Address, options: { readonly signal: AbortSignal }): Promise<DeliverResult>;
  /** Ends its connections; calls under way end. */
  close(): Promise<void>;
}

/** A job's address as adapters read it; undefined where it names no chat. */
export function addressOf(address: JsonObject): Address | undefined {
  const { chat } = address;
  return typeof chat === 'string' ? { ...address, chat } : undefined;
}

/**
 * The chat that an address belongs to: deliveries to one chat go out one after the other.
 * @param address as it stands in a job; one without a chat has a lane of its own.
 */
export function laneOf(platform: string, address: JsonObject): string {
  return `${platform}:${addressOf(address)?.chat ?? JSON.stringify(address)}`;
}
