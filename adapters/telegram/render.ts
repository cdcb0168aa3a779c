/** Neutral replies as Telegram shows them: a text with entities, a keyboard, a message that asks for a reply. */
import type { InlineKeyboardButton, InlineKeyboardMarkup, MessageEntity } from 'grammy/types';
import type { Button, Form, Line, Reply, Span } from '../../commands/contract/reply.ts';

/** UTF-16 units, after parsing (https://core.telegram.org/bots/api#sendmessage); the service itself is less strict. */
export const maxTextLength = 4096;
export const maxCaptionLength = 1024;

/**
 * Entities instead of markup: nothing in anybody's text can be taken for a tag, so nothing has to be escaped.
 * `offset` and `length` in UTF-16 units.
 */
export interface RichText {
  readonly text: string;
  readonly entities: MessageEntity[];
}

interface Piece {
  readonly text: string;
  readonly style?: 'bold' | 'code';
}

interface Row {
  readonly kind: Line['kind'];
  readonly pieces: readonly Piece[];
}

/** A reply's words within the limit: quotes are shortened first, then the end goes. */
export function richText({ lines }: Pick<Reply, 'lines'>, maxLength: number): RichText {
  const rows = lines.map(({ kind, spans }): Row => ({ kind, pieces: spans.map(pieceOf) }));
  return cut(joined(shortened(rows, maxLength)), maxLength);
}

function pieceOf(span: Span): Piece {
  if (typeof span === 'string') return { text: tame(span) };
  switch (span.kind) {
    case 'strong':
      return { text: tame(span.text), style: 'bold' };
    case 'code':
      return { text: legible(span.text), style: 'code' };
    case 'person':
      // A mention would ping; a name does not.
      return { text: tame(span.name) };
    case 'role':
    case 'channel':
      return { text: legible(span.id), style: 'code' };
    case 'link':
      // The service finds addresses by itself.
      return { text: legible(span.url) };
  }
}

/** The service makes a mention of every @name outside of code, and mentions ping. */
function tame(text: string): string {
  return legible(text).replaceAll(/@(?=\w)/g, '@\u2060');
}

/** Without what turns the direction of the words around it, control characters, and halves of characters. */
function legible(text: string): string {
  return text
    .toWellFormed()
    .replaceAll(/\r\n?/g, '\n')
    .replaceAll(/[\u202A-\u202E\u2066-\u2069]|(?![\t\n])\p{Cc}/gu, '');
}

const lengthOf = ({ pieces }: Row): number => pieces.reduce((sum, { text }) => sum + text.length, 0);

function shortened(rows: readonly Row[], maxLength: number): readonly Row[] {
  const quotes = rows.filter(({ kind }) => kind === 'quote');
  const total = rows.reduce((sum, row) => sum + lengthOf(row) + 1, -1);
  if (total <= maxLength || quotes.length === 0) return rows;
  const others = total - quotes.reduce((sum, row) => sum + lengthOf(row), 0);
  const each = Math.max(1, Math.floor((maxLength - others) / quotes.length));
  return rows.map((row) => (row.kind === 'quote' ? { kind: row.kind, pieces: fewer(row.pieces, each) } : row));
}

function fewer(pieces: readonly Piece[], maxLength: number): readonly Piece[] {
  let left = maxLength;
  return pieces.map((piece) => {
    const text = clipped(piece.text, left);
    left -= text.length;
    return { ...piece, text };
  });
}

/** At most `maxLength` UTF-16 units, with an ellipsis where something is missing and no character cut in half. */
export function clipped(text: string, maxLength: number): string {
  if (text.length <= maxLength) return text;
  const end = Math.max(0, maxLength - 1);
  const kept = text.slice(0, end);
  return maxLength < 1 ? '' : `${/[\uD800-\uDBFF]$/.test(kept) ? kept.slice(0, -1) : kept}…`;
}

const rowStyles = { plain: undefined, heading: 'bold', quote: 'blockquote', small: 'italic' } as const;

function joined(rows: readonly Row[]): RichText {
  const entities: MessageEntity[] = [];
  let text = '';
  for (const [index, { kind, pieces }] of rows.entries()) {
    if (index > 0) text += '\n';
    const start = text.length;
    for (const piece of pieces) {
      if (piece.style !== undefined) entities.push(entity(piece.style, text.length, piece.text.length));
      text += piece.text;
    }
    const style = rowStyles[kind];
    if (style !== undefined) entities.push(entity(style, start, text.length - start));
  }
  return { text, entities };
}

function entity(type: 'bold' | 'code' | 'blockquote' | 'italic', offset: number, length: number): MessageEntity {
  return { type, offset, length };
}

function cut({ text, entities }: RichText, maxLength: number): RichText {
  const kept = clipped(text, maxLength);
  const within = entities
    .map((entity) => ({ ...entity, length: Math.min(entity.length, kept.length - entity.offset) }))
    .filter(({ length }) => length > 0);
  return { text: kept, entities: within };
}

/** What a message says that would say nothing: the service refuses texts without anything to see. */
export function visible(rich: RichText): RichText {
  return /[^\s\p{Cf}\p{Cc}]/u.test(rich.text) ? rich : { text: '…', entities: [] };
}

/** Undefined where there are no buttons. */
export function keyboardOf(rows: Reply['rows']): InlineKeyboardMarkup | undefined {
  const keyboard = rows.filter((row) => row.length > 0).map((row) => row.map(buttonOf));
  return keyboard.length === 0 ? undefined : { inline_keyboard: keyboard };
}

function buttonOf({ label, pressId, style }: Button): InlineKeyboardButton {
  const text = legible(label).trim() === '' ? '…' : legible(label);
  switch (style) {
    case 'primary':
    case 'danger':
      return { text, callback_data: pressId, style };
    case 'secondary':
      return { text, callback_data: pressId };
  }
}

/** Of a form, in the message that asks for it. */
export interface AskedForm {
  readonly form: string;
  readonly id: string;
  readonly extra?: string | undefined;
  /** The message whose button opened it, in the same chat. */
  readonly openedFrom?: number | undefined;
  /** Of its texts, in the order in which the lines of the answer fill them. */
  readonly fields: readonly string[];
}

/**
 * A form as a message to be replied to. What it is about stands in a link on its title: the one place of a message that an
 * answer brings back, that people do not read, and that outlives a restart.
 * @param asker whose answer is wanted: in a group the reply box opens for those who are mentioned only.
 * @param openedFrom the message whose button opened it.
 */
export function formMessage(
  form: Form,
  botName: string,
  asker: { readonly id: number; readonly name: string } | undefined,
  openedFrom?: number,
) {
  const texts = form.fields.filter(({ kind }) => kind !== 'photo');
  const query = new URLSearchParams({ form: form.form, id: form.id, fields: texts.map(({ name }) => name).join(',') });
  if (form.extra !== undefined) query.set('extra', form.extra);
  if (openedFrom !== undefined) query.set('from', String(openedFrom));
  const title = legible(form.title);
  const lines = form.fields.flatMap(({ label, hint, value, chosen = [] }): Line[] => {
    const present = value ?? chosen.map(({ id }) => id).join(' ');
    const asked: Line = { kind: 'plain', spans: [hint === undefined ? label : `${label} ${hint}`] };
    return present === '' ? [asked] : [asked, { kind: 'quote', spans: [present] }];
  });
  const name = asker === undefined ? '' : ` ${tame(asker.name)}`;
  const head = `${title}${name}\n`;
  const body = richText({ lines }, maxTextLength - head.length);
  const entities: MessageEntity[] = [
    { type: 'text_link', offset: 0, length: title.length, url: `https://t.me/${botName}?${query.toString()}` },
    ...mentionOf(asker, title.length + 1, name.length - 1),
    ...body.entities.map((entity) => ({ ...entity, offset: entity.offset + head.length })),
  ];
  return { text: head + body.text, entities, placeholder: clipped(legible(texts[0]?.label ?? title), 64) };
}

function mentionOf(asker: { readonly id: number; readonly name: string } | undefined, offset: number, length: number) {
  if (asker === undefined || length < 1) return [];
  const user = { id: asker.id, is_bot: false, first_name: asker.name };
  return [{ type: 'text_mention', offset, length, user } satisfies MessageEntity];
}

/** The form that one of the bot's own messages asks for. */
export function askedForm(entities: readonly MessageEntity[], botName: string): AskedForm | undefined {
  const [first] = entities;
  if (first?.type !== 'text_link' || !URL.canParse(first.url)) return undefined;
  const { host, pathname, searchParams } = new URL(first.url);
  const [form, id] = [searchParams.get('form'), searchParams.get('id')];
  if (host !== 't.me' || pathname !== `/${botName}` || form === null || id === null) return undefined;
  const fields = (searchParams.get('fields') ?? '').split(',').filter((name) => name !== '');
  const openedFrom = Number(searchParams.get('from') ?? 0);
  const extra = searchParams.get('extra') ?? undefined;
  return { form, id, extra, openedFrom: openedFrom > 0 ? openedFrom : undefined, fields };
}

/** An answer's text as the fields of its form: one field takes it all, several a line each and the last one the rest. */
export function filledFields({ fields }: AskedForm, text: string): Readonly<Record<string, string>> {
  const lines = text.split('\n');
  const filled = fields.map((name, index): [string, string] => {
    const isLast = index === fields.length - 1;
    return [name, (isLast ? lines.slice(index).join('\n') : (lines[index] ?? '')).trim()];
  });
  return Object.fromEntries(filled.filter(([, value]) => value !== ''));
}
