/** Pictures on their way in and out: downloads from the Bot API server alone, and uploads as it takes them. */
import { isAbsolute } from 'node:path';
import { type Api, GrammyError, HttpError, InputFile } from 'grammy';
import sharp from 'sharp';
import { z } from 'zod';
import type { PhotoHandle } from '../../commands/contract/act.ts';
import type { ReplyFile, ReplyPicture } from '../../commands/contract/reply.ts';
import { Refusal, RemoteError } from '../../src/errors.ts';
import { sniffKind } from '../../src/photo/formats.ts';
import type { Picture } from '../../src/photo/picture.ts';
import { tooLarge, wrongKind } from '../../src/photo/upload-refusals.ts';
import { xmpFor } from '../../src/photo/marks.ts';
import { sourceOf } from '../../src/photo/shown.ts';
import { contactSheet } from '../../src/photo/views.ts';
import type { JsonObject } from '../../src/store/tables.ts';
import { clientSignal, remoteError } from './calls.ts';
import { readLocalFile } from './local-files.ts';

/** https://core.telegram.org/bots/api#getfile */
const maxDownloadBytes = 20 * 2 ** 20;
/** https://core.telegram.org/bots/api#sendphoto */
const maxPhoto = { bytes: 10 * 2 ** 20, sidesPx: 10_000 };

const fileReference = z.object({
  fileId: z.string().min(1),
  /** As the update said; the download is counted all the same. */
  sizeBytes: z.int().min(0).optional(),
  isLossless: z.boolean(),
});
export type FileReference = Readonly<z.infer<typeof fileReference>>;

export interface FilesOptions {
  readonly api: Api;
  readonly token: string;
  /** Of the Bot API server, without a slash at its end. */
  readonly apiUrl: string;
  /** Where a server in its `--local` mode keeps its files. */
  readonly localFilesDir: string | undefined;
  /** For one file. */
  readonly downloadTimeoutMs: number;
}

export type OpenFile = (reference: FileReference) => PhotoHandle;

/** Opens what an update pointed at; nothing is asked for until it is read. */
export function fileOpener(options: FilesOptions): OpenFile {
  return ({ fileId, sizeBytes, isLossless }) => ({
    isLossless,
    reference: { fileId, isLossless, ...(sizeBytes === undefined ? {} : { sizeBytes }) },
    read: async (signal) => {
      if (sizeBytes !== undefined && sizeBytes > maxDownloadBytes) throw tooLarge('photo', sizeBytes, maxDownloadBytes);
      const stop = AbortSignal.any([signal, AbortSignal.timeout(options.downloadTimeoutMs)]);
      try {
        const bytes = await bytesAt(options, await pathOf(options.api, fileId, stop), stop);
        const kind = sniffKind(bytes);
        if (kind !== 'jpeg' && kind !== 'png' && kind !== 'webp') throw wrongKind('photo', kind);
        return bytes;
      } catch (error) {
        signal.throwIfAborted();
        if (stop.aborted) throw new RemoteError('telegram', 'The photo took too long to come.');
        throw error;
      }
    },
  });
}

/** Undefined for what `fileOpener` did not write. */
export function fileReferenceOf(reference: JsonObject): FileReference | undefined {
  return fileReference.safeParse(reference).data;
}

async function pathOf(api: Api, fileId: string, signal: AbortSignal): Promise<string> {
  try {
    const { file_path: path = '' } = await api.getFile(fileId, clientSignal(signal));
    return path;
  } catch (error) {
    if (error instanceof GrammyError && error.error_code === 400) {
      if (/too big/i.test(error.description)) throw tooLarge('photo', maxDownloadBytes + 1, maxDownloadBytes);
      throw new Refusal('photo.gone', 'The photo is not there any more: send it once more.');
    }
    throw error instanceof HttpError || error instanceof GrammyError ? remoteError(error) : error;
  }
}

async function bytesAt(options: FilesOptions, path: string, signal: AbortSignal): Promise<Uint8Array> {
  if (isAbsolute(path)) return readLocalFile(options.localFilesDir, path, maxDownloadBytes);
  if (/^[\w-][\w.-]*(\/[\w-][\w.-]*)*$/.test(path)) return download(options, path, signal);
  throw new RemoteError('telegram', 'Telegram named a file that cannot be downloaded.');
}

async function download({ apiUrl, token }: FilesOptions, path: string, signal: AbortSignal): Promise<Uint8Array> {
  let response: Response;
  try {
    response = await fetch(`${apiUrl}/file/bot${token}/${path}`, { redirect: 'error', signal });
  } catch {
    // The cause may hold the address, and the address holds the token.
    throw new RemoteError('telegram', 'The photo could not be downloaded.');
  }
  if (!response.ok || response.body === null) {
    await response.body?.cancel();
    if (response.status === 404 || response.status === 410) {
      throw new Refusal('photo.gone', 'The photo is not there any more: send it once more.');
    }
    throw new RemoteError('telegram', `The photo's download was answered with ${response.status}.`, {
      status: response.status,
    });
  }
  return counted(response.body);
}

/** The body, given up as soon as it is longer than a photo may be, whatever its headers said. */
async function counted(body: ReadableStream<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let length = 0;
  try {
    for await (const part of body) {
      length += part.length;
      if (length > maxDownloadBytes) throw tooLarge('photo', length, maxDownloadBytes);
      parts.push(part);
    }
  } catch (error) {
    if (error instanceof Refusal) throw error;
    throw new RemoteError('telegram', "The photo's download broke off.");
  }
  return Buffer.concat(parts, length);
}

/**
 * One photo of all the pictures, for an album takes no buttons (https://core.telegram.org/bots/api#sendmediagroup).
 * @param pictures one to four.
 */
export async function photoOf(pictures: readonly ReplyPicture[]): Promise<InputFile> {
  const files = await Promise.all(pictures.map((picture) => picture.png()));
  const [only] = files;
  if (files.length > 1) return sheetOf(files);
  return (await fitsAsPhoto(only)) ? new InputFile(only, 'cow.png') : new InputFile(await smaller(only), 'cow.jpg');
}

/** As sharp as the service shows it: it makes a JPEG of at most 1,280 pixels a side of every photo. */
const shownSidePx = 2560;

async function sheetOf(files: readonly Uint8Array[]): Promise<InputFile> {
  const { width, height, rgb } = await contactSheet(await Promise.all(files.map(pixelsOf)));
  const jpeg = sharp(rgb, { raw: { width, height, channels: 3 } })
    .withXmp(xmpFor({ source: await sourceOf(files) }))
    .resize({ width: shownSidePx, height: shownSidePx, fit: 'inside', withoutEnlargement: true })
    .jpeg({ quality: 92 });
  return new InputFile(await jpeg.toBuffer(), 'cow.jpg');
}

async function pixelsOf(file: Uint8Array): Promise<Picture> {
  const { data, info } = await sharp(file)
    .flatten({ background: '#ffffff' })
    .toColourspace('srgb')
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, rgb: data };
}

async function fitsAsPhoto(file: Uint8Array): Promise<boolean> {
  const { width, height } = await sharp(file).metadata();
  const { bytes, sidesPx } = maxPhoto;
  return file.length <= bytes && width + height <= sidesPx;
}

async function smaller(file: Uint8Array): Promise<Buffer> {
  return sharp(file)
    .withXmp(xmpFor({ source: await sourceOf([file]) }))
    .flatten({ background: '#ffffff' })
    .resize({ width: shownSidePx, height: shownSidePx, fit: 'inside', withoutEnlargement: true })
    .jpeg({ quality: 92 })
    .toBuffer();
}

/**
 * What takes the place of a picture that must not be seen any more: a message with a photo cannot become one without
 * (https://core.telegram.org/bots/api#editmessagemedia).
 */
export async function blankPhoto(): Promise<InputFile> {
  const blank = sharp({ create: { width: 320, height: 80, channels: 3, background: '#808080' } });
  return new InputFile(await blank.png().toBuffer(), 'removed.png');
}

/** A file that arrives byte for byte. */
export async function documentOf(file: ReplyFile): Promise<InputFile> {
  return new InputFile(await file.bytes(), file.name);
}
