import { createHash, randomBytes } from 'node:crypto';
import sharp from 'sharp';
import type { WireFile } from '../wire/record.ts';
import { pictureSize } from '../wire/picture.ts';
import { badRequest, impossible, TelegramRefusal } from './errors.ts';
import type { Media, StoredFile } from './model.ts';
import type { Params } from './params.ts';

const mebi = 2 ** 20;
/** Longest sides of the sizes that a photo is kept in. */
const photoSides = [320, 800, 1280];

/** All files of this Telegram. */
export class Files {
  readonly #byId = new Map<string, StoredFile>();

  find(id: string): StoredFile | undefined {
    const file = this.#byId.get(id);
    return file?.dropped === true ? undefined : file;
  }

  atPath(path: string): StoredFile | undefined {
    return [...this.#byId.values()].find((file) => file.path === path && !file.dropped);
  }

  drop(): void {
    for (const file of this.#byId.values()) file.dropped = true;
  }

  keep(
    bytes: Uint8Array,
    folder: string,
    about: { name?: string; mimeType: string; width?: number; height?: number },
  ): StoredFile {
    const id = `AgACAgIAAxkBAAI${randomBytes(40).toString('base64url')}`;
    const ending = about.name?.split('.').at(-1) ?? about.mimeType.split('/').at(-1);
    const file: StoredFile = {
      id,
      uniqueId: createHash('sha256').update(bytes).digest('base64url').slice(0, 16),
      path: `${folder}/file_${this.#byId.size}.${ending === 'jpeg' ? 'jpg' : ending}`,
      bytes,
      name: about.name,
      mimeType: about.mimeType,
      width: about.width ?? 0,
      height: about.height ?? 0,
      misbehaviour: {},
      dropped: false,
      linkUntilMs: 0,
    };
    this.#byId.set(id, file);
    return file;
  }

  /**
   * What becomes of a picture that is sent as a photo: upright, without metadata, JPEG, in several sizes.
   *
   * @throws {TelegramRefusal} over 10 MB, w + h > 10,000, a side over 20 times the other, no picture
   */
  async photo(bytes: Uint8Array, spoiler: boolean): Promise<Media> {
    if (bytes.length === 0) throw badRequest('file must be non-empty');
    if (bytes.length > 10 * mebi) throw badRequest('file is too big');
    const size = await pictureSize(bytes);
    if (size === undefined || size.format === 'svg') throw badRequest('IMAGE_PROCESS_FAILED');
    const { width, height } = size;
    if (width + height > 10_000 || Math.max(width, height) > 20 * Math.min(width, height))
      throw badRequest('PHOTO_INVALID_DIMENSIONS');
    const longest = Math.max(width, height);
    const sides = photoSides.filter((_, index) => index === 0 || longest > (photoSides[index - 1] ?? 0));
    try {
      const sizes = await Promise.all(sides.map((side) => this.#resized(bytes, side)));
      return { kind: 'photo', sizes, spoiler };
    } catch {
      throw badRequest('IMAGE_PROCESS_FAILED');
    }
  }

  async #resized(bytes: Uint8Array, side: number): Promise<StoredFile> {
    const { data, info } = await sharp(bytes)
      .rotate()
      .flatten({ background: '#ffffff' })
      .resize({ width: side, height: side, fit: 'inside', withoutEnlargement: true })
      .jpeg({ quality: 87 })
      .toBuffer({ resolveWithObject: true });
    return this.keep(data, 'photos', { mimeType: 'image/jpeg', width: info.width, height: info.height });
  }

  /** @throws {TelegramRefusal} over 50 MB */
  document({ bytes, name, contentType }: Pick<WireFile, 'bytes' | 'name' | 'contentType'>): Media {
    if (bytes.length === 0) throw badRequest('file must be non-empty');
    if (bytes.length > 50 * mebi) throw new TelegramRefusal(413, 'Request Entity Too Large');
    return {
      kind: 'document',
      file: this.keep(bytes, 'documents', { name, mimeType: guessedType(name, contentType) }),
    };
  }

  /**
   * The photo or document that a parameter means: an upload, or the id of a file that is here already.
   *
   * @param reference `attach://name` or a file_id; `undefined` for a file sent under `name`.
   * @throws {TelegramRefusal}
   */
  async sent(
    params: Params,
    kind: 'photo' | 'document',
    reference: string | undefined,
    name: string,
    spoiler: boolean,
  ): Promise<Media> {
    const upload = params.upload(reference, name);
    if (upload !== undefined) return kind === 'photo' ? this.photo(upload.bytes, spoiler) : this.document(upload);
    if (reference === undefined || reference === '') throw badRequest(`there is no ${kind} in the request`);
    if (/^https?:/.test(reference)) throw badRequest('failed to get HTTP URL content');
    const file = this.find(reference);
    if (file === undefined) throw impossible('wrong file identifier/HTTP URL specified');
    if (file.path.startsWith('photos/') !== (kind === 'photo'))
      throw badRequest(`can't use file of type ${kind === 'photo' ? 'Document as Photo' : 'Photo as Document'}`);
    return kind === 'photo' ? { kind, sizes: [file], spoiler } : { kind, file };
  }
}

/** Uploads come as application/octet-stream; the service goes by the name's ending. */
function guessedType(name: string, claimed: string): string {
  const types = new Map([
    ['png', 'image/png'],
    ['jpg', 'image/jpeg'],
    ['jpeg', 'image/jpeg'],
    ['webp', 'image/webp'],
    ['json', 'application/json'],
    ['zip', 'application/zip'],
  ]);
  return types.get(name.split('.').at(-1)?.toLowerCase() ?? '') ?? claimed;
}
