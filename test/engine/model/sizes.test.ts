import { describe, expect, it } from 'vitest';

import { checkCanvasSize, checkSquare } from '../../../src/engine/model/sizes.ts';
import { refusalOf } from '../refusals.ts';

const grid = { sizeMultiple: 64, factor: 8 };
const canvas = { width: 512, height: 512 };

describe('canvas', () => {
  it.each([
    [64, 64],
    [2048, 64],
    [768, 512],
  ])('%dx%d fits', (width, height) => {
    expect(() => checkCanvasSize(width, height, grid)).not.toThrow();
  });

  it.each([
    [95, 512, '64x512'],
    [500, 500, '512x512'],
    [0, 512, '64x512'],
    [-64, 512, '64x512'],
    [4096, 2100, '2048x2048'],
    [512.5, 512, '512x512'],
    [Number.NaN, 512, '64x512'],
    [512, Number.POSITIVE_INFINITY, '512x64'],
  ])('%dx%d is refused, the nearest that works is %s', (width, height, nearest) => {
    const refusal = refusalOf(() => checkCanvasSize(width, height, grid));
    expect(refusal.code).toBe('size.canvas');
    expect(refusal.message).toContain('multiples of 64 from 64 to 2048');
    expect(refusal.message).toMatch(new RegExp(`; the nearest that works is ${nearest}\\.$`));
    const { nearestWidth, nearestHeight } = refusal.details;
    expect(() => checkCanvasSize(Number(nearestWidth), Number(nearestHeight), grid)).not.toThrow();
  });
});

describe('seed square', () => {
  it.each([
    [{ x: 0, y: 0, width: 64, height: 64 }],
    [{ x: 8, y: 440, width: 128, height: 64 }],
    [{ x: 0, y: 0, width: 512, height: 512 }],
  ])('%j lies well', (square) => {
    expect(() => checkSquare(square, canvas, grid)).not.toThrow();
  });

  it.each([
    [{ x: 0, y: 0, width: 96, height: 128 }, 'size.seed', 'the nearest that works is 128x128.'],
    [{ x: 0, y: 0, width: 0, height: 0 }, 'size.seed', 'the nearest that works is 64x64.'],
    [{ x: 4, y: 8, width: 64, height: 64 }, 'place.grid', 'multiples of 8 pixels, got 4,8; the nearest is 8,8.'],
    [{ x: 0.5, y: 0, width: 64, height: 64 }, 'place.grid', 'the nearest is 0,0.'],
    [{ x: -8, y: 0, width: 64, height: 64 }, 'place.outside', 'inside the canvas of 512x512, got 64x64 at -8,0.'],
    [{ x: 456, y: 0, width: 64, height: 64 }, 'place.outside', 'at 456,0.'],
    [{ x: 0, y: 0, width: 576, height: 576 }, 'place.outside', 'got 576x576 at 0,0.'],
  ])('%j is refused: %s', (square, code, words) => {
    const refusal = refusalOf(() => checkSquare(square, canvas, grid));
    expect(refusal.code).toBe(code);
    expect(refusal.message).toContain(words);
  });
});
