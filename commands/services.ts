/** What commands call. The wiring fills it in once; nothing in here belongs to a platform. */
import type { ModelCard } from '../src/engine/card.ts';
import type { ProgressNotes } from '../src/jobs/delivery-progress.ts';
import type { Retention } from '../src/jobs/expiry.ts';
import type { Jobs } from '../src/jobs/service.ts';
import type { Weights } from '../src/jobs/weights.ts';
import type { Log } from '../src/log.ts';
import type { Moderation } from '../src/moderation/service.ts';
import type { Forgetting } from '../src/people/forget.ts';
import type { Store } from '../src/store/store.ts';
import type { Outgoing } from './contract/outgoing.ts';
import type { Language, Words } from './languages/languages.ts';
import type { Once } from './once.ts';

export interface Services {
  readonly store: Store;
  /** Takes what people do, each act once. */
  readonly once: Once;
  readonly jobs: Jobs;
  /** Shows a new job's place in its placeholder, and never after its result. */
  readonly progress: Pick<ProgressNotes, 'show'>;
  /** By platform; those that are connected. */
  readonly outgoing: ReadonlyMap<string, Outgoing>;
  readonly card: ModelCard;
  readonly wordsOf: (language: Language) => Words;
  /** `platform:userId` of those who run the bot (COWBOT_OPERATORS). */
  readonly operators: ReadonlySet<string>;
  readonly moderation: Moderation;
  readonly weights: Weights;
  /** Of whoever runs the bot, for those who want a picture of themselves removed: a mail address or a link. */
  readonly contact: string | undefined;
  /** How long things are kept, for those who ask. */
  readonly retention: Pick<Retention, 'photoMs' | 'resultMs' | 'auditMs'>;
  readonly forgetting: Pick<Forgetting, 'forget' | 'removeMessages'>;
  /** Where the source is, for `about`. */
  readonly sourceUrl: string;
  /** Now, in Unix ms. */
  readonly clock: () => number;
  /** 0..1 */
  readonly random: () => number;
  readonly log: Log;
  /** Requests whose photos are on their way, by the id that the buttons of their placeholder carry; each ends when it is stored or refused. */
  readonly arriving: Map<string, Promise<void>>;
  /** Runs what has photos in memory, not too much of it at once. */
  readonly takeIn: <T>(work: () => Promise<T>) => Promise<T>;
  /** Counts refusals by their code. */
  readonly onRefusal?: (code: string) => void;
  /** Aborted when the bot stops: downloads and checks under way end. */
  readonly signal: AbortSignal;
}
