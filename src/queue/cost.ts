import { Fault, shown } from '../errors.ts';

/** What a picture is charged by until its engine time is measured. */
export type CostBasis = Readonly<{
  /** UNet evaluations of one picture, guidance's second one and repeated steps included. */
  evaluations: number;
  /** Pixels. */
  width: number;
  /** Pixels. */
  height: number;
}>;

const megapixel = 1_000_000;
/** The weight of the newest picture in a model's factor: about ten pictures make a changed device the new normal. */
const newestShare = 0.2;

/**
 * Estimated engine milliseconds of one picture: evaluations times megapixels times the model's factor.
 *
 * @param factorMs Engine milliseconds of one evaluation of one megapixel on this device, over 0 (see `learnedFactorMs`).
 */
export function estimatedCostMs(basis: CostBasis, factorMs: number): number {
  return work(basis) * positive('factorMs', factorMs);
}

/**
 * A model's factor after a picture was measured: a moving mean, so that estimates follow the device.
 *
 * @param factorMs The factor so far, or undefined for a model that was never measured here.
 */
export function learnedFactorMs(factorMs: number | undefined, basis: CostBasis, measuredMs: number): number {
  const newest = positive('measuredMs', measuredMs) / work(basis);
  return factorMs === undefined ? newest : factorMs + newestShare * (newest - factorMs);
}

function work({ evaluations, width, height }: CostBasis): number {
  return (positive('evaluations', evaluations) * positive('width', width) * positive('height', height)) / megapixel;
}

function positive(name: string, value: number): number {
  if (!(value > 0 && value < Infinity)) {
    throw new Fault(`Expected a number over 0 for \`${name}\`, got ${shown(value)}.`);
  }
  return value;
}
