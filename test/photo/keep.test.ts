import sharp from 'sharp';
import { afterAll, describe, expect, test } from 'vitest';
import { createFaceFinder } from '../../src/photo/faces.ts';
import { type Photo, readPhoto } from '../../src/photo/intake.ts';
import { findKept, type Kept, keptByMask, keepWishes } from '../../src/photo/keep.ts';
import { flat, open, photoFile } from './samples.ts';

const finder = createFaceFinder();
afterAll(() => finder.close());

const astronaut = await readPhoto(photoFile('astronaut.png'));
const cat = await readPhoto(photoFile('chelsea.png'));
const rocket = await readPhoto(photoFile('rocket.jpg'));

function keptAt({ width }: Photo, { keep }: Kept, x: number, y: number): boolean {
  return keep[y * width + x] >= 128;
}

function keptShare({ keep }: Kept): number {
  return keep.reduce((sum, value) => sum + value, 0) / 255 / keep.length;
}

/** Points read off the photo by eye. */
const inHead: readonly (readonly [what: string, x: number, y: number])[] = [
  ['nose', 222, 130],
  ['chin', 222, 178],
  ['fringe', 215, 80],
  ['top of the hair', 235, 52],
  ['hair on the left', 162, 110],
  ['hair on the right', 290, 100],
  ['hair at the right ear', 285, 115],
];
const outsideHead: typeof inHead = [
  ['wall on the left', 120, 80],
  ['wall above', 225, 5],
  ['wall on the right', 320, 100],
  ['collar', 250, 220],
  ['suit', 150, 350],
  ['shuttle', 400, 150],
];

describe('a head', () => {
  test.each(['face', 'faces', 'auto'] as const)('of %s: hair and chin stay, the background does not', async (wish) => {
    const kept = await findKept(astronaut, wish, finder);
    for (const [what, x, y] of inHead) expect([what, keptAt(astronaut, kept, x, y)]).toEqual([what, true]);
    for (const [what, x, y] of outsideHead) expect([what, keptAt(astronaut, kept, x, y)]).toEqual([what, false]);
    expect(kept.kind).toBe(wish === 'auto' ? 'face' : wish);
  });

  test('has its own box and a soft edge', async () => {
    const { box, keep } = await findKept(astronaut, 'face', finder);
    expect(box?.left).toBeGreaterThan(135);
    expect(box?.left).toBeLessThan(165);
    expect((box?.left ?? 0) + (box?.width ?? 0)).toBeLessThan(315);
    expect(box?.top).toBeGreaterThan(8);
    expect((box?.top ?? 0) + (box?.height ?? 0)).toBeLessThan(200);
    expect(keep.filter((value) => value > 20 && value < 235).length).toBeGreaterThan(200);
  });

  test("follows the photo's tilt, size and light", async () => {
    const plain = keptShare(await findKept(astronaut, 'face', finder)) * 512 * 512;
    const dark = await readPhoto(await sharp(photoFile('astronaut.png')).linear(0.4).png().toBuffer());
    const large = await readPhoto(await sharp(photoFile('astronaut.png')).resize(1100).png().toBuffer());
    const tilted = await readPhoto(await sharp(photoFile('astronaut.png')).rotate(15).png().toBuffer());
    const area = async (photo: Photo): Promise<number> =>
      keptShare(await findKept(photo, 'face', finder)) * photo.width * photo.height;
    expect((await area(dark)) / plain).toBeCloseTo(1, 0);
    expect((await area(large)) / (plain * (1100 / 512) ** 2)).toBeCloseTo(1, 0);
    expect((await area(tilted)) / plain).toBeCloseTo(1, 0);
  });
});

test('two heads are kept where all faces are, and the larger one where one is', async () => {
  const head = sharp(photoFile('astronaut.png')).extract({ left: 90, top: 0, width: 260, height: 260 });
  const file = await sharp({ create: { width: 640, height: 300, channels: 3, background: '#998877' } })
    .composite([
      { input: await head.clone().resize(200).toBuffer(), left: 20, top: 40 },
      { input: await head.toBuffer(), left: 340, top: 20 },
    ])
    .png()
    .toBuffer();
  const photo = await readPhoto(file);
  const [one, both] = [await findKept(photo, 'face', finder), await findKept(photo, 'faces', finder)];
  const noses = [
    [20 + 132 * (200 / 260), 40 + 130 * (200 / 260)],
    [340 + 132, 20 + 130],
  ].map(([x, y]) => [Math.round(x), Math.round(y)]);
  expect(noses.map(([x, y]) => keptAt(photo, one, x, y))).toEqual([false, true]);
  expect(noses.map(([x, y]) => keptAt(photo, both, x, y))).toEqual([true, true]);
});

describe('where nobody is seen', () => {
  test.each(['face', 'faces'] as const)('%s is refused with the other ways', async (wish) => {
    await expect(findKept(cat, wish, finder)).rejects.toMatchObject({
      code: 'keep.no-face',
      message: expect.stringMatching(/`subject`.*`whole`.*mask/),
    });
  });

  test('auto keeps the subject', async () => {
    expect((await findKept(cat, 'auto', finder)).kind).toBe('subject');
  });
});

describe('a subject', () => {
  test('of the cat: eyes and nose, not the blanket', async () => {
    const kept = await findKept(cat, 'subject', finder);
    for (const [x, y] of [
      [172, 112],
      [318, 135],
      [262, 240],
    ])
      expect(keptAt(cat, kept, x, y)).toBe(true);
    for (const [x, y] of [
      [440, 40],
      [430, 280],
      [5, 5],
    ])
      expect(keptAt(cat, kept, x, y)).toBe(false);
    expect(keptShare(kept)).toBeGreaterThan(0.05);
    expect(keptShare(kept)).toBeLessThan(0.7);
  });

  test('of the launch: the rocket, not the corners', async () => {
    const kept = await findKept(rocket, 'subject', finder);
    expect(keptAt(rocket, kept, 321, 250)).toBe(true);
    for (const [x, y] of [
      [10, 10],
      [630, 10],
      [5, 420],
      [635, 420],
    ])
      expect(keptAt(rocket, kept, x, y)).toBe(false);
  });

  test('on a plain ground is cut out at its edge', async () => {
    const disc = { width: 300, height: 200 };
    const rgb = flat(disc, [230, 230, 225]).rgb;
    const inDisc = (x: number, y: number): boolean => (x - 190) ** 2 + (y - 90) ** 2 < 50 ** 2;
    for (let at = 0; at < 300 * 200; at += 1)
      if (inDisc(at % 300, Math.floor(at / 300))) rgb.set([180, 30, 40], at * 3);
    const photo = await readPhoto(
      await open({ ...disc, rgb })
        .png()
        .toBuffer(),
    );
    const kept = await findKept(photo, 'subject', finder);
    let wrong = 0;
    for (let at = 0; at < 300 * 200; at += 1) {
      if (inDisc(at % 300, Math.floor(at / 300)) !== kept.keep[at] >= 128) wrong += 1;
    }
    expect(wrong / (Math.PI * 50 ** 2)).toBeLessThan(0.08);
  });

  test('that is cut out already is taken as it is', async () => {
    const rgba = new Uint8Array(80 * 60 * 4).fill(90);
    for (let at = 0; at < 80 * 60; at += 1) rgba[at * 4 + 3] = at % 80 < 30 ? 255 : 0;
    const photo = await readPhoto(
      await sharp(rgba, { raw: { width: 80, height: 60, channels: 4 } })
        .png()
        .toBuffer(),
    );
    expect((await findKept(photo, 'subject', finder)).box).toEqual({ left: 0, top: 0, width: 30, height: 60 });
  });

  test('is refused in a photo of nothing', async () => {
    const photo = await readPhoto(
      await open(flat({ width: 90, height: 70 }, [50, 90, 140]))
        .png()
        .toBuffer(),
    );
    await expect(findKept(photo, 'subject', finder)).rejects.toMatchObject({
      code: 'keep.no-subject',
      message: expect.stringMatching(/`whole`.*mask/),
    });
  });
});

test('whole keeps every pixel, none keeps none', async () => {
  const [whole, none] = [await findKept(cat, 'whole', finder), await findKept(cat, 'none', finder)];
  expect([keptShare(whole), whole.box]).toEqual([1, { left: 0, top: 0, width: 451, height: 300 }]);
  expect([keptShare(none), none.box]).toEqual([0, undefined]);
});

test("a mask of one's own is taken as it is", () => {
  const keep = new Uint8Array(451 * 300);
  for (let y = 20; y < 50; y += 1) keep.fill(255, y * 451 + 10, y * 451 + 70);
  expect(keptByMask(cat, keep)).toEqual({ kind: 'mask', keep, box: { left: 10, top: 20, width: 60, height: 30 } });
});

test('every wish can be given up', async () => {
  const reason = new Error('no longer wanted');
  const given = { signal: AbortSignal.abort(reason) };
  for (const wish of keepWishes) await expect(findKept(cat, wish, finder, given)).rejects.toBe(reason);
});
