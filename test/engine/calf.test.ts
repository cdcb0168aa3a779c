/** The embedded model on a real photo: what a person would see, in decibels. */
import { fileURLToPath } from 'node:url';

import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { cardOf } from '../../src/engine/card.ts';
import { growToCells, thresholdKeep } from '../../src/engine/cow/masks.ts';
import type { RestartStrength } from '../../src/engine/cow/variations.ts';
import { loadModel, type LoadedModel } from '../../src/engine/model/load.ts';
import { createPainter, type Painter } from '../../src/engine/painter.ts';
import { toPixels, toPlanes } from '../../src/engine/pixels.ts';
import type { EngineRequest, PaintedPicture, SeedSquare } from '../../src/engine/request.ts';
import { psnrDb } from '../../src/photo/compare.ts';
import { calf } from './model-folders.ts';
import { ellipse, paint } from './painting.ts';

const side = 128;
const prompts = ['a boat on the sea', 'a red car in front of a house', 'a castle at night'];

let model: LoadedModel;
let painter: Painter;
/** A face, and where it is kept. */
let face: SeedSquare;
beforeAll(async () => {
  model = await loadModel(calf, { device: 'cpu', threads: 1 });
  painter = createPainter(model, () => performance.now());
  const photo = fileURLToPath(new URL('../fixtures/photos/astronaut.png', import.meta.url));
  const rgb = await sharp(photo)
    .removeAlpha()
    .extract({ left: 148, top: 20, width: 180, height: 180 })
    .resize(side, side)
    .raw()
    .toBuffer();
  face = { x: 64, y: 0, width: side, height: side, rgb: new Uint8Array(rgb), keep: ellipse(side, side, 0.75) };
});
afterAll(async () => model.close());

async function paintOne(request: Partial<EngineRequest>): Promise<PaintedPicture> {
  const { pictures } = await paint(painter, { prompt: prompts[0], seed: 1, seeds: [face], ...request });
  return pictures[0];
}

/** The seed's square of a picture. */
function squareOf({ rgb, width }: PaintedPicture): Uint8Array {
  const square = new Uint8Array(side * side * 3);
  for (let row = 0; row < side; row += 1) {
    const from = ((face.y + row) * width + face.x) * 3;
    square.set(rgb.subarray(from, from + side * 3), row * side * 3);
  }
  return square;
}

/** How near the kept pixels of a square are to the photo's. */
function keptDb(square: Uint8Array, where: Uint8Array): number {
  return psnrDb({ rgb: square, width: side, height: side }, { rgb: face.rgb, width: side, height: side }, { where });
}

async function roundTrip(rgb: Uint8Array): Promise<Uint8Array> {
  const encoded = await model.networks.encodePicture(toPlanes(rgb, side, side), side, side);
  if (encoded.kind !== 'posterior') throw new Error('Expected an encoder that hands out its posterior.');
  return toPixels(await model.networks.decodePicture(encoded.mean, side / 8, side / 8), side, side);
}

describe('balance', () => {
  describe.each(prompts)('%s', (prompt) => {
    it.each([1, 2])('keeps more of the face with every step, seed %d', async (seed) => {
      const kept = thresholdKeep(face.keep);
      const db: number[] = [];
      for (const balance of [1, 2, 3, 4, 5]) {
        db.push(keptDb(squareOf(await paintOne({ prompt, seed, balance })), kept));
      }
      expect(db).toEqual(db.toSorted((a, b) => a - b));
      expect(new Set(db).size).toBe(5);
      expect(db[4]).toBeGreaterThan(keptDb(await roundTrip(face.rgb), kept) - 1.5);
    });
  });

  // The paper's rule gives up every edge cell whose top left pixel is not kept; a mask of whole cells has none.
  it('is within 3.5 dB at 3 where the mask ends with its cells', async () => {
    const kept = growToCells(thresholdKeep(face.keep), side, side, 8);
    const seeds = [{ ...face, keep: kept.map((value) => value * 255) }];
    const possible = keptDb(await roundTrip(face.rgb), kept);
    for (const prompt of prompts) {
      const square = squareOf(await paintOne({ prompt, seeds, balance: 3 }));
      expect(keptDb(square, kept)).toBeGreaterThan(possible - 3.5);
    }
  });
});

/** Root mean square over all pixels, of 255. */
function distance(a: Uint8Array, b: Uint8Array): number {
  return Math.sqrt(a.reduce((sum, value, i) => sum + (value - b[i]) ** 2, 0) / a.length);
}

describe('variations', () => {
  it.each(prompts.slice(1))('go further from subtle over strong to again: %s', async (prompt) => {
    const old = await paintOne({ prompt });
    const restart = async (strength: RestartStrength, seed: number): Promise<number> =>
      distance((await paintOne({ prompt, seed, restart: { strength, latents: old.latents } })).rgb, old.rgb);
    const seeds = [11, 12];
    const mean = async (far: (seed: number) => Promise<number>): Promise<number> => {
      let sum = 0;
      for (const seed of seeds) sum += await far(seed);
      return sum / seeds.length;
    };
    const subtle = await mean(async (seed) => restart('subtle', seed));
    const strong = await mean(async (seed) => restart('strong', seed));
    const again = await mean(async (seed) => distance((await paintOne({ prompt, seed })).rgb, old.rgb));
    expect(subtle).toBeGreaterThan(1);
    expect(strong).toBeGreaterThan(subtle);
    expect(again).toBeGreaterThan(strong);
  });
});

describe('prompts', () => {
  it('make the surroundings, and leave the face', async () => {
    const pictures: PaintedPicture[] = [];
    for (const prompt of prompts) pictures.push(await paintOne({ prompt, balance: 5 }));
    const outside = Uint8Array.from({ length: 256 * 256 }, (_, pixel) => {
      const [x, y] = [(pixel % 256) - face.x, Math.floor(pixel / 256) - face.y];
      return x >= 0 && x < side && y >= 0 && y < side ? 0 : 1;
    });
    const kept = thresholdKeep(face.keep);
    for (const [i, picture] of pictures.entries()) {
      for (const other of pictures.slice(i + 1)) {
        expect(psnrDb(picture, other, { where: outside })).toBeLessThan(20);
        const [a, b] = [picture, other].map((each) => ({ rgb: squareOf(each), width: side, height: side }));
        expect(psnrDb(a, b, { where: kept })).toBeGreaterThan(28);
      }
    }
  });
});

describe('its card', () => {
  it('recommends guidance 1, and one branch is all that is computed', async () => {
    expect(cardOf(model)).toMatchObject({
      name: 'calf',
      canvasSize: 256,
      seedSize: 128,
      sizeMultiple: 32,
      recommended: { guidance: 1 },
    });
    const { cost } = await paint(painter, { prompt: 'a lighthouse', seed: 1, seeds: [face] });
    expect([cost.text?.calls ?? 0, cost.invert?.calls, cost.cycles?.calls, cost.final?.calls]).toEqual([1, 12, 20, 5]);
  });
});
