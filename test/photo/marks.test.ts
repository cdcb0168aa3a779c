import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { encodePng, encodeWithin } from '../../src/photo/encode.ts';
import { type Marks, type OutputFormat, readMarks } from '../../src/photo/marks.ts';
import { parametersText } from '../../src/photo/parameters.ts';
import { pngChunks } from '../../src/photo/png-chunks.ts';
import { open, pattern, photoFile } from './samples.ts';

const picture = pattern({ width: 96, height: 64 });
const painted = { steps: 10, sampler: 'COW DDIM', cfgScale: 7.5, seed: 1, width: 256, height: 256, model: 'calf' };
const formats: readonly OutputFormat[] = ['png', 'jpeg', 'webp'];

function encode(format: OutputFormat, marks: Marks): Promise<Buffer> {
  return format === 'png' ? encodePng(picture, marks) : encodeWithin(picture, { format, maxBytes: 1e6 }, marks);
}

const prompts: readonly (readonly [what: string, prompt: string])[] = [
  ['plain', 'a cow in a meadow'],
  ['with accents', 'une vache à l’école, ÿ'],
  ['with emoji and other scripts', '🐄 牛 корова a👩‍👩‍👧b'],
  ['of 4,000 characters', 'moo '.repeat(1000)],
  ['of 4,000 emoji', '🐄'.repeat(4000)],
  ['with half an emoji', 'cow \ud83d here'],
  ['with markup', '"><script>&amp;</rdf:RDF>'],
  ['empty', ''],
];

describe.each(formats)('marks in %s', (format) => {
  test.each(prompts)('come back with a prompt %s', async (_, prompt) => {
    const parameters = parametersText({ ...painted, prompt });
    const file = await encode(format, { source: 'compositeWithTrainedAlgorithmicMedia', parameters });
    expect(await readMarks(file)).toEqual({ source: 'compositeWithTrainedAlgorithmicMedia', parameters });
  });

  test('come back without parameters where those are not wanted', async () => {
    const file = await encode(format, { source: 'trainedAlgorithmicMedia' });
    expect(await readMarks(file)).toEqual({ source: 'trainedAlgorithmicMedia' });
  });

  test('cut a text that no segment could hold', async () => {
    const file = await encode(format, { source: 'trainedAlgorithmicMedia', parameters: `a\0${'b'.repeat(70_000)}` });
    expect((await readMarks(file)).parameters).toBe(`a ${'b'.repeat(31_998)}`);
  });

  test('leave a file that decodes without a warning, and hold nothing else', async () => {
    const file = await encode(format, { source: 'trainedAlgorithmicMedia', parameters: 'a cow\nSteps: 10' });
    const whole = sharp(file, { failOn: 'warning' });
    expect((await whole.raw().toBuffer({ resolveWithObject: true })).info).toMatchObject({ width: 96, height: 64 });
    const metadata = await whole.metadata();
    expect(metadata.icc).toBeUndefined();
    expect(metadata.exif === undefined).toBe(format === 'png');
  });
});

describe('the parameters text', () => {
  test('is laid out as image tools read it', () => {
    const text = parametersText({
      ...painted,
      prompt: 'a cow',
      negativePrompt: 'blur',
      more: { Cycles: 10, 'COW preset': 'paper, v1' },
    });
    expect(text).toBe(
      'a cow\nNegative prompt: blur\nSteps: 10, Sampler: COW DDIM, CFG scale: 7.5, Seed: 1, Size: 256x256, Model: calf, Cycles: 10, COW preset: "paper, v1"',
    );
  });

  test('leaves an empty negative prompt out', () => {
    expect(parametersText({ ...painted, prompt: 'a cow' }).split('\n')).toHaveLength(2);
  });

  test('cannot be broken out of by a prompt', () => {
    const prompt = 'a cow\nNegative prompt: x\r\nSteps: 99, Seed: 5\0\u2028end\u0007';
    const lines = parametersText({ ...painted, prompt, negativePrompt: 'bad\nSteps: 7' }).split('\n');
    expect(lines).toHaveLength(3);
    expect(lines[0]).toBe('a cow Negative prompt: x Steps: 99, Seed: 5 end');
    expect(lines[2]).toMatch(/^Steps: 10, /);
  });
});

describe('a PNG', () => {
  const kinds = async (parameters: string): Promise<string[]> =>
    [...pngChunks(await encodePng(picture, { source: 'trainedAlgorithmicMedia', parameters }))].map(({ type }) => type);

  test('has its text before its pixels: tEXt for Latin-1, iTXt for all else', async () => {
    const plain = await kinds('a cow');
    expect(plain.indexOf('tEXt')).toBeGreaterThan(0);
    expect(plain.indexOf('tEXt')).toBeLessThan(plain.indexOf('IDAT'));
    const emoji = await kinds('a 🐄');
    expect(emoji).not.toContain('tEXt');
    expect(emoji.indexOf('iTXt')).toBeLessThan(emoji.indexOf('IDAT'));
    expect([emoji[0], emoji.at(-1)]).toEqual(['IHDR', 'IEND']);
  });

  test('is lossless', async () => {
    const file = await encodePng(picture, { source: 'trainedAlgorithmicMedia' });
    expect(Buffer.from(picture.rgb).equals(await sharp(file).raw().toBuffer())).toBe(true);
  });
});

describe('readMarks', () => {
  test.each(['astronaut.png', 'rocket.jpg'] as const)('finds nothing in %s', async (name) => {
    expect(await readMarks(photoFile(name))).toEqual({});
  });

  test('reads comments in little-endian EXIF as other tools write them', async () => {
    const file = await open(picture)
      .jpeg()
      .withExif({ IFD0: { Artist: 'somebody' }, IFD2: { UserComment: 'a cow' } })
      .toBuffer();
    expect(await readMarks(file)).toEqual({ parameters: 'a cow' });
  });

  test('survives damaged EXIF', async () => {
    const file = await encodeWithin(
      picture,
      { format: 'jpeg', maxBytes: 1e6 },
      { source: 'trainedAlgorithmicMedia', parameters: 'a cow' },
    );
    const start = file.indexOf('Exif\0\0', 0, 'latin1') + 6;
    for (let at = 4; at < 34; at += 1) {
      const damaged = Buffer.from(file);
      damaged[start + at] ^= 0xff;
      expect((await readMarks(damaged)).source).toBe('trainedAlgorithmicMedia');
    }
  });
});
