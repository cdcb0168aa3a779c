import { createServer } from 'node:http';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { painted, photosOf, readPhoto, type Stand, startStand } from './bot.ts';
import { temporaryFolder } from '../../contracts/place.ts';
import type { Message } from '../../fakes/telegram/index.ts';

async function sent(stand: Stand, bytes: Uint8Array, name = 'a.png'): Promise<[Message, () => Promise<unknown>]> {
  const ada = stand.telegram.user('Ada');
  const message = ada.sendDocument(bytes, name);
  const [photo] = photosOf(await stand.next());
  return [message, async () => readPhoto(photo).catch((error: unknown) => error)];
}

/** A server that is not Telegram's. */
async function servedPicture(bytes: Uint8Array): Promise<string> {
  const server = createServer((_request, response) => void response.end(bytes));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('Expected a port.');
  return `http://127.0.0.1:${address.port}/`;
}

test('files that are no photos are refused with what to do instead', async () => {
  const stand = await startStand();
  for (const [bytes, code] of [
    ['%PDF-1.7 and so on', 'photo.pdf'],
    ['<svg xmlns="http://www.w3.org/2000/svg"/>', 'photo.svg'],
    ['<!doctype html><html><body>cow</body></html>', 'photo.web-page'],
    ['GIF89a and so on', 'photo.gif'],
    ['PK\x03\x04 and so on', 'photo.archive'],
    ['MZ\x90\x00 and so on', 'photo.unknown'],
  ]) {
    const [, read] = await sent(stand, Buffer.from(bytes, 'latin1'));
    expect(await read()).toMatchObject({ name: 'Refusal', code });
  }
});

test('too large a file is not even asked for, and an endless one is given up', async () => {
  const stand = await startStand();
  const [, readLarge] = await sent(stand, new Uint8Array(20 * 2 ** 20 + 1));
  expect(await readLarge()).toMatchObject({ name: 'Refusal', code: 'photo.too-large' });
  expect(stand.telegram.requestsOf('getFile')).toEqual([]);
  const [message, readEndless] = await sent(stand, await painted('#ff0000'));
  stand.telegram.misbehave(message, { endless: true });
  expect(await readEndless()).toMatchObject({ name: 'Refusal', code: 'photo.too-large' });
});

test('a download that is cut off, sent elsewhere or refused is a remote error, one that is gone says so', async () => {
  const stand = await startStand();
  const picture = await painted('#ff0000');
  const elsewhere = await servedPicture(picture);
  const [message, read] = await sent(stand, picture);
  for (const misbehaviour of [{ claimedBytes: 1e6 }, { redirectTo: elsewhere }, { status: 500 }]) {
    stand.telegram.misbehave(message, misbehaviour);
    expect(await read()).toMatchObject({ name: 'RemoteError', service: 'telegram' });
  }
  stand.telegram.misbehave(message, { status: 404 });
  expect(await read()).toMatchObject({ name: 'Refusal', code: 'photo.gone' });
  stand.telegram.dropFiles();
  expect(await read()).toMatchObject({ name: 'Refusal', code: 'photo.gone' });
  stand.telegram.failNext('getFile', 1, 'hang-up');
  expect(await read()).toMatchObject({ name: 'RemoteError' });
});

test('a download ends with its signal', async () => {
  const stand = await startStand();
  const ada = stand.telegram.user('Ada');
  stand.telegram.misbehave(ada.sendDocument(await painted('#ff0000'), 'a.png'), { pieceDelayMs: 20, pieceBytes: 1 });
  const [photo] = photosOf(await stand.next());
  const stop = new AbortController();
  const read = photo.read(stop.signal);
  await stand.telegram.until(() => stand.telegram.requestsOf('file').length > 0, 'the download');
  stop.abort(new Error('enough'));
  await expect(read).rejects.toThrow('enough');
});

test('no failure and no log line holds the token', async () => {
  const stand = await startStand();
  const [message, read] = await sent(stand, await painted('#ff0000'));
  const failures: unknown[] = [];
  stand.telegram.misbehave(message, { redirectTo: 'http://127.0.0.1:1/' });
  failures.push(await read());
  stand.telegram.failNext('getFile', 1, 'hang-up');
  failures.push(await read());
  stand.telegram.failNext('getFile', 1, { code: 403, description: 'Forbidden' });
  failures.push(await read());
  const said = failures.map((error) => describe(error)).join('\n') + stand.log();
  expect(failures.every((error) => error instanceof Error)).toBe(true);
  expect(said).not.toContain(stand.telegram.token.split(':')[1]);
});

/** Everything that an error holds, its causes too. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return JSON.stringify(error);
  return [error.stack, JSON.stringify(Object.entries(error)), describe(error.cause ?? null)].join('\n');
}

test('a local server that keeps files on its own disk is read from there, and from nowhere else', async () => {
  const localDir = await temporaryFolder();
  const picture = await painted('#ff0000');
  const open = async (localFilesDir: string | undefined) => {
    const stand = await startStand({ fake: { localDir }, adapter: { localFilesDir } });
    const [, read] = await sent(stand, picture);
    return { stand, read };
  };
  const { stand, read } = await open(localDir);
  expect(await read()).toEqual(picture);
  expect(stand.telegram.requestsOf('file')).toEqual([]);
  const [, readText] = await sent(stand, Buffer.from('no picture'));
  expect(await readText()).toMatchObject({ name: 'Refusal', code: 'photo.text' });

  for (const [folder, says] of [
    [undefined, 'set TELEGRAM_LOCAL_FILES'],
    [await temporaryFolder(), 'outside of TELEGRAM_LOCAL_FILES'],
    [path.join(localDir, 'nowhere'), 'cannot be read'],
  ] as const) {
    const { stand: other, read: readOther } = await open(folder);
    const error = await readOther();
    expect(error).toMatchObject({ name: 'RemoteError', message: expect.stringContaining(says) });
    expect(String(error)).not.toContain(other.telegram.token);
    expect(error).not.toHaveProperty('cause');
  }
});
