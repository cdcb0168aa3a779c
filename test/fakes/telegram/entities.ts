import { z } from 'zod';
import { badRequest } from './errors.ts';
import type { Params } from './params.ts';

export const entity = z.object({
  type: z.string(),
  offset: z.int().min(0),
  length: z.int().min(1),
  url: z.string().optional(),
  language: z.string().optional(),
  custom_emoji_id: z.string().optional(),
});
export type Entity = z.output<typeof entity>;

export interface RichText {
  text: string;
  entities: Entity[];
}

/** Tag names to entity types. core.telegram.org/bots/api#html-style */
const tags = new Map([
  ['b', 'bold'],
  ['strong', 'bold'],
  ['i', 'italic'],
  ['em', 'italic'],
  ['u', 'underline'],
  ['ins', 'underline'],
  ['s', 'strikethrough'],
  ['strike', 'strikethrough'],
  ['del', 'strikethrough'],
  ['tg-spoiler', 'spoiler'],
  ['span', 'spoiler'],
  ['a', 'text_link'],
  ['code', 'code'],
  ['pre', 'pre'],
  ['blockquote', 'blockquote'],
  ['tg-emoji', 'custom_emoji'],
]);
const named = new Map([
  ['lt', '<'],
  ['gt', '>'],
  ['amp', '&'],
  ['quot', '"'],
]);

/**
 * Text and entities of a call. `max` counts code points, after parsing.
 *
 * @param names Of the parameters: text, its entities; `parse_mode` is shared.
 * @param tooLong What the service says of a longer text.
 * @throws {TelegramRefusal}
 */
export function richText(
  params: Params,
  names: { text: string; entities: string },
  max: number,
  tooLong: string,
): RichText {
  return parsedText(
    params.text(names.text) ?? '',
    params.text('parse_mode'),
    params.object(names.entities, z.array(entity)),
    max,
    tooLong,
  );
}

export function parsedText(
  raw: string,
  mode: string | undefined,
  given: readonly Entity[] | undefined,
  max: number,
  tooLong: string,
): RichText {
  const parsed = byMode(raw.replaceAll('\r', ''), mode, given ?? []);
  const trimmed = trim(parsed);
  if (codePoints(trimmed.text) > max) throw badRequest(tooLong);
  return trimmed;
}

/** The service counts code points, not UTF-16 units. */
export function codePoints(text: string): number {
  return Array.from(text).length;
}

function byMode(raw: string, mode: string | undefined, given: readonly Entity[]): RichText {
  switch (mode?.toLowerCase()) {
    case undefined:
    case '':
      return { text: raw, entities: given.filter((one) => one.offset + one.length <= raw.length) };
    case 'html':
      return parsedHtml(raw);
    default:
      throw badRequest(`unsupported parse_mode (this fake knows HTML and entities)`);
  }
}

/** @throws {TelegramRefusal} `can't parse entities: …`, with byte offsets into the UTF-8 text */
function parsedHtml(html: string): RichText {
  const entities: Entity[] = [];
  const open: { tag: string; type: string; start: number; extra: Partial<Entity> }[] = [];
  let text = '';
  let at = 0;
  const fault = (message: string, offset: number): never => {
    const bytes = Buffer.byteLength(html.slice(0, offset));
    throw badRequest(`can't parse entities: ${message.replace('%', `byte offset ${bytes}`)}`);
  };
  while (at < html.length) {
    const char = html.charAt(at);
    if (char === '&') {
      const match = /^&(#\d+|#x[0-9a-f]+|[a-z]+);/i.exec(html.slice(at, at + 12));
      const decoded = match === null ? undefined : decodedEntity(match[1] ?? '');
      text += decoded ?? '&';
      at += decoded === undefined ? 1 : (match?.[0].length ?? 1);
    } else if (char !== '<') {
      text += char;
      at += 1;
    } else {
      const end = html.indexOf('>', at);
      if (end < 0) fault('Unclosed start tag at %', at);
      const inside = html.slice(at + 1, end);
      if (inside.startsWith('/')) {
        const name = inside.slice(1).trim().toLowerCase();
        const last = open.pop();
        if (last === undefined) fault(`Unexpected end tag at %`, at);
        else if (name !== '' && name !== last.tag)
          fault(`Unmatched end tag at %, expected "</${last.tag}>", found "</${name}>"`, at);
        else if (text.length > last.start)
          entities.push({ type: last.type, offset: last.start, length: text.length - last.start, ...last.extra });
      } else open.push(startTag(inside, text.length, (message) => fault(message, at)));
      at = end + 1;
    }
  }
  const left = open.pop();
  if (left !== undefined) fault(`Can't find end tag corresponding to start tag "${left.tag}"`, at);
  return { text, entities: entities.sort((a, b) => a.offset - b.offset || b.length - a.length) };
}

function startTag(
  inside: string,
  start: number,
  fault: (message: string) => never,
): { tag: string; type: string; start: number; extra: Partial<Entity> } {
  const tag = (/^[^\s/]*/.exec(inside)?.[0] ?? '').toLowerCase();
  const type = tags.get(tag);
  if (type === undefined) return fault(`Unsupported start tag "${tag}" at %`);
  const attribute = (name: string): string | undefined =>
    new RegExp(String.raw`\s${name}\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>]+))`, 'i')
      .exec(inside)
      ?.slice(1)
      .find((part) => part !== undefined);
  if (tag === 'span' && attribute('class') !== 'tg-spoiler')
    return fault('Tag "span" must have class "tg-spoiler" at %');
  if (tag === 'tg-emoji' && attribute('emoji-id') === undefined)
    return fault('Tag "tg-emoji" must have attribute "emoji-id" at %');
  const href = attribute('href');
  const extra: Partial<Entity> = tag === 'a' && href !== undefined ? { url: href } : {};
  return { tag, type, start, extra };
}

function decodedEntity(name: string): string | undefined {
  if (!name.startsWith('#')) return named.get(name.toLowerCase());
  const code =
    name.startsWith('#x') || name.startsWith('#X') ? Number.parseInt(name.slice(2), 16) : Number(name.slice(1));
  return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : undefined;
}

/** White space at both ends goes, and with it what entities covered of it. */
function trim({ text, entities }: RichText): RichText {
  const start = text.length - text.trimStart().length;
  const trimmed = text.trim();
  const moved = entities.flatMap((one) => {
    const from = Math.max(0, one.offset - start);
    const to = Math.min(trimmed.length, one.offset + one.length - start);
    return to > from ? [{ ...one, offset: from, length: to - from }] : [];
  });
  return { text: trimmed, entities: moved };
}

/** What the service finds by itself in what people write: commands and mentions. */
export function foundEntities(text: string): Entity[] {
  const found = (pattern: RegExp, type: string): Entity[] =>
    [...text.matchAll(pattern)].map((match) => ({ type, offset: match.index, length: match[0].length }));
  return [
    ...found(/(?<![\w/@])\/[a-zA-Z0-9_]{1,64}(@\w{3,32})?/g, 'bot_command'),
    ...found(/(?<![\w/@])@\w{3,32}/g, 'mention'),
  ].sort((a, b) => a.offset - b.offset);
}
