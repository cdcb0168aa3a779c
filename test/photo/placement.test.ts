import { assert as check, constantFrom, integer, option, property, record, double, tuple } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Refusal } from '../../src/errors.ts';
import type { Box, Size } from '../../src/photo/picture.ts';
import { parsePlace, type Place } from '../../src/photo/place.ts';
import { type Canvas, placeSquares, type Placement, type SeedWish } from '../../src/photo/placement.ts';

const large: Canvas = { width: 512, height: 512, seedSizePx: 256, gridPx: 8, sizeGridPx: 64 };
const small: Canvas = { width: 256, height: 256, seedSizePx: 128, gridPx: 8, sizeGridPx: 32 };
const photo = { width: 800, height: 600 };
const box = { left: 300, top: 100, width: 200, height: 250 };

function seed(place?: string, kind: SeedWish['kept']['kind'] = 'face'): SeedWish {
  return { photo, kept: { kind, box }, ...(place === undefined ? {} : { place: parsePlace(place) }) };
}

function squareOf(place: string | undefined, canvas: Canvas): Placement['square'] {
  return placeSquares([seed(place)], canvas)[0].square;
}

describe('placeSquares', () => {
  test('puts one seed where the paper has it', () => {
    expect(squareOf(undefined, large)).toEqual({ x: 128, y: 0, width: 256, height: 256 });
    expect(squareOf(undefined, small)).toEqual({ x: 64, y: 0, width: 128, height: 128 });
  });

  test.each([
    ['centre', 128, 128, 256],
    ['top', 128, 0, 256],
    ['bottom', 128, 256, 256],
    ['left', 0, 128, 256],
    ['right', 256, 128, 256],
    ['top-left', 0, 0, 256],
    ['bottom-right', 256, 256, 256],
    ['top 75%', 160, 0, 192],
    ['bottom-right 50%', 384, 384, 128],
    ['top 400%', 0, 0, 512],
    ['100,30', 104, 32, 256],
    ['100,30,100', 104, 32, 128],
    ['448,448,64', 448, 448, 64],
  ])('%s on a canvas of 512: %i, %i, %i', (place, x, y, side) => {
    expect(squareOf(place, large)).toEqual({ x, y, width: side, height: side });
  });

  test('puts two seeds side by side', () => {
    const squares = placeSquares([seed(), seed()], large).map(({ square }) => square);
    expect(squares.map(({ x, y, width }) => [x, y, width])).toEqual([
      [0, 0, 256],
      [256, 0, 256],
    ]);
    const narrow = placeSquares([seed(), seed()], { ...large, width: 384 }).map(({ square }) => square);
    expect(narrow.map(({ x, width }) => [x, width])).toEqual([
      [0, 192],
      [192, 192],
    ]);
  });

  test('puts a seed without a place beside the one that has one', () => {
    const columns = (wishes: SeedWish[]): number[] => placeSquares(wishes, large).map(({ square }) => square.x);
    expect(columns([seed('right'), seed()])).toEqual([256, 0]);
    expect(columns([seed(), seed('left')])).toEqual([256, 0]);
    expect(columns([seed('left'), seed()])).toEqual([0, 256]);
  });

  test('lets a whole photo cover a canvas of any shape', () => {
    const [{ crop, square }] = placeSquares([seed('left', 'whole')], { ...large, width: 512, height: 320 });
    expect(square).toEqual({ x: 0, y: 0, width: 512, height: 320 });
    expect(crop).toEqual({ left: 0, top: 50, width: 800, height: 500 });
  });

  test('cuts around the kept part, with a margin', () => {
    const [{ crop }] = placeSquares([seed()], large);
    expect(crop.width).toBe(crop.height);
    expect(crop).toEqual({ left: 260, top: 85, width: 280, height: 280 });
  });

  test.each<[string, string, SeedWish[]]>([
    ['a third photo', 'place.too-many', [seed(), seed(), seed()]],
    ['a whole photo and another', 'place.whole-and-more', [seed(), seed(undefined, 'whole')]],
    ['two in one place', 'place.overlap', [seed('left'), seed('left')]],
    ['two that overlap by a little', 'place.overlap', [seed('0,0'), seed('248,248')]],
    ['a place over the edge', 'place.outside', [seed('264,0')]],
    ['a size above the canvas', 'place.size', [seed('0,0,576')]],
    ['a size of nothing', 'place.size', [seed('0,0,20')]],
    ['a photo of which nothing is kept', 'place.nothing-kept', [{ photo, kept: { kind: 'none', box: undefined } }]],
  ])('refuses %s: %s', (_, code, wishes) => {
    expect(() => placeSquares(wishes, large)).toThrow(
      expect.objectContaining({
        code,
        message: expect.stringMatching(/^[A-Z].*(use|place|keep|leave out|choose|send)/i),
      }),
    );
  });

  test('two that touch do not overlap', () => {
    expect(placeSquares([seed('0,0'), seed('256,256')], large)).toHaveLength(2);
  });
});

const canvases = record({
  columns: integer({ min: 2, max: 16 }),
  rows: integer({ min: 2, max: 16 }),
  seedSizePx: integer({ min: 1, max: 16 }).map((count) => count * 64),
}).map(({ columns, rows, seedSizePx }) => ({
  width: columns * 64,
  height: rows * 64,
  seedSizePx,
  gridPx: 8,
  sizeGridPx: 64,
}));

const places = option(
  tuple(
    constantFrom('top', 'middle', 'bottom'),
    constantFrom('left', 'middle', 'right'),
    double({ min: 0.25, max: 4, noNaN: true }),
    integer({ min: 0, max: 1100 }),
    integer({ min: 0, max: 1100 }),
    option(integer({ min: 0, max: 1100 }), { nil: undefined }),
  ).map(([row, column, scale, x, y, size]): Place =>
    x % 2 === 0
      ? { kind: 'named', row: row as 'top', column: column as 'left', scale }
      : { kind: 'at', x, y, scale, ...(size === undefined ? {} : { size }) },
  ),
  { nil: undefined },
);

const photos = record({ width: integer({ min: 32, max: 2048 }), height: integer({ min: 32, max: 2048 }) });

const wishes = tuple(photos, places, ...Array.from({ length: 4 }, () => double({ min: 0, max: 1, noNaN: true }))).map(
  ([size, place, left, top, width, height]): SeedWish => ({
    photo: size,
    kept: { kind: 'subject', box: boxIn(size, left, top, width, height) },
    ...(place === undefined ? {} : { place }),
  }),
);

function boxIn(size: Size, left: number, top: number, width: number, height: number): Box {
  const [fromX, fromY] = [Math.floor(left * (size.width - 1)), Math.floor(top * (size.height - 1))];
  return {
    left: fromX,
    top: fromY,
    width: Math.max(1, Math.floor(width * (size.width - fromX))),
    height: Math.max(1, Math.floor(height * (size.height - fromY))),
  };
}

/** Refusals are answers, too: these are about what is placed where it is not refused. */
function placed(all: SeedWish[], canvas: Canvas): Placement[] {
  try {
    return placeSquares(all, canvas);
  } catch (error) {
    if (error instanceof Refusal) return [];
    throw error;
  }
}

describe('whatever is wished', () => {
  test('every square is on the grid and on the canvas, and no two overlap', () => {
    check(
      property(tuple(wishes, option(wishes, { nil: undefined })), canvases, ([one, other], canvas) => {
        const squares = placed(other === undefined ? [one] : [one, other], canvas).map(({ square }) => square);
        for (const { x, y, width, height } of squares) {
          expect([x % 8, y % 8, width % 64, height % 64]).toEqual([0, 0, 0, 0]);
          expect(Math.min(x, y)).toBeGreaterThanOrEqual(0);
          expect(width).toBeGreaterThanOrEqual(64);
          expect(x + width).toBeLessThanOrEqual(canvas.width);
          expect(y + height).toBeLessThanOrEqual(canvas.height);
        }
        const [first, second] = squares;
        if (second === undefined) return;
        const apartX = first.x + first.width <= second.x || second.x + second.width <= first.x;
        const apartY = first.y + first.height <= second.y || second.y + second.height <= first.y;
        expect(apartX || apartY).toBe(true);
      }),
    );
  });

  test("the kept box lies inside its crop, with room around it, and the crop has the square's shape", () => {
    check(
      property(wishes, canvases, (wish, canvas) => {
        for (const { crop, square } of placed([wish], canvas)) {
          const kept = wish.kept.box ?? { left: 0, top: 0, width: 0, height: 0 };
          expect(crop.left).toBeLessThan(kept.left);
          expect(crop.top).toBeLessThan(kept.top);
          expect(crop.left + crop.width).toBeGreaterThan(kept.left + kept.width);
          expect(crop.top + crop.height).toBeGreaterThan(kept.top + kept.height);
          expect(crop.width / crop.height).toBeCloseTo(square.width / square.height);
        }
      }),
    );
  });

  test('without a place, one or two photos are never refused', () => {
    check(
      property(tuple(wishes, wishes), canvases, ([one, other], canvas) => {
        const plain = [one, other].map(({ photo, kept }) => ({ photo, kept }));
        expect(placeSquares(plain.slice(0, 1), canvas)).toHaveLength(1);
        expect(placeSquares(plain, canvas)).toHaveLength(2);
      }),
    );
  });
});
