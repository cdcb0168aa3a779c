/** Photos from Discord's file servers, and pictures that fit what may be sent. */
import sharp from 'sharp';
import { z } from 'zod';
import type { PhotoHandle } from '../../commands/contract/act.ts';
import type { ReplyPicture } from '../../commands/contract/reply.ts';
import { Refusal, RemoteError, shown } from '../../src/errors.ts';
import { photoLimits } from '../../src/photo/decode.ts';
import { encodeWithin } from '../../src/photo/encode.ts';
import { sniffKind } from '../../src/photo/formats.ts';
import { readMarks } from '../../src/photo/marks.ts';
import { tooLarge, truncated, wrongKind } from '../../src/photo/upload-refusals.ts';
import type { JsonObject } from '../../src/store/tables.ts';

/** What makes a file of a message or of an interaction findable. Discord signs the address for a day. */
const attached = z.object({ url: z.string(), bytes: z.int().min(0) });
export type Attached = Readonly<z.infer<typeof attached>>;

export interface DownloadLimits {
  /** Origins that photos may come from. */
  readonly origins: ReadonlySet<string>;
  /** For the whole download. */
  readonly timeoutMs: number;
}

/**
 * @param origins as in DISCORD_CDN_ORIGINS.
 * @throws Refusal `config` for one that is not https, but for this very machine's.
 */
export function cdnOrigins(origins: readonly string[]): ReadonlySet<string> {
  return new Set(
    origins.map((text) => {
      const url = URL.parse(text);
      const isLocal = url !== null && ['127.0.0.1', '[::1]', 'localhost'].includes(url.hostname);
      if (url !== null && (url.protocol === 'https:' || (isLocal && url.protocol === 'http:'))) return url.origin;
      throw new Refusal('config', `Expected https origins for \`DISCORD_CDN_ORIGINS\`, got ${shown(text)}.`);
    }),
  );
}

export function photoHandle(file: Attached, limits: DownloadLimits): PhotoHandle {
  return { read: (signal) => download(file, limits, signal), isLossless: true, reference: { ...file } };
}

/** Undefined for what is no reference of `photoHandle`'s. */
export function reopenedPhoto(reference: JsonObject, limits: DownloadLimits): PhotoHandle | undefined {
  const file = attached.safeParse(reference).data;
  return file === undefined ? undefined : photoHandle(file, limits);
}

/** Whether a client would show it as a picture; what it really is, its bytes tell later. */
export function looksLikePicture(file: { readonly contentType?: string | null; readonly name: string }): boolean {
  return file.contentType?.startsWith('image/') === true || /\.(jpe?g|png|webp|heic|avif|gif)$/i.test(file.name);
}

/**
 * Reads a file while counting, and leaves as soon as it cannot be a photo: the sizes and types that a server names are
 * not believed.
 * @throws Refusal `photo.…`; RemoteError; the signal's reason.
 */
async function download({ url, bytes }: Attached, limits: DownloadLimits, signal: AbortSignal): Promise<Uint8Array> {
  const { maxBytes } = photoLimits;
  if (!limits.origins.has(URL.parse(url)?.origin ?? '')) throw gone();
  if (bytes > maxBytes) throw tooLarge('photo', bytes, maxBytes);
  const deadline = AbortSignal.timeout(limits.timeoutMs);
  try {
    const response = await fetch(url, { redirect: 'error', signal: AbortSignal.any([signal, deadline]) });
    if (!response.ok || response.body === null) throw refusedBy(response);
    const file = await collected(response.body, maxBytes);
    if (file.length < bytes) throw truncated('photo');
    return file;
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof Refusal || error instanceof RemoteError) throw error;
    const why = deadline.aborted ? `did not come within ${limits.timeoutMs} ms` : 'could not be fetched';
    // The cause would name the signed address.
    throw new RemoteError('discord', `The photo ${why}.`);
  }
}

async function collected(body: AsyncIterable<Uint8Array>, maxBytes: number): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  let received = 0;
  for await (const piece of body) {
    pieces.push(piece);
    const wasUnknown = received < headBytes;
    received += piece.length;
    // A piece can end within the signature: what follows it decides.
    if (wasUnknown && received >= headBytes) checkKind(Buffer.concat(pieces));
    if (received > maxBytes) throw tooLarge('photo', received, maxBytes);
  }
  const file = Buffer.concat(pieces);
  if (received < headBytes) checkKind(file);
  return file;
}

/** Enough for every signature. */
const headBytes = 1024;

function checkKind(head: Uint8Array): void {
  const kind = sniffKind(head);
  if (kind !== 'jpeg' && kind !== 'png' && kind !== 'webp') throw wrongKind('photo', kind);
}

function refusedBy({ status }: Response): Error {
  if (status === 404 || status === 403 || status === 410) return gone();
  return new RemoteError('discord', `The file server answered ${status}.`, { status });
}

function gone(): Refusal {
  return new Refusal('photo.gone', 'This photo is no longer there. Please send it once more.');
}

export interface SentFile {
  readonly name: string;
  readonly contentType: string;
  readonly data: Buffer;
}

/** The lossless PNG where it may be sent, else the best JPEG that may. @param name without an ending. */
export async function pictureFile(picture: ReplyPicture, name: string, maxBytes: number): Promise<SentFile> {
  const png = Buffer.from(await picture.png());
  if (png.length <= maxBytes) return { name: `${name}.png`, contentType: 'image/png', data: png };
  const { source = 'trainedAlgorithmicMedia', ...marks } = await readMarks(png);
  const { data, info } = await sharp(png).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  const raw = { width: info.width, height: info.height, rgb: data };
  const jpeg = await encodeWithin(raw, { format: 'jpeg', maxBytes }, { source, ...marks });
  return { name: `${name}.jpg`, contentType: 'image/jpeg', data: jpeg };
}
