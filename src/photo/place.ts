/** Where somebody wants the kept part on the canvas, in words or numbers. */
import { Refusal, shown } from '../errors.ts';

const rows = ['top', 'middle', 'bottom'] as const;
const columns = ['left', 'middle', 'right'] as const;

/**
 * `scale` multiplies the usual side of the seed square. `at` counts pixels of the canvas from its top left corner;
 * `size` is the square's side.
 */
export type Place =
  | { kind: 'named'; row: (typeof rows)[number]; column: (typeof columns)[number]; scale: number }
  | { kind: 'at'; x: number; y: number; size?: number; scale: number };

const [minPercent, maxPercent] = [25, 400];

/**
 * Reads `centre`, `top`, `bottom-left`, … or `x,y` or `x,y,size` (pixels of the canvas), each with an optional scale:
 * `top 75%`. A name of one word is in the middle of the other direction.
 *
 * @throws Refusal `place.unknown`, `place.scale`
 */
export function parsePlace(text: string): Place {
  const [, where, percent] = /^\s*(.*?)(?:\s+(\d+(?:\.\d+)?)\s*%)?\s*$/su.exec(text.toLowerCase()) ?? [];
  const scale = parseScale(percent);
  const numbers = /^(\d{1,5})\s*,\s*(\d{1,5})(?:\s*,\s*(\d{1,5}))?$/.exec(where);
  if (numbers === null) return { kind: 'named', ...parseName(where, text), scale };
  const [x, y] = [Number(numbers[1]), Number(numbers[2])];
  return numbers[3] === undefined ? { kind: 'at', x, y, scale } : { kind: 'at', x, y, size: Number(numbers[3]), scale };
}

function parseScale(percent: string | undefined): number {
  if (percent === undefined) return 1;
  const value = Number(percent);
  if (value < minPercent || value > maxPercent) {
    throw new Refusal(
      'place.scale',
      `The scale of a place goes from ${minPercent}% to ${maxPercent}%, for example "top 75%".`,
      { minPercent, maxPercent },
    );
  }
  return value / 100;
}

function parseName(where: string, text: string): Pick<Extract<Place, { kind: 'named' }>, 'row' | 'column'> {
  const words = where.split(/[\s-]+/).map((word) => (/^cent(?:re|er)$/.test(word) ? 'middle' : word));
  const row = rows.find((name) => name !== 'middle' && words.includes(name)) ?? 'middle';
  const column = columns.find((name) => name !== 'middle' && words.includes(name)) ?? 'middle';
  const known = new Set<string>([row, column, 'middle']);
  if (words.length > 2 || new Set(words).size < words.length || !words.every((word) => known.has(word))) {
    throw new Refusal(
      'place.unknown',
      `${shown(text)} is no place: use centre, top, bottom, left, right, top-left, top-right, bottom-left or bottom-right, or numbers such as 128,0 or 128,0,256 (x, y and size in pixels).`,
      { place: text.slice(0, 60) },
    );
  }
  return { row, column };
}
