/** Prompts, files and downloads that are meant to break a bot; each with what it is. */
import sharp from 'sharp';
import { pngBomb, pngHeader, pngOf, photoFile, withJpegSize } from '../photo/samples.ts';
import type { Sending } from './chat-whole.ts';

export const prompts: [string, string][] = [
  ['markdown', '**bold** __under__ ~~gone~~ `code` [a link](https://example.org/x) ||spoiler|| # head > quote - item'],
  ['HTML', '<b>bold</b> <a href="tg://user?id=1000">you</a> <script>alert(1)</script> &lt;&amp;'],
  [
    'mentions',
    '@everyone @here <@123456789012345678> <@&123456789012345678> <#1234567890> @somebody tg://user?id=1000',
  ],
  ['addresses', 'see https://example.org/free-nitro and discord.gg/abcdef or t.me/joinchat/abc'],
  [
    'custom emoji and times',
    '<:cow:123456789012345678> <a:cow:123456789012345678> <t:1618953630:R> </cow:123456789012345678>',
  ],
  ['right-to-left marks', 'a \u202egnp.exe\u202c cow \u2066isolated\u2069 \u05d0\u05d1\u05d2 \u200f\u061c knight'],
  ['zero-width characters', 'a\u200bk\u200cn\u200di\u2060g\ufeffht in the snow'],
  ['4,000 characters', 'a knight in a snowy forest '.repeat(149).slice(0, 3900)],
  ['emoji only', '🐮🐄👨‍👩‍👧‍👦🏴‍☠️🇩🇪'],
  ['lone surrogates', 'a \ud83d knight \udc2e in a forest'],
  ['NUL and control characters', 'a\u0000 knight\u0007\u001b[31m in\u0008 a\u009b forest'],
  ['braces of message formats', "a {name} knight {count, plural, one {x} other {#}} '{' {"],
  ['properties and SQL', "__proto__ constructor ${process.env} %s %n '; drop table jobs; --"],
];

const jpeg = () => photoFile('rocket.jpg');

export const files: [string, () => Uint8Array | Promise<Uint8Array>][] = [
  ['text', () => Buffer.from('this is not a picture at all, whatever it says it is')],
  ['a web page', () => Buffer.from('<!doctype html><html><script>alert(1)</script></html>')],
  [
    'an SVG drawing',
    () => Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><image href="file:///etc/passwd"/></svg>'),
  ],
  ['a GIF', () => Buffer.from('GIF89a\x01\0\x01\0\0\0\0,\0\0\0\0\x01\0\x01\0\0\x02\0;', 'latin1')],
  ['a TIFF', () => Buffer.from('II*\0\x08\0\0\0', 'latin1')],
  ['a JPEG that ends half-way', () => jpeg().subarray(0, 20_000)],
  ['a PNG that unpacks to 16,000 x 16,000 pixels', () => pngBomb()],
  ['a JPEG that claims 60,000 x 60,000 pixels', () => withJpegSize(jpeg(), { width: 60_000, height: 60_000 })],
  [
    'a PNG that claims 2,147,483,647 pixels a side',
    () =>
      pngOf([
        ['IHDR', pngHeader(0x7fffffff, 0x7fffffff)],
        ['IDAT', Buffer.alloc(9)],
        ['IEND', Buffer.alloc(0)],
      ]),
  ],
  [
    'one pixel',
    async () =>
      sharp({ create: { width: 1, height: 1, channels: 3, background: 'red' } })
        .png()
        .toBuffer(),
  ],
];

export const sendings: [string, Sending][] = [
  ['without end', { endless: true }],
  ['with a length that is too small', { claimedBytes: 1500 }],
  ['with a length that is too large', { claimedBytes: 50_000_000 }],
  ['too slowly', { pieceDelayMs: 200, pieceBytes: 500 }],
  ['from an address that has expired', 'expired'],
  ['from a server that fails', { status: 503 }],
];
