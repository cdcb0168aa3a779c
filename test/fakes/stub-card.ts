import type { ModelCard } from '../../src/engine/card.ts';
import type { ScheduleConfig } from '../../src/engine/cow/schedule.ts';

/** As Stable Diffusion 1.5 was trained. */
export const stableDiffusionSchedule: ScheduleConfig = {
  trainTimesteps: 1000,
  betaStart: 0.00085,
  betaEnd: 0.012,
  betaSchedule: 'scaled_linear',
  stepsOffset: 1,
  setAlphaToOne: false,
  predictionType: 'epsilon',
};

/** The card of a model that nobody loads, for stand-ins of the engine that paint small pictures of one colour. */
export const stubCard: ModelCard = {
  name: 'stub',
  fingerprint: 'stub-1',
  licence: undefined,
  prediction: 'epsilon',
  precision: 'float32',
  embeddingWidth: undefined,
  latentChannels: 4,
  factor: 8,
  sizeMultiple: 8,
  canvasSize: 64,
  seedSize: 32,
  nativeSize: 64,
  recommended: {},
  samplesItself: false,
  schedule: stableDiffusionSchedule,
};
