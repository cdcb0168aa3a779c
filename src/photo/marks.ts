/**
 * What a picture says about its own making. Two marks: where its pixels come from, for machines (IPTC's digital source
 * type, in XMP), and what it was painted with, for people's image tools (`parameters`).
 */
import sharp from 'sharp';
import { commentInExif, exifWithComment } from './exif.ts';
import { allowPhotoLoadersOnly } from './loaders.ts';
import { withPngText } from './png-chunks.ts';

/** From the IPTC NewsCodes: painted around a photo that is kept, or painted altogether. */
export type DigitalSource = 'compositeWithTrainedAlgorithmicMedia' | 'trainedAlgorithmicMedia';

/** `parameters` shows the prompt, so whether it is there is its owner's choice; see parameters.ts for its layout. */
export type Marks = { source: DigitalSource; parameters?: string };

export type OutputFormat = 'png' | 'jpeg' | 'webp';

const newsCodes = 'http://cv.iptc.org/newscodes/digitalsourcetype/';
const parametersKeyword = 'parameters';
/** In UTF-16 units: a JPEG segment holds 64 KB, and a zero byte would end a PNG's text. */
const maxParametersLength = 32_000;

export function xmpFor({ source }: Marks): string {
  return [
    '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>',
    '<x:xmpmeta xmlns:x="adobe:ns:meta/">',
    '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">',
    '<rdf:Description rdf:about="" xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"',
    ` Iptc4xmpExt:DigitalSourceType="${newsCodes}${source}"/>`,
    '</rdf:RDF></x:xmpmeta>',
    '<?xpacket end="w"?>',
  ].join('');
}

/**
 * An encoded file with the `parameters` text put in, where each format's readers look for it. `file` has XMP already:
 * in WebP, that is what gives it the extended header that the EXIF flag is set in.
 */
export function withParameters(file: Buffer, format: OutputFormat, marks: Marks): Buffer {
  if (marks.parameters === undefined) return file;
  const parameters = marks.parameters.replaceAll('\0', ' ').slice(0, maxParametersLength).toWellFormed();
  switch (format) {
    case 'png':
      return withPngText(file, parametersKeyword, parameters);
    case 'jpeg':
      return withJpegExif(file, exifWithComment(parameters));
    case 'webp':
      return withWebpExif(file, exifWithComment(parameters));
  }
}

/** EXIF is to be the first segment after the start of the image. */
function withJpegExif(jpeg: Buffer, exif: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from('Exif\0\0', 'latin1'), exif]);
  const head = Buffer.from([0xff, 0xe1, 0, 0]);
  head.writeUInt16BE(body.length + 2, 2);
  return Buffer.concat([jpeg.subarray(0, 2), head, body, jpeg.subarray(2)]);
}

/** RIFF header, then the header chunk VP8X, whose flags are its first byte; EXIF comes after the picture's data. */
function withWebpExif(webp: Buffer, exif: Buffer): Buffer {
  const flagsAt = 20;
  if (webp.toString('latin1', 12, 16) !== 'VP8X') throw new TypeError('Expected an extended WebP file for `webp`.');
  const head = Buffer.alloc(8);
  head.write('EXIF', 'latin1');
  head.writeUInt32LE(exif.length, 4);
  const marked = Buffer.concat([webp, head, exif, Buffer.alloc(exif.length % 2)]);
  marked[flagsAt] |= 0x08;
  marked.writeUInt32LE(marked.length - 8, 4);
  return marked;
}

/** Both marks of a PNG, JPEG or WebP file, ours or that of another tool; what is not there is left out. */
export async function readMarks(file: Uint8Array): Promise<Partial<Marks>> {
  allowPhotoLoadersOnly();
  const { xmp, exif, comments } = await sharp(file).metadata();
  const source = xmp === undefined ? undefined : sourceInXmp(xmp.toString('utf8'));
  const inText = comments?.find(({ keyword }) => keyword === parametersKeyword)?.text;
  const parameters = inText ?? (exif === undefined ? undefined : commentInExif(exif));
  return { ...(source === undefined ? {} : { source }), ...(parameters === undefined ? {} : { parameters }) };
}

function sourceInXmp(xmp: string): DigitalSource | undefined {
  const [, name] = /digitalsourcetype\/(\w+)/.exec(xmp) ?? [];
  return name === 'compositeWithTrainedAlgorithmicMedia' || name === 'trainedAlgorithmicMedia' ? name : undefined;
}
