/** The chunks of a PNG file (PNG specification, third edition, section 5): walked, told whole, and added to. */
import { crc32 } from 'node:zlib';

const signatureBytes = 8;
/** Length, type and checksum around a chunk's data. */
const frameBytes = 12;

export type PngChunk = { type: string; at: number; data: Buffer };

/** The chunks in file order, up to the first one that is cut off or IEND; what follows IEND is not looked at. */
export function* pngChunks(bytes: Uint8Array): Generator<PngChunk> {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = signatureBytes;
  while (at + frameBytes <= file.length) {
    const length = file.readUInt32BE(at);
    if (at + frameBytes + length > file.length) return;
    const type = file.toString('latin1', at + 4, at + 8);
    yield { type, at, data: file.subarray(at + 8, at + 8 + length) };
    if (type === 'IEND') return;
    at += frameBytes + length;
  }
}

/** libpng reads a file without its last chunk and says nothing, so the end is looked for here. */
export function isPngWhole(bytes: Uint8Array): boolean {
  for (const { type } of pngChunks(bytes)) if (type === 'IEND') return true;
  return false;
}

/** A copy with `text` under `keyword` before the first IDAT, where tools that read a picture's text look for it. */
export function withPngText(png: Buffer, keyword: string, text: string): Buffer {
  const firstData = [...pngChunks(png)].find(({ type }) => type === 'IDAT');
  if (firstData === undefined) throw new TypeError('Expected a PNG file with an IDAT chunk for `png`.');
  return Buffer.concat([png.subarray(0, firstData.at), textChunk(keyword, text), png.subarray(firstData.at)]);
}

/** tEXt holds Latin-1 only; iTXt (uncompressed, no language, no translated keyword) holds UTF-8. */
function textChunk(keyword: string, text: string): Buffer {
  // eslint-disable-next-line no-control-regex -- the whole Latin-1 range, control characters included
  return /^[\u0000-\u00ff]*$/.test(text)
    ? chunk('tEXt', Buffer.from(`${keyword}\0${text}`, 'latin1'))
    : chunk('iTXt', Buffer.concat([Buffer.from(`${keyword}\0\0\0\0\0`, 'latin1'), Buffer.from(text, 'utf8')]));
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const framed = Buffer.alloc(data.length + frameBytes);
  framed.writeUInt32BE(data.length, 0);
  body.copy(framed, 4);
  framed.writeUInt32BE(crc32(body), 8 + data.length);
  return framed;
}
