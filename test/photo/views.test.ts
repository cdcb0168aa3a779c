import { describe, expect, test } from 'vitest';
import type { Picture } from '../../src/photo/picture.ts';
import { beforeAfter, contactSheet } from '../../src/photo/views.ts';
import { flat } from './samples.ts';

const colours = [
  [250, 0, 0],
  [0, 250, 0],
  [0, 0, 250],
  [250, 250, 0],
] as const;
const cells = colours.map((colour) => flat({ width: 40, height: 30 }, colour));

function at({ width, rgb }: Picture, x: number, y: number): number[] {
  return Array.from(rgb.subarray((y * width + x) * 3, (y * width + x) * 3 + 3));
}

describe('contactSheet', () => {
  test('puts two side by side', async () => {
    const sheet = await contactSheet(cells.slice(0, 2));
    expect([sheet.width, sheet.height, sheet.rgb.length]).toEqual([8 + 40 + 8 + 40 + 8, 8 + 30 + 8, 104 * 46 * 3]);
    expect([at(sheet, 8, 8), at(sheet, 47, 37), at(sheet, 56, 8)]).toEqual([colours[0], colours[0], colours[1]]);
    expect(at(sheet, 50, 20)).toEqual([32, 32, 32]);
  });

  test.each([3, 4])('puts %i in two rows, in reading order', async (count) => {
    const sheet = await contactSheet(cells.slice(0, count));
    expect([sheet.width, sheet.height]).toEqual([104, 84]);
    expect([at(sheet, 20, 20), at(sheet, 70, 20), at(sheet, 20, 60)]).toEqual(colours.slice(0, 3));
    expect(at(sheet, 70, 60)).toEqual(count === 4 ? colours[3] : [32, 32, 32]);
  });

  test('fits a picture of another size into its cell', async () => {
    const sheet = await contactSheet([cells[0], flat({ width: 80, height: 20 }, colours[1])]);
    expect([sheet.width, sheet.height]).toEqual([104, 46]);
    expect([at(sheet, 76, 22), at(sheet, 76, 10)]).toEqual([colours[1], [32, 32, 32]]);
  });

  test.each([0, 1, 5])('takes no %i', async (count) => {
    await expect(contactSheet(Array.from({ length: count }, () => cells[0]))).rejects.toThrow(/Expected 2 to 4/);
  });
});

test('beforeAfter shows the photo at the left, as high as the picture', async () => {
  const strip = await beforeAfter(flat({ width: 80, height: 60 }, colours[2]), cells[0]);
  expect([strip.width, strip.height]).toEqual([104, 46]);
  expect([at(strip, 8, 8), at(strip, 47, 37), at(strip, 56, 8)]).toEqual([colours[2], colours[2], colours[0]]);
});
