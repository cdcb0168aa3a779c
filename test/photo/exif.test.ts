import { expect, test } from 'vitest';
import { commentInExif, exifWithComment } from '../../src/photo/exif.ts';

/** The same block in the other byte order, written by hand: header, IFD0 -> Exif IFD -> UserComment. */
function littleEndian(comment: Buffer): Buffer {
  const entry = (tag: number, type: number, count: number, value: number): Buffer => {
    const bytes = Buffer.alloc(18);
    bytes.writeUInt16LE(1, 0);
    bytes.writeUInt16LE(tag, 2);
    bytes.writeUInt16LE(type, 4);
    bytes.writeUInt32LE(count, 6);
    bytes.writeUInt32LE(value, 10);
    return bytes;
  };
  const header = Buffer.from('II*\0\x08\0\0\0', 'latin1');
  return Buffer.concat([header, entry(0x8769, 4, 1, 26), entry(0x9286, 7, comment.length, 44), comment]);
}

test.each([
  ['UTF-16', 'UNICODE\0', 'utf16le'],
  ['ASCII', 'ASCII\0\0\0', 'latin1'],
] as const)('reads a little-endian comment in %s', (_, mark, encoding) => {
  const comment = Buffer.concat([Buffer.from(mark, 'latin1'), Buffer.from('a cow', encoding)]);
  expect(commentInExif(littleEndian(comment))).toBe('a cow');
  expect(commentInExif(Buffer.concat([Buffer.from('Exif\0\0', 'latin1'), littleEndian(comment)]))).toBe('a cow');
});

test('reads its own', () => expect(commentInExif(exifWithComment('🐄 a cow'))).toBe('🐄 a cow'));

test('finds nothing in other or broken blocks', () => {
  const whole = exifWithComment('a cow');
  expect(commentInExif(littleEndian(Buffer.from('JIS\0\0\0\0\0??', 'latin1')))).toBeUndefined();
  for (let length = 0; length < 40; length += 1) expect(commentInExif(whole.subarray(0, length))).toBeUndefined();
});
