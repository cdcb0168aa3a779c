/** Just enough EXIF (CIPA DC-008) for one entry: the comment of whoever made the picture. */

const headerBytes = 8;
const entryBytes = 12;
const tags = { exifFolder: 0x8769, userComment: 0x9286 };
const types = { long: 4, undefined: 7 };
/** Of the comment's text: what follows is UTF-16 in the file's byte order. */
const unicodeMark = Buffer.from('UNICODE\0', 'latin1');
const asciiMark = Buffer.from('ASCII\0\0\0', 'latin1');

/** A big-endian TIFF block with the folder, its pointer and the comment; without the `Exif` prefix of a JPEG segment. */
export function exifWithComment(comment: string): Buffer {
  const text = Buffer.concat([unicodeMark, Buffer.from(comment, 'utf16le').swap16()]);
  const folderAt = headerBytes + folderLength;
  return Buffer.concat([
    Buffer.from('MM\0*\0\0\0\x08', 'latin1'),
    folder(tags.exifFolder, types.long, 1, folderAt),
    folder(tags.userComment, types.undefined, text.length, folderAt + folderLength),
    text,
  ]);
}

/** A folder of one entry: its count, the entry, and no next folder. */
const folderLength = 2 + entryBytes + 4;

function folder(tag: number, type: number, count: number, value: number): Buffer {
  const bytes = Buffer.alloc(folderLength);
  bytes.writeUInt16BE(1, 0);
  bytes.writeUInt16BE(tag, 2);
  bytes.writeUInt16BE(type, 4);
  bytes.writeUInt32BE(count, 6);
  bytes.writeUInt32BE(value, 10);
  return bytes;
}

/** The comment in a TIFF block of either byte order, with or without the `Exif` prefix; undefined where there is none. */
export function commentInExif(exif: Buffer): string | undefined {
  const block = exif.toString('latin1', 0, 6) === 'Exif\0\0' ? exif.subarray(6) : exif;
  try {
    const read = reader(block);
    const pointer = read.entry(read.long(4), tags.exifFolder);
    const comment = pointer === undefined ? undefined : read.entry(read.long(pointer + 8), tags.userComment);
    if (comment === undefined) return undefined;
    const start = read.long(comment + 8);
    return textOf(block.subarray(start, start + read.long(comment + 4)), read.littleEndian);
  } catch (cause) {
    // A pointer to nowhere: somebody else's block, and damaged.
    if (cause instanceof RangeError) return undefined;
    throw cause;
  }
}

function reader(block: Buffer): {
  littleEndian: boolean;
  long: (at: number) => number;
  entry: (folderAt: number, tag: number) => number | undefined;
} {
  const littleEndian = block.toString('latin1', 0, 2) === 'II';
  const short = (at: number): number => (littleEndian ? block.readUInt16LE(at) : block.readUInt16BE(at));
  const long = (at: number): number => (littleEndian ? block.readUInt32LE(at) : block.readUInt32BE(at));
  const entry = (folderAt: number, tag: number): number | undefined => {
    for (let index = 0; index < short(folderAt); index += 1) {
      const at = folderAt + 2 + index * entryBytes;
      if (short(at) === tag) return at;
    }
    return undefined;
  };
  return { littleEndian, long, entry };
}

function textOf(comment: Buffer, littleEndian: boolean): string | undefined {
  const mark = comment.subarray(0, unicodeMark.length);
  const text = Buffer.from(comment.subarray(unicodeMark.length));
  if (mark.equals(asciiMark)) return text.toString('latin1');
  if (!mark.equals(unicodeMark) || text.length % 2 !== 0) return undefined;
  return (littleEndian ? text : text.swap16()).toString('utf16le');
}
