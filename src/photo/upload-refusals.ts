/** The sentences for an upload that cannot be used; each says what to do instead. */
import { Refusal } from '../errors.ts';
import type { OtherKind } from './formats.ts';

/** What the upload was meant to be: the start of the refusal's code, and the noun of its sentence. */
export type Upload = 'photo' | 'mask';

const send = 'send it as JPEG, PNG or WebP';

const kindSentences: Readonly<Record<OtherKind, (upload: Upload) => string>> = {
  empty: (upload) => `The file is empty: it may not have finished uploading; send the ${upload} once more.`,
  heic: (upload) =>
    `This ${upload} is a HEIC file, which cannot be read here: export it and ${send}, or set the phone's camera to "Most compatible".`,
  avif: (upload) => `This ${upload} is an AVIF file, which cannot be read here: convert it and ${send}.`,
  gif: (upload) => `This is a GIF: take one still picture out of it and send that ${upload} as JPEG, PNG or WebP.`,
  svg: (upload) => `This is an SVG drawing: export the ${upload} as PNG, at least 512 pixels wide, and send that.`,
  tiff: (upload) => `This ${upload} is a TIFF or a camera's raw file: export it and ${send}.`,
  bmp: (upload) => `This ${upload} is a BMP file: save it anew and ${send}.`,
  icon: (upload) => `This is an icon file, too small for a ${upload}: send the picture it was made from as PNG.`,
  jxl: (upload) => `This ${upload} is a JPEG XL file, which cannot be read here: convert it and ${send}.`,
  'jpeg-2000': (upload) => `This ${upload} is a JPEG 2000 file, which cannot be read here: convert it and ${send}.`,
  photoshop: (upload) => `This is a Photoshop document: export the ${upload} as PNG and send that.`,
  pdf: (upload) => `This is a PDF: take the picture out of it, or a screenshot of it, and send that ${upload} as PNG.`,
  video: (upload) => `This is a video: take a screenshot of one moment and send that ${upload} as JPEG or PNG.`,
  audio: (upload) => `This is a sound file: send a ${upload} as JPEG, PNG or WebP.`,
  archive: (upload) =>
    `This is an archive or a document: unpack it and send the ${upload} itself as JPEG, PNG or WebP.`,
  'web-page': (upload) => `This is a web page, not a ${upload}: save the picture shown on it and send that.`,
  text: (upload) => `This is a text, not a ${upload}: send a JPEG, PNG or WebP file.`,
  unknown: (upload) => `This file is not a picture that can be read here: send the ${upload} as JPEG, PNG or WebP.`,
};

export function wrongKind(upload: Upload, kind: OtherKind): Refusal {
  return new Refusal(`${upload}.${kind}`, kindSentences[kind](upload), { kind });
}

export function tooLarge(upload: Upload, bytes: number, maxBytes: number): Refusal {
  const limit = megabytes(maxBytes);
  return new Refusal(
    `${upload}.too-large`,
    `The ${upload} has ${megabytes(bytes)} MB, more than the ${limit} MB that are allowed: make it smaller, or save it as JPEG.`,
    { megabytes: megabytes(bytes), maxMegabytes: limit },
  );
}

export function tooManyPixels(upload: Upload, width: number, height: number, maxPixels: number): Refusal {
  const limit = (maxPixels / 1e6).toFixed(0);
  return new Refusal(
    `${upload}.too-many-pixels`,
    `The ${upload} is ${width} x ${height}, more than the ${limit} megapixels that are allowed: scale it down, for example to 2,000 pixels on its longest side.`,
    { width, height, maxMegapixels: limit },
  );
}

export function tooSmall(upload: Upload, width: number, height: number, minSidePx: number): Refusal {
  return new Refusal(
    `${upload}.too-small`,
    `The ${upload} is only ${width} x ${height}: send one with at least ${minSidePx} pixels on each side (the original instead of a preview).`,
    { width, height, minSidePx },
  );
}

export function tooElongated(upload: Upload, width: number, height: number, maxRatio: number): Refusal {
  return new Refusal(
    `${upload}.too-elongated`,
    `The ${upload} is ${width} x ${height}, more than ${maxRatio} times as long as it is wide: cut out the part that matters and send that.`,
    { width, height, maxRatio },
  );
}

export function truncated(upload: Upload, cause?: unknown): Refusal {
  return new Refusal(
    `${upload}.truncated`,
    `The end of the ${upload}'s file is missing: the upload may have been cut off; send it once more.`,
    {},
    { cause },
  );
}

export function corrupt(upload: Upload, cause?: unknown): Refusal {
  return new Refusal(
    `${upload}.corrupt`,
    `The ${upload}'s file is damaged: open it in a picture program, save it anew as PNG or JPEG, and send that.`,
    {},
    { cause },
  );
}

export function tooSlow(upload: Upload, seconds: number, cause?: unknown): Refusal {
  return new Refusal(
    `${upload}.too-slow`,
    `The ${upload} could not be read within ${seconds} seconds: save it anew as a plain JPEG or PNG, or scale it down, and send that.`,
    { seconds },
    { cause },
  );
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(1);
}
