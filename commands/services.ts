/** What commands call. The wiring fills it in once; nothing in here belongs to a platform. */
import type { ModelCard } from '../src/engine/card.ts';
import type { ProgressNotes } from '../src/jobs/delivery-progress.ts';
import type { Jobs } from '../src/jobs/service.ts';
import type { Log } from '../src/log.ts';
import type { Store } from '../src/store/store.ts';
import type { Outgoing } from './contract/outgoing.ts';
import type { Language, Words } from './languages/languages.ts';

/** A look at what was asked for before anything is queued. */
export interface WishCheck {
  readonly personId: string;
  readonly communityId: string;
  readonly prompt: string;
  readonly photos: readonly Uint8Array[];
}

export interface Services {
  readonly store: Store;
  readonly jobs: Jobs;
  /** Shows a new job's place in its placeholder, and never after its result. */
  readonly progress: Pick<ProgressNotes, 'show'>;
  /** By platform; those that are connected. */
  readonly outgoing: ReadonlyMap<string, Outgoing>;
  readonly card: ModelCard;
  readonly wordsOf: (language: Language) => Words;
  /** `platform:userId` of those who run the bot (COWBOT_OPERATORS). */
  readonly operators: ReadonlySet<string>;
  /** @throws Refusal where it must not be painted. */
  readonly checkWish: (wish: WishCheck, signal: AbortSignal) => Promise<void>;
  /** Where the source is, for `about`. */
  readonly sourceUrl: string;
  /** Now, in Unix ms. */
  readonly clock: () => number;
  /** 0..1 */
  readonly random: () => number;
  readonly log: Log;
  /** Aborted when the bot stops: downloads and checks under way end. */
  readonly signal: AbortSignal;
}
