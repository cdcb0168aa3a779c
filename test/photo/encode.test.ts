import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { Fault } from '../../src/errors.ts';
import { encodeWithin } from '../../src/photo/encode.ts';
import { readMarks } from '../../src/photo/marks.ts';
import { readPhoto } from '../../src/photo/intake.ts';
import { photoFile } from './samples.ts';

const astronaut = await readPhoto(photoFile('astronaut.png'));
const marks = { source: 'trainedAlgorithmicMedia', parameters: 'a cow' } as const;

describe.each(['jpeg', 'webp'] as const)('encodeWithin %s', (format) => {
  test.each([200_000, 40_000, 12_000, 4_000])('fits into %i bytes, marks included', async (maxBytes) => {
    const file = await encodeWithin(astronaut, { format, maxBytes }, marks);
    expect(file.length).toBeLessThanOrEqual(maxBytes);
    expect((await sharp(file).metadata()).format).toBe(format);
    expect(await readMarks(file)).toEqual(marks);
  });

  test('keeps the size while quality can give, and only then scales', async () => {
    const width = async (maxBytes: number): Promise<number> =>
      (await sharp(await encodeWithin(astronaut, { format, maxBytes }, marks)).metadata()).width;
    expect(await width(60_000)).toBe(512);
    expect(await width(4_000)).toBeLessThan(512);
  });

  test('uses what it may', async () => {
    const [more, less] = [80_000, 30_000].map((maxBytes) => encodeWithin(astronaut, { format, maxBytes }, marks));
    expect((await more).length).toBeGreaterThan((await less).length);
    expect((await less).length).toBeGreaterThan(15_000);
  });

  test('says so where nothing fits', async () => {
    await expect(encodeWithin(astronaut, { format, maxBytes: 300 }, marks)).rejects.toBeInstanceOf(Fault);
  });
});
