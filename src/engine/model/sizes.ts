/** Which sizes and places a model can take, in words where it cannot. */
import { Refusal } from '../../errors.ts';
import type { Rectangle } from '../cow/masks.ts';
import type { ModelFolder } from './folder.ts';

/** Larger canvases exceed what SD-class models compose sensibly, and the memory of most GPUs. */
export const maxSide = 2048;

type Grid = Pick<ModelFolder, 'sizeMultiple' | 'factor'>;

/** @throws Refusal `size.canvas` naming the nearest sizes that work. */
export function checkCanvasSize(width: number, height: number, { sizeMultiple }: Grid): void {
  if (fits(width, sizeMultiple) && fits(height, sizeMultiple)) return;
  throw new Refusal(
    'size.canvas',
    `Expected a width and a height in multiples of ${sizeMultiple} from ${sizeMultiple} to ${maxSide} for \`size\` with this model, got ${width}x${height}; the nearest that works is ${nearest(width, sizeMultiple)}x${nearest(height, sizeMultiple)}.`,
    { nearestWidth: nearest(width, sizeMultiple), nearestHeight: nearest(height, sizeMultiple) },
  );
}

/** @throws Refusal `size.seed` or `place.*` where a seed square cannot lie like this on the canvas. */
export function checkSquare(square: Rectangle, canvas: { width: number; height: number }, grid: Grid): void {
  const { x, y, width, height } = square;
  const { sizeMultiple, factor } = grid;
  if (!fits(width, sizeMultiple) || !fits(height, sizeMultiple)) {
    throw new Refusal(
      'size.seed',
      `Expected a seed square with sides in multiples of ${sizeMultiple} for this model, got ${width}x${height}; the nearest that works is ${nearest(width, sizeMultiple)}x${nearest(height, sizeMultiple)}.`,
      { nearestWidth: nearest(width, sizeMultiple), nearestHeight: nearest(height, sizeMultiple) },
    );
  }
  if (!isOnGrid(x, factor) || !isOnGrid(y, factor)) {
    throw new Refusal(
      'place.grid',
      `Expected a place in multiples of ${factor} pixels, got ${x},${y}; the nearest is ${onGrid(x, factor)},${onGrid(y, factor)}.`,
    );
  }
  if (x < 0 || y < 0 || x + width > canvas.width || y + height > canvas.height) {
    throw new Refusal(
      'place.outside',
      `Expected a seed square inside the canvas of ${canvas.width}x${canvas.height}, got ${width}x${height} at ${x},${y}.`,
    );
  }
}

function fits(side: number, multiple: number): boolean {
  return Number.isInteger(side) && side >= multiple && side <= maxSide && side % multiple === 0;
}

function nearest(side: number, multiple: number): number {
  const wished = Number.isFinite(side) ? side : multiple;
  const largest = Math.floor(maxSide / multiple) * multiple;
  return Math.min(largest, Math.max(multiple, Math.round(wished / multiple) * multiple));
}

function isOnGrid(offset: number, factor: number): boolean {
  return Number.isInteger(offset) && offset % factor === 0;
}

function onGrid(offset: number, factor: number): number {
  return Math.round(offset / factor) * factor;
}
