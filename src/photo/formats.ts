/** What kind of file some bytes are, by their first bytes alone; names and media types are never believed. */

/** The formats that are read. */
export type PhotoFormat = 'jpeg' | 'png' | 'webp';

/** Kinds that are recognised only so that the refusal can say what to do instead. */
export type OtherKind =
  | 'empty'
  | 'heic'
  | 'avif'
  | 'gif'
  | 'svg'
  | 'tiff'
  | 'bmp'
  | 'icon'
  | 'jxl'
  | 'jpeg-2000'
  | 'photoshop'
  | 'pdf'
  | 'video'
  | 'audio'
  | 'archive'
  | 'web-page'
  | 'text'
  | 'unknown';

export type FileKind = PhotoFormat | OtherKind;

/** [offset, bytes as Latin-1]; every pair of a signature has to agree. */
type Signature = readonly [kind: FileKind, ...parts: (readonly [offset: number, bytes: string])[]];

const signatures: readonly Signature[] = [
  ['jpeg', [0, '\xff\xd8\xff']],
  ['png', [0, '\x89PNG\r\n\x1a\n']],
  ['webp', [0, 'RIFF'], [8, 'WEBP']],
  ['gif', [0, 'GIF8']],
  ['tiff', [0, 'II*\0']],
  ['tiff', [0, 'MM\0*']],
  ['bmp', [0, 'BM'], [6, '\0\0\0\0']],
  ['icon', [0, '\0\0\x01\0']],
  ['jxl', [0, '\xff\x0a']],
  ['jxl', [4, 'JXL \r\n\x87\n']],
  ['jpeg-2000', [4, 'jP  \r\n\x87\n']],
  ['photoshop', [0, '8BPS']],
  ['pdf', [0, '%PDF-']],
  ['video', [0, 'RIFF'], [8, 'AVI ']],
  ['video', [0, '\x1aE\xdf\xa3']],
  ['video', [0, '\0\0\x01\xba']],
  ['audio', [0, 'RIFF'], [8, 'WAVE']],
  ['audio', [0, 'ID3']],
  ['audio', [0, 'OggS']],
  ['audio', [0, 'fLaC']],
  ['archive', [0, 'PK\x03\x04']],
  ['archive', [0, '\x1f\x8b']],
  ['archive', [0, '7z\xbc\xaf\x27\x1c']],
  ['archive', [0, 'Rar!']],
];

/** Brands of the ISO base media file format (`ftyp` box); other brands are video. */
const brands: Readonly<Record<string, FileKind>> = {
  heic: 'heic',
  heix: 'heic',
  heim: 'heic',
  heis: 'heic',
  hevc: 'heic',
  hevx: 'heic',
  mif1: 'heic',
  msf1: 'heic',
  avif: 'avif',
  avis: 'avif',
  'M4A ': 'audio',
};

/** Enough for every signature and for the start of a text. */
const headBytes = 1024;

export function sniffKind(bytes: Uint8Array): FileKind {
  if (bytes.length === 0) return 'empty';
  const head = Buffer.from(bytes.subarray(0, headBytes)).toString('latin1');
  const found = signatures.find(([, ...parts]) => parts.every(([offset, part]) => head.startsWith(part, offset)));
  if (found !== undefined) return found[0];
  if (head.startsWith('ftyp', 4)) return brands[head.slice(8, 12)] ?? 'video';
  return sniffText(bytes.subarray(0, headBytes));
}

function sniffText(head: Uint8Array): FileKind {
  if ((head[0] === 0xff && head[1] === 0xfe) || (head[0] === 0xfe && head[1] === 0xff)) return 'text';
  if (head.some((byte) => byte < 9 || (byte > 13 && byte < 32))) return 'unknown';
  let text: string;
  try {
    // stream: the head may end in the middle of a character.
    text = new TextDecoder('utf-8', { fatal: true }).decode(head, { stream: true });
  } catch {
    return 'unknown';
  }
  if (/<svg[\s>]/i.test(text)) return 'svg';
  return /<!doctype html|<html[\s>]|<body[\s>]/i.test(text) ? 'web-page' : 'text';
}
