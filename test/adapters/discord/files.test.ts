import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { cdnOrigins } from '../../../adapters/discord/files.ts';
import type { PhotoHandle } from '../../../commands/contract/act.ts';
import type { Misbehaviour } from '../../fakes/wire/bytes.ts';
import { type Bot, patient, startBot } from './bot.ts';

const photo = await sharp({ create: { width: 64, height: 64, channels: 3, background: '#aa3300' } })
  .png()
  .toBuffer();

async function sent(bot: Bot, bytes: Uint8Array, misbehaviour: Misbehaviour = {}): Promise<PhotoHandle> {
  const { act } = await bot.heardOf(
    await bot.discord.user('Ada').slash('cow', { prompt: 'x', photo: { bytes, misbehaviour } }),
  );
  const [handle] = act.kind === 'command' ? act.photos : [];
  if (handle === undefined) throw new Error('Expected a photo.');
  return handle;
}

/** It was left at the limit of 20 MB. */
const justTooLarge = { megabytes: expect.stringMatching(/^20\./), maxMegabytes: '20.0' };

describe('a photo', () => {
  it('is read as it was sent, in whatever pieces it comes', async () => {
    const bot = await startBot();
    for (const misbehaviour of [{}, { pieceDelayMs: 0, pieceBytes: 7 }]) {
      const handle = await sent(bot, photo, misbehaviour);
      expect(Buffer.from(await handle.read(patient.signal))).toEqual(photo);
    }
  });

  it.each<[string, Uint8Array, Misbehaviour, object]>([
    ['a failing server', photo, { status: 503 }, { name: 'RemoteError', status: 503 }],
    ['a file that is gone', photo, { status: 404 }, { code: 'photo.gone' }],
    ['a body without end', photo, { endless: true }, { code: 'photo.too-large', details: justTooLarge }],
    ['a body that ends too early', photo, { claimedBytes: photo.length + 9 }, { name: 'RemoteError' }],
    ['a body shorter than was said', photo, { claimedBytes: 60 }, { code: 'photo.truncated' }],
    ['a file that is too large by its own word', new Uint8Array(20_000_001), {}, { code: 'photo.too-large' }],
    ['a web page', Buffer.from('<!doctype html><title>x</title>'), {}, { code: 'photo.web-page' }],
    ['a long file of another kind', Buffer.from('GIF89a'.repeat(2000)), {}, { code: 'photo.gif' }],
    ['another kind without end', Buffer.from('GIF89a'.repeat(2000)), { endless: true }, { code: 'photo.gif' }],
    ['nothing', new Uint8Array(), {}, { code: 'photo.empty' }],
  ])('is refused when it is %s', async (_what, bytes, misbehaviour, expected) => {
    const bot = await startBot();
    const handle = await sent(bot, bytes, misbehaviour);
    const error: unknown = await handle.read(patient.signal).catch((reason: unknown) => reason);
    expect(error).toMatchObject(expected);
    expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toContain('hm=');
  });

  it('comes from the file servers that were named, and from nowhere else', async () => {
    const bot = await startBot({ adapter: { cdnOrigins: ['https://cdn.discordapp.com'] } });
    const handle = await sent(bot, photo);
    await expect(handle.read(patient.signal)).rejects.toMatchObject({ code: 'photo.gone' });
    expect(bot.discord.cdn.requests).toEqual([]);
  });

  it('is not followed to another address, not even of the same server', async () => {
    const bot = await startBot();
    const target = (await sent(bot, photo)).reference;
    const redirectTo = typeof target?.['url'] === 'string' ? target['url'] : '';
    expect((await fetch(redirectTo)).status).toBe(200);
    const handle = await sent(bot, photo, { redirectTo });
    await expect(handle.read(patient.signal)).rejects.toThrow('could not be fetched');
  });

  it('is given up when it is late, and when nobody waits for it any more', async () => {
    const bot = await startBot({ adapter: { downloadTimeoutMs: 30 } });
    const slow = await sent(bot, photo, { delayMs: 2000 });
    await expect(slow.read(patient.signal)).rejects.toThrow('did not come within 30 ms');
    await expect(slow.read(AbortSignal.abort(new Error('enough')))).rejects.toThrow('enough');
  });

  it('that the file server has dropped is gone', async () => {
    const bot = await startBot();
    const handle = await sent(bot, photo);
    bot.discord.cdn.drop();
    await expect(handle.read(patient.signal)).rejects.toMatchObject({ code: 'photo.gone' });
  });
});

describe('cdnOrigins', () => {
  it('takes https, and plain http of this machine only', () => {
    expect([...cdnOrigins(['https://cdn.example/x', 'http://127.0.0.1:81', 'http://[::1]:82'])]).toEqual([
      'https://cdn.example',
      'http://127.0.0.1:81',
      'http://[::1]:82',
    ]);
    for (const wrong of ['http://cdn.example', 'ftp://127.0.0.1', 'cdn.example', '', 'http://127.0.0.1.evil.example']) {
      expect(() => cdnOrigins([wrong])).toThrow('Expected https origins');
    }
  });
});
