import { describe, expect, it } from 'vitest';

import { overwriteKept, type Latents } from '../../../src/engine/cow/latents.ts';
import { growToCells, latentMask, pasteMask, thresholdKeep } from '../../../src/engine/cow/masks.ts';
import { greyOut, pasteOnGrey, toPixels, toPlanes } from '../../../src/engine/pixels.ts';

describe('masks', () => {
  it('keeps a pixel from half on', () => {
    expect(thresholdKeep(Uint8Array.of(0, 127, 128, 255))).toEqual(Uint8Array.of(0, 0, 1, 1));
  });

  it('keeps a cell whose top left pixel is kept, whatever the rest of its block is', () => {
    const keep = new Uint8Array(8 * 4).fill(1);
    keep[0] = 0;
    const second = new Uint8Array(8 * 4);
    second[4] = 1;
    expect(latentMask(keep, 8, 4, 4)).toEqual(Uint8Array.of(0, 1));
    expect(latentMask(second, 8, 4, 4)).toEqual(Uint8Array.of(0, 1));
  });

  it('counts rows of a mask that is wider than high', () => {
    const keep = new Uint8Array(6 * 4);
    keep[2 * 6 + 4] = 1;
    expect(latentMask(keep, 6, 4, 2)).toEqual(Uint8Array.of(0, 0, 0, 0, 0, 1));
  });

  it('grows a mask to every cell that it touches', () => {
    const keep = new Uint8Array(6 * 4);
    keep[6 + 3] = 1;
    keep[3 * 6 + 5] = 1;
    const grown = growToCells(keep, 6, 4, 2);
    const rows = [0, 1, 2, 3].map((y) => [...grown.subarray(y * 6, y * 6 + 6)].join(''));
    expect(rows).toEqual(['001100', '001100', '000011', '000011']);
    expect(growToCells(grown, 6, 4, 2)).toEqual(grown);
  });

  it('lays masks side by side, and takes nothing back', () => {
    const canvas = new Uint8Array(4 * 2);
    pasteMask(canvas, 4, Uint8Array.of(1, 0, 0, 1), { x: 0, y: 0, width: 2, height: 2 });
    pasteMask(canvas, 4, Uint8Array.of(1, 1), { x: 2, y: 1, width: 2, height: 1 });
    expect(canvas).toEqual(Uint8Array.of(1, 0, 0, 0, 0, 1, 1, 1));
    pasteMask(canvas, 4, new Uint8Array(4), { x: 0, y: 0, width: 2, height: 2 });
    expect(canvas).toEqual(Uint8Array.of(1, 0, 0, 0, 0, 1, 1, 1));
  });
});

describe('overwriting', () => {
  it('replaces the kept cells in every picture and channel, and no other', () => {
    const canvas: Latents = { data: new Float32Array(2 * 2 * 6), pictures: 2, channels: 2, height: 2, width: 3 };
    const seed: Latents = {
      data: Float32Array.from({ length: 2 * 2 * 2 }, (_, i) => i + 1),
      pictures: 2,
      channels: 2,
      height: 1,
      width: 2,
    };
    overwriteKept(canvas, seed, Uint8Array.of(0, 1), { x: 1, y: 1, width: 2, height: 1 });
    const planes = Array.from({ length: 4 }, (_, plane) => [0, 0, 0, 0, 0, 2 * plane + 2]);
    expect([...canvas.data]).toEqual(planes.flat());
  });
});

describe('pixels', () => {
  it('goes to planes and back', () => {
    const rgb = Uint8Array.from({ length: 4 * 2 * 3 }, (_, i) => i * 11);
    const planes = toPlanes(rgb, 4, 2);
    expect(planes[0]).toBe(-1);
    expect(planes[8]).toBeCloseTo((2 / 255) * 11 - 1, 6);
    expect(toPixels(planes, 4, 2)).toEqual(rgb);
  });

  it('clips what the decoder puts beyond black and white', () => {
    expect(toPixels(Float32Array.of(-1.4, 1.2, 0), 1, 1)).toEqual(Uint8Array.of(0, 255, 128));
  });

  it('greys pixel by pixel what is not kept', () => {
    const rgb = Uint8Array.of(1, 2, 3, 4, 5, 6);
    expect(greyOut(rgb, Uint8Array.of(0, 1), 128)).toEqual(Uint8Array.of(128, 128, 128, 4, 5, 6));
  });

  it('pastes squares on grey at their places', () => {
    const red = { x: 1, y: 0, width: 1, height: 2, rgb: Uint8Array.of(255, 0, 0, 200, 0, 0) };
    expect(pasteOnGrey(2, 2, 9, [red])).toEqual(Uint8Array.of(9, 9, 9, 255, 0, 0, 9, 9, 9, 200, 0, 0));
  });
});
