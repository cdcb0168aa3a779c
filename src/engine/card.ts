/** What there is to know about a loaded model without painting: for people, for queues, for placing photos. */
import type { PredictionType } from './cow/schedule.ts';
import type { LoadedModel } from './model/load.ts';
import type { Recommendation } from './model/folder.ts';
import type { ScheduleConfig } from './cow/schedule.ts';

export interface ModelCard {
  readonly name: string;
  readonly fingerprint: string;
  readonly licence: string | undefined;
  readonly prediction: PredictionType;
  /** float32 or float16. */
  readonly precision: string;
  readonly embeddingWidth: number | undefined;
  readonly latentChannels: number;
  /** Pixels a latent cell spans. */
  readonly factor: number;
  /** Pixels that sides must be multiples of. */
  readonly sizeMultiple: number;
  /** Side of a canvas and of a seed square where nobody says otherwise, pixels. */
  readonly canvasSize: number;
  readonly seedSize: number;
  readonly nativeSize: number;
  readonly recommended: Recommendation;
  readonly samplesItself: boolean;
  readonly schedule: ScheduleConfig;
}

export function cardOf({ folder, networks, fingerprint }: LoadedModel): ModelCard {
  const { name, licence, latentChannels, factor, sizeMultiple, nativeSize, recommended } = folder;
  const canvasSize = recommended.size ?? nativeSize;
  return {
    name,
    fingerprint,
    licence,
    prediction: folder.schedule.predictionType,
    precision: networks.precision,
    embeddingWidth: folder.embeddingWidth,
    latentChannels,
    factor,
    sizeMultiple,
    canvasSize,
    // The paper's square is half the canvas.
    seedSize: recommended.seedSize ?? Math.max(sizeMultiple, Math.floor(canvasSize / 2 / sizeMultiple) * sizeMultiple),
    nativeSize,
    recommended,
    samplesItself: networks.samplesItself,
    schedule: folder.schedule,
  };
}
