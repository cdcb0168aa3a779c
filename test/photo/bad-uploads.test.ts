import sharp from 'sharp';
import { beforeAll, describe, expect, test } from 'vitest';
import { Refusal } from '../../src/errors.ts';
import { readPhoto } from '../../src/photo/intake.ts';
import { readMask } from '../../src/photo/mask.ts';
import { flat, open, pattern, photoFile, pngBomb, pngHeader, pngOf, withJpegSize } from './samples.ts';

const size = { width: 96, height: 64 };
const files = { png: Buffer.alloc(0), jpeg: Buffer.alloc(0), progressive: Buffer.alloc(0), webp: Buffer.alloc(0) };
const lossless = { webp: Buffer.alloc(0) };

beforeAll(async () => {
  const picture = open(pattern(size));
  files.png = await picture.clone().png().toBuffer();
  files.jpeg = await picture.clone().jpeg().toBuffer();
  files.progressive = await picture.clone().jpeg({ progressive: true }).toBuffer();
  files.webp = await picture.clone().webp().toBuffer();
  lossless.webp = await picture.clone().webp({ lossless: true }).toBuffer();
});

const latin1 = (text: string): Buffer => Buffer.from(text, 'latin1');
const cut = (file: Buffer, share: number): Buffer => file.subarray(0, Math.floor(file.length * share));
const filled = (file: Buffer, from: number, to: number): Buffer => Buffer.from(file).fill(0x55, from, to);
const atom = (brand: string): Buffer => latin1(`\0\0\0\x18ftyp${brand}\0\0\0\0${brand}`);
const blank = (width: number, height: number): Promise<Buffer> =>
  open(flat({ width, height }, [9, 9, 9]))
    .png()
    .toBuffer();

type Bad = [what: string, code: string, file: () => Uint8Array | Promise<Uint8Array>];

const otherKinds: Bad[] = [
  ['an empty file', 'empty', () => new Uint8Array(0)],
  ['a text', 'text', () => latin1('hello, paint me a cow\n')],
  ['a text in UTF-16', 'text', () => Buffer.from('\ufeffhello', 'utf16le')],
  ['a text with an umlaut cut in half at the end of its head', 'text', () => Buffer.from(`${'a'.repeat(1023)}ü`)],
  ['a JSON error of some server', 'text', () => latin1('{"error":"not found"}')],
  ['a web page', 'web-page', () => latin1('<!DOCTYPE html><html><body>photo</body></html>')],
  ['an SVG drawing', 'svg', () => latin1('<svg xmlns="http://www.w3.org/2000/svg" width="99" height="99"/>')],
  ['an SVG drawing with an XML head', 'svg', () => latin1('<?xml version="1.0"?>\n<svg width="9" height="9"></svg>')],
  ['a GIF', 'gif', () => open(pattern(size)).gif().toBuffer()],
  ['a TIFF', 'tiff', () => open(pattern(size)).tiff().toBuffer()],
  ['a big-endian TIFF or raw file', 'tiff', () => latin1('MM\0*\0\0\0\x08')],
  ['a BMP', 'bmp', () => latin1('BM\x46\0\0\0\0\0\0\0\x36\0\0\0')],
  ['an icon', 'icon', () => latin1('\0\0\x01\0\x01\0\x10\x10')],
  ['a HEIC photo', 'heic', () => atom('heic')],
  ['a HEIC photo of another brand', 'heic', () => atom('mif1')],
  [
    'an AVIF',
    'avif',
    () =>
      open(flat(size, [1, 2, 3]))
        .avif({ effort: 0 })
        .toBuffer(),
  ],
  ['an MP4', 'video', () => atom('isom')],
  ['a QuickTime video', 'video', () => atom('qt  ')],
  ['a WebM', 'video', () => latin1('\x1aE\xdf\xa3\x9fB\x86\x81')],
  ['an AVI', 'video', () => latin1('RIFF\x24\0\0\0AVI LIST')],
  ['a WAV', 'audio', () => latin1('RIFF\x24\0\0\0WAVEfmt ')],
  ['an MP3', 'audio', () => latin1('ID3\x04\0\0\0\0\0')],
  ['a JPEG XL', 'jxl', () => latin1('\xff\x0a\x00\x90')],
  ['a JPEG XL in its container', 'jxl', () => latin1('\0\0\0\x0cJXL \r\n\x87\n')],
  ['a JPEG 2000', 'jpeg-2000', () => latin1('\0\0\0\x0cjP  \r\n\x87\n')],
  ['a Photoshop document', 'photoshop', () => latin1('8BPS\0\x01')],
  ['a PDF', 'pdf', () => latin1('%PDF-1.7\n%âãÏÓ')],
  ['a ZIP or office document', 'archive', () => latin1('PK\x03\x04\x14\0')],
  ['a gzip', 'archive', () => latin1('\x1f\x8b\x08\0')],
  ['a program', 'unknown', () => latin1('\x7fELF\x02\x01\x01\0')],
  ['zeros', 'unknown', () => Buffer.alloc(5000)],
  ['random bytes', 'unknown', () => Buffer.from([3, 200, 7, 99, 0, 255, 13])],
  ['a PNG without its first byte', 'unknown', () => files.png.subarray(1)],
  ['a JPEG behind a line break', 'unknown', () => Buffer.concat([latin1('\n'), files.jpeg])],
];

const damaged: Bad[] = [
  ['a PNG that ends after its signature', 'truncated', () => files.png.subarray(0, 8)],
  ['a PNG that ends in its header', 'truncated', () => files.png.subarray(0, 20)],
  ['a PNG that ends in its data', 'truncated', () => cut(files.png, 0.6)],
  ['a PNG without its last chunk', 'truncated', () => files.png.subarray(0, -12)],
  ['a JPEG of three bytes', 'truncated', () => files.jpeg.subarray(0, 3)],
  ['a JPEG that ends in its header', 'truncated', () => files.jpeg.subarray(0, 100)],
  ['a JPEG that ends half-way', 'truncated', () => cut(files.jpeg, 0.5)],
  ['a JPEG without its last two bytes', 'truncated', () => files.jpeg.subarray(0, -2)],
  ['a progressive JPEG that ends half-way', 'truncated', () => cut(files.progressive, 0.5)],
  ['a WebP of 12 bytes', 'truncated', () => files.webp.subarray(0, 12)],
  ['a WebP that ends half-way', 'truncated', () => cut(files.webp, 0.5)],
  ['a lossless WebP without its last byte', 'truncated', () => lossless.webp.subarray(0, -1)],
  ['a PNG with a bit turned in its data', 'corrupt', () => filled(files.png, 300, 301)],
  ['a PNG with a wrong checksum in its header', 'corrupt', () => filled(files.png, 29, 33)],
  [
    'a PNG without data',
    'corrupt',
    () =>
      pngOf([
        ['IHDR', pngHeader(64, 64)],
        ['IEND', Buffer.alloc(0)],
      ]),
  ],
  [
    'a PNG with garbage for data',
    'corrupt',
    () =>
      pngOf([
        ['IHDR', pngHeader(64, 64)],
        ['IDAT', Buffer.alloc(99, 7)],
        ['IEND', Buffer.alloc(0)],
      ]),
  ],
  [
    'a PNG with a wrong checksum in its data',
    'corrupt',
    () =>
      pngOf([
        ['IHDR', pngHeader(64, 64)],
        ['IDAT', Buffer.alloc(9), 'broken'],
        ['IEND', Buffer.alloc(0)],
      ]),
  ],
  [
    'a PNG of no width',
    'corrupt',
    () =>
      pngOf([
        ['IHDR', pngHeader(0, 64)],
        ['IDAT', Buffer.alloc(9)],
        ['IEND', Buffer.alloc(0)],
      ]),
  ],
  [
    'a PNG that claims 2,147,483,647 pixels a side',
    'corrupt',
    () =>
      pngOf([
        ['IHDR', pngHeader(0x7fffffff, 0x7fffffff)],
        ['IDAT', Buffer.alloc(9)],
        ['IEND', Buffer.alloc(0)],
      ]),
  ],
  ['a lossless WebP with zeros inside', 'corrupt', () => filled(lossless.webp, 60, lossless.webp.length - 8)],
  ['a WebP of a header only', 'corrupt', () => latin1('RIFF\x04\0\0\0WEBP')],
  ['a JPEG that claims more lines than it has', 'corrupt', () => withJpegSize(files.jpeg, { width: 96, height: 700 })],
  ['a JPEG of no width', 'corrupt', () => withJpegSize(files.jpeg, { width: 0, height: 64 })],
  [
    'a JPEG with text for its header',
    'truncated',
    () => Buffer.concat([latin1('\xff\xd8\xff\xe0'), Buffer.alloc(500, 32)]),
  ],
];

const wrongSize: Bad[] = [
  ['a file of more than 20 MB', 'too-large', () => Buffer.concat([files.jpeg, Buffer.alloc(20e6)])],
  ['a PNG bomb of 16,000 x 16,000', 'too-many-pixels', () => pngBomb()],
  [
    'a JPEG that claims 60,000 x 60,000',
    'too-many-pixels',
    () => withJpegSize(files.jpeg, { width: 60_000, height: 60_000 }),
  ],
  [
    'a PNG that claims 20,000 x 20,000',
    'too-many-pixels',
    () =>
      pngOf([
        ['IHDR', pngHeader(20_000, 20_000)],
        ['IDAT', Buffer.alloc(9)],
        ['IEND', Buffer.alloc(0)],
      ]),
  ],
  ['one pixel', 'too-small', () => blank(1, 1)],
  ['a picture 7 pixels high', 'too-small', () => blank(40, 7)],
  ['a strip', 'too-elongated', () => blank(40, 400)],
];

async function refusalOf(attempt: Promise<unknown>): Promise<Refusal> {
  const error: unknown = await attempt.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof Refusal)) throw new Error('Expected a refusal.', { cause: error });
  return error;
}

/** One sentence or two, that end like one and say what to do. */
const sentence = /^[A-Z].*(send|save|scale|make it smaller|cut out|draw|paint).*\.$/s;

describe('a photo that cannot be used is refused with its own code and a way out', () => {
  test.each([...otherKinds, ...damaged, ...wrongSize])('%s: photo.%s', async (_, code, file) => {
    const refusal = await refusalOf(readPhoto(await file()));
    expect(refusal.code).toBe(`photo.${code}`);
    expect(refusal.message).toMatch(sentence);
    expect(refusal.message).not.toMatch(/undefined|NaN|vips|Error/);
  });

  test('a photo smaller than 32 pixels a side', async () => {
    expect((await refusalOf(readPhoto(await blank(200, 31)))).code).toBe('photo.too-small');
    expect((await readPhoto(await blank(200, 32))).height).toBe(32);
  });

  test('limits can be changed one by one', async () => {
    const limited = (limits: Parameters<typeof readPhoto>[1]): Promise<Refusal> =>
      refusalOf(readPhoto(files.png, limits));
    expect((await limited({ maxBytes: 10 })).code).toBe('photo.too-large');
    expect((await limited({ maxPixels: 6143 })).code).toBe('photo.too-many-pixels');
    expect((await limited({ minSidePx: 65 })).code).toBe('photo.too-small');
    expect((await limited({ maxAspectRatio: 1.4 })).code).toBe('photo.too-elongated');
    await expect(readPhoto(files.png, { maxPixels: 6144, minSidePx: 64, maxAspectRatio: 1.5 })).resolves.toBeDefined();
  });

  test('every sentence is its own', async () => {
    const sentences = new Map<string, string>();
    for (const [, code, file] of [...otherKinds, ...damaged]) {
      sentences.set(code, (await refusalOf(readPhoto(await file()))).message);
    }
    expect(new Set(sentences.values()).size).toBe(sentences.size);
  });

  test('the decoders of other formats are gone from the process', async () => {
    await expect(sharp(Buffer.from('<svg width="40" height="40"/>')).png().toBuffer()).rejects.toThrow(/unsupported/);
  });
});

describe('a mask that cannot be used', () => {
  const photo = { width: 96, height: 64 };
  const black = (width: number, height: number): Promise<Buffer> =>
    open(flat({ width, height }, [0, 0, 0]))
      .png()
      .toBuffer();

  test.each([...otherKinds.slice(0, 12), ...damaged, ...wrongSize])('%s: mask.%s', async (_, code, file) => {
    const refusal = await refusalOf(readMask(await file(), photo));
    expect(refusal.code).toBe(`mask.${code}`);
    expect(refusal.message).toMatch(sentence);
  });

  test.each<Bad>([
    ['of another shape', 'other-shape', () => black(64, 96)],
    ['square for a photo that is not', 'other-shape', () => black(64, 64)],
    ['a little too wide', 'other-shape', () => black(99, 64)],
    [
      'all white',
      'keeps-nothing',
      () =>
        open(flat(photo, [255, 255, 255]))
          .png()
          .toBuffer(),
    ],
    [
      'all just above 50 % grey',
      'keeps-nothing',
      () =>
        open(flat(photo, [128, 128, 128]))
          .png()
          .toBuffer(),
    ],
    [
      'all transparent black',
      'keeps-nothing',
      () =>
        sharp({ create: { ...photo, channels: 4, background: { r: 0, g: 0, b: 0, alpha: 0 } } })
          .png()
          .toBuffer(),
    ],
    ['a photo instead of a mask', 'other-shape', () => photoFile('astronaut.png')],
  ])('%s: mask.%s', async (_, code, file) => {
    const refusal = await refusalOf(readMask(await file(), photo));
    expect(refusal.code).toBe(`mask.${code}`);
    expect(refusal.message).toMatch(sentence);
  });
});
