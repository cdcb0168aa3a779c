import { expect, test } from 'vitest';
import { StillClock } from '../../fakes/wire/clock.ts';
import { FakeDiscord } from '../../fakes/discord/index.ts';
import type { Attachment } from '../../fakes/discord/index.ts';
import type { Misbehaviour } from '../../fakes/wire/bytes.ts';

interface Posted extends AsyncDisposable {
  discord: FakeDiscord;
  clock: StillClock;
  file: Attachment;
  link: string;
}

const bytes = new Uint8Array(5000).fill(7);

async function posted(misbehaviour: Misbehaviour = {}): Promise<Posted> {
  const clock = new StillClock();
  const discord = await FakeDiscord.open({ clock });
  const message = await discord.user('Ada').say('', [{ bytes, name: 'a.png', misbehaviour }]);
  const [file] = message.attachments;
  if (file === undefined) throw new Error('Expected an attachment.');
  return { discord, clock, file, link: discord.cdn.link(file), [Symbol.asyncDispose]: () => discord.close() };
}

test('a link is signed and ends after a day', async () => {
  await using it = await posted();
  expect(new URL(it.link).origin).not.toBe(new URL(it.discord.apiUrl).origin);
  expect(new Uint8Array(await (await fetch(it.link)).arrayBuffer())).toEqual(bytes);
  expect((await fetch(it.link.replace(/ex=\w/, 'ex=f'))).status).toBe(404);
  expect((await fetch(it.link.split('?')[0] ?? '')).status).toBe(404);
  it.clock.advance(24 * 3600_000 + 1000);
  expect((await fetch(it.link)).status).toBe(404);
  expect((await fetch(it.discord.cdn.link(it.file))).status).toBe(200);
  it.discord.cdn.drop();
  expect((await fetch(it.discord.cdn.link(it.file))).status).toBe(404);
  expect(it.discord.cdn.requests.map((request) => request.status)).toEqual([200, 404, 404, 404, 200, 404]);
});

test('a server can be slow, cut, promise too much, redirect or fail', async () => {
  const body = async (misbehaviour: Misbehaviour): Promise<number> => {
    await using it = await posted(misbehaviour);
    return (await (await fetch(it.link)).arrayBuffer()).byteLength;
  };
  expect(await body({ pieceDelayMs: 1, pieceBytes: 1000 })).toBe(5000);
  expect(await body({ claimedBytes: 100 })).toBe(100);
  await expect(body({ claimedBytes: 6000 })).rejects.toThrow('terminated');
  {
    await using it = await posted({ redirectTo: 'http://127.0.0.1:1/' });
    await expect(fetch(it.link, { redirect: 'error' })).rejects.toThrow('fetch failed');
  }
  await using it = await posted({ status: 503 });
  expect((await fetch(it.link)).status).toBe(503);
});

test('an endless body ends when the reader leaves', async () => {
  await using it = await posted({ endless: true });
  const response = await fetch(it.link);
  let received = 0;
  for await (const piece of response.body ?? []) {
    received += piece.length;
    if (received > 1_000_000) break;
  }
  expect(received).toBeGreaterThan(1_000_000);
  expect(response.headers.get('content-length')).toBeNull();
});
