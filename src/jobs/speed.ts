/** How fast the model paints on this machine, as measured; kept over restarts, so that estimates are in real time at once. */
import type { ModelCard } from '../engine/card.ts';
import type { Log } from '../log.ts';
import { estimateCost, type PaintingCost } from '../painting/estimate.ts';
import { estimatedCostMs, learnedFactorMs } from '../queue/cost.ts';
import type { Store } from '../store/store.ts';
import type { Painted } from './paint-picture.ts';

export interface SpeedBook {
  /** Estimated engine milliseconds of one picture. */
  estimateMs(cost: PaintingCost): number;
  /** Learns from a picture. */
  learn(cost: PaintingCost, measuredMs: number): Promise<void>;
}

/** Learns from what was painted; where that fails the next picture does. */
export async function learnFrom(
  { wish, composition, result }: Painted,
  { speed, card, log }: { readonly speed: SpeedBook; readonly card: ModelCard; readonly log: Log },
): Promise<void> {
  try {
    await speed.learn(await estimateCost(wish, card, composition.request.restart?.strength), result.totalMs);
  } catch (error) {
    log.warn({ err: error }, 'The speed of the model was not kept.');
  }
}

/** Of a model that was never measured: calf on two cores. One picture later it is the machine's own. */
const unmeasuredFactorMs = 150;

/** @param model its fingerprint and its device: either changes the speed. */
export async function openSpeedBook(store: Store, model: string): Promise<SpeedBook> {
  const speeds = store.keyv<number>('speed');
  let factorMs = await speeds.get(model);
  return {
    estimateMs: (cost) => estimatedCostMs(cost, factorMs ?? unmeasuredFactorMs),
    async learn(cost, measuredMs) {
      if (measuredMs <= 0) return;
      factorMs = learnedFactorMs(factorMs, cost, measuredMs);
      await speeds.set(model, factorMs);
    },
  };
}
