/**
 * Files of a local Bot API server in its `--local` mode, which answers with paths on its own disk
 * (https://github.com/tdlib/telegram-bot-api#usage). The paths hold the bot's token, so no error keeps one.
 */
import { open, realpath } from 'node:fs/promises';
import path from 'node:path';
import { Refusal, RemoteError } from '../../src/errors.ts';
import { tooLarge } from '../../src/photo/upload-refusals.ts';

/**
 * @param folder the only one that is read; undefined where the operator named none.
 * @throws Refusal `photo.too-large`, `photo.gone`; RemoteError where the server's files cannot be reached.
 */
export async function readLocalFile(folder: string | undefined, file: string, maxBytes: number): Promise<Uint8Array> {
  if (folder === undefined) {
    throw new RemoteError(
      'telegram',
      'The Bot API server runs with --local and keeps its files on its own disk: set TELEGRAM_LOCAL_FILES to its folder.',
    );
  }
  const root = await realpath(folder).catch(() => {
    throw new RemoteError('telegram', 'The folder of TELEGRAM_LOCAL_FILES cannot be read.');
  });
  const real = await realpath(file).catch((error: unknown) => {
    throw unreadable(error);
  });
  // A link may lead out of the folder as well as two dots.
  if (!real.startsWith(`${root}${path.sep}`)) {
    throw new RemoteError('telegram', 'The Bot API server named a file outside of TELEGRAM_LOCAL_FILES.');
  }
  await using handle = await open(real).catch((error: unknown) => {
    throw unreadable(error);
  });
  const { size } = await handle.stat();
  if (size > maxBytes) throw tooLarge('photo', size, maxBytes);
  return handle.readFile();
}

function unreadable(error: unknown): Error {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOENT') return new Refusal('photo.gone', 'The photo is not there any more: send it once more.');
  return new RemoteError('telegram', `A file of the Bot API server cannot be read (${String(code)}).`);
}
