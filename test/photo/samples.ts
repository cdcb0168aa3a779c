/** Files and pictures that the photo tests start from. */
import { readFileSync } from 'node:fs';
import { crc32, deflateSync } from 'node:zlib';
import sharp, { type Sharp } from 'sharp';
import type { Picture, Size } from '../../src/photo/picture.ts';

export function photoFile(name: 'astronaut.png' | 'chelsea.png' | 'rocket.jpg'): Buffer {
  return readFileSync(new URL(`../fixtures/photos/${name}`, import.meta.url));
}

/** Every pixel differs from its neighbours and from its mirror images, so that no turn goes unnoticed. */
export function pattern({ width, height }: Size): Picture {
  const rgb = new Uint8Array(width * height * 3);
  for (let at = 0; at < width * height; at += 1) {
    const [x, y] = [at % width, Math.floor(at / width)];
    rgb.set([Math.round((x * 255) / width), Math.round((y * 255) / height), (x * 7 + y * 13) % 256], at * 3);
  }
  return { width, height, rgb };
}

export function flat({ width, height }: Size, colour: readonly [number, number, number]): Picture {
  const rgb = new Uint8Array(width * height * 3);
  for (let at = 0; at < width * height; at += 1) rgb.set(colour, at * 3);
  return { width, height, rgb };
}

export function open({ width, height, rgb }: Picture): Sharp {
  return sharp(rgb, { raw: { width, height, channels: 3 } });
}

/** A PNG from its parts: chunks are [type, data]; the checksum is right unless `broken`. */
export function pngOf(chunks: readonly (readonly [type: string, data: Uint8Array, broken?: 'broken'])[]): Buffer {
  const parts: Uint8Array[] = [Buffer.from('\x89PNG\r\n\x1a\n', 'latin1')];
  for (const [type, data, broken] of chunks) {
    const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
    const frame = Buffer.alloc(8);
    frame.writeUInt32BE(data.length, 0);
    frame.writeUInt32BE(broken === undefined ? crc32(body) : 1, 4);
    parts.push(frame.subarray(0, 4), body, frame.subarray(4));
  }
  return Buffer.concat(parts);
}

/** The header chunk's data; `colourType` 0 is grey. */
export function pngHeader(width: number, height: number, bitDepth = 1, colourType = 0): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header[8] = bitDepth;
  header[9] = colourType;
  return header;
}

/** 16,000 x 16,000 pixels of one bit in about 31 KB. */
export function pngBomb(): Buffer {
  const rows = deflateSync(Buffer.alloc(16_000 * (1 + 2_000)));
  return pngOf([
    ['IHDR', pngHeader(16_000, 16_000)],
    ['IDAT', rows],
    ['IEND', Buffer.alloc(0)],
  ]);
}

/** A JPEG whose header claims another size than it has data for. */
export function withJpegSize(jpeg: Buffer, { width, height }: Size): Buffer {
  const changed = Buffer.from(jpeg);
  const frame = changed.indexOf(Buffer.from([0xff, 0xc0]));
  changed.writeUInt16BE(height, frame + 5);
  changed.writeUInt16BE(width, frame + 7);
  return changed;
}
