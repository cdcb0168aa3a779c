/** One picture on one engine: what is shown of it meanwhile, what it costs, and what it tells about the engine. */
import type { ModelCard } from '../../engine/card.ts';
import type { Engine, Progress } from '../../engine/request.ts';
import { Fault, Refusal } from '../../errors.ts';
import type { FaceFinder } from '../../photo/faces.ts';
import type { Job } from '../../store/jobs.ts';
import type { Store } from '../../store/store.ts';
import type { EnginePool, EngineSlot } from '../engine-pool.ts';
import { type Painted, paintPicture } from '../paint-picture.ts';
import { parametersOf } from '../parameters.ts';
import { Stopped } from './live-job.ts';

/** With the latest preview that there is, and after which network call it was made. */
export type PaintingProgress = Progress & { readonly previewCall?: number | undefined };

export interface OnEngineOptions {
  readonly store: Store;
  readonly card: ModelCard;
  readonly faceFinder: FaceFinder;
  /** Now, in Unix ms. */
  readonly clock: () => number;
  readonly onProgress: (job: Job, progress: PaintingProgress) => void;
  /** Whether those who see a job's placeholder may see it being painted; nobody's may where absent. */
  readonly mayPreview?: ((job: Job) => Promise<boolean>) | undefined;
}

/** @property onCost told what its person pays, in engine milliseconds, also where it was not painted to its end. */
export interface EngineTurn {
  readonly slot: EngineSlot;
  readonly pool: EnginePool;
  readonly signal: AbortSignal;
  readonly onCost: (engineMs: number) => void;
}

/** Few enough to cost nothing that can be measured; chats take one every few seconds anyway. */
const callsAPreview = 10;

/**
 * @param number of the picture in its job.
 * @throws as `paintPicture` does; what may pass has set the engine down.
 */
export async function paintOnEngine(
  job: Job,
  number: number,
  turn: EngineTurn,
  { store, card, faceFinder, clock, mayPreview, onProgress }: OnEngineOptions,
): Promise<Painted> {
  const { slot, pool, signal } = turn;
  const previewEveryCalls = (await mayPreview?.(job)) === true ? callsAPreview : undefined;
  let shown: Pick<PaintingProgress, 'preview' | 'previewCall'> = {};
  pool.show(slot, job.id, undefined);
  return paintPicture(parametersOf(job), number, {
    blobs: store.blobs,
    generate: meteredEngine(turn, clock),
    card,
    faceFinder,
    signal,
    previewEveryCalls,
    onProgress: (progress) => {
      const { preview, ...numbers } = progress;
      if (preview !== undefined) shown = { preview, previewCall: progress.done };
      pool.show(slot, job.id, numbers);
      onProgress(job, { ...numbers, ...shown });
    },
  });
}

function meteredEngine({ slot, pool, onCost }: EngineTurn, clock: () => number): Engine['generate'] {
  return async (request, options) => {
    const beganAt = clock();
    try {
      const result = await slot.engine.generate(request, options);
      onCost(result.totalMs);
      return result;
    } catch (error) {
      if (error instanceof Fault && error.mayPass) pool.setDown(slot, error);
      // What was the engine's own fault, or ours, costs nobody anything.
      const isCharged = error instanceof Refusal || (error instanceof Stopped && error.actor !== undefined);
      if (isCharged) onCost(clock() - beganAt);
      throw error;
    }
  };
}
