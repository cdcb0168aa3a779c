/** Neutral replies as Discord's Components V2 (https://discord.com/developers/docs/components/reference). */
import {
  type APIActionRowComponent,
  type APIChannelSelectComponent,
  type APIComponentInMessageActionRow,
  type APILabelComponent,
  type APIMentionableSelectComponent,
  type APIMessageTopLevelComponent,
  type APIModalInteractionResponseCallbackData,
  ButtonStyle,
  ComponentType,
  SelectMenuDefaultValueType,
  TextInputStyle,
} from 'discord.js';
import { encodePressId } from '../../commands/contract/press-id.ts';
import {
  type Button,
  type Form,
  type FormField,
  type Line,
  type Mentioned,
  type Reply,
  type Span,
  spanText,
} from '../../commands/contract/reply.ts';
import { pictureFile, type SentFile } from './files.ts';

/** The parts of a message that a reply decides; `attachments` names all that the message keeps. */
export interface RenderedMessage {
  readonly components: APIMessageTopLevelComponent[];
  readonly attachments: { readonly id: number; readonly filename: string; readonly description?: string }[];
  readonly files: SentFile[];
}

const most = {
  text: 4000,
  altText: 1024,
  pictures: 10,
  rows: 5,
  buttons: 5,
  label: 80,
  title: 45,
  fields: 5,
  chosen: 25,
};

/** @param maxUploadBytes of one file. */
export async function renderMessage(reply: Reply, maxUploadBytes: number): Promise<RenderedMessage> {
  const pictures = reply.pictures.slice(0, most.pictures);
  const shownFiles: SentFile[] = [];
  // One after the other: a picture that has to be made smaller takes its pixels in memory.
  for (const [i, picture] of pictures.entries()) {
    shownFiles.push(await pictureFile(picture, `cow-${i + 1}`, maxUploadBytes));
  }
  const items = pictures.map(({ altText, isSpoiler }, i) => ({
    media: { url: `attachment://${shownFiles[i]?.name}` },
    description: cut(altText, most.altText),
    spoiler: isSpoiler,
  }));
  const files = await Promise.all(
    reply.files.map(async (file) => ({
      name: file.name,
      contentType: file.mediaType,
      data: Buffer.from(await file.bytes()),
    })),
  );
  const text = renderLines(reply.lines);
  const components: APIMessageTopLevelComponent[] = [
    ...(text === '' ? [] : [{ type: ComponentType.TextDisplay, content: text } as const]),
    ...(items.length === 0 ? [] : [{ type: ComponentType.MediaGallery, items } as const]),
    ...files.map(({ name }) => ({ type: ComponentType.File, file: { url: `attachment://${name}` } }) as const),
    ...reply.rows.slice(0, most.rows).flatMap(renderRow),
  ];
  const sent = [...shownFiles, ...files];
  return {
    // Discord takes no message without a component.
    components: components.length > 0 ? components : [{ type: ComponentType.TextDisplay, content: '…' }],
    attachments: sent.map(({ name }, id) => ({
      id,
      filename: name,
      ...(items[id] === undefined ? {} : { description: items[id].description }),
    })),
    files: sent,
  };
}

export function renderForm({ form, id, extra, title, fields }: Form): APIModalInteractionResponseCallbackData {
  return {
    custom_id: encodePressId({ action: form, id, extra }),
    title: cut(title, most.title),
    components: fields.slice(0, most.fields).map(renderField),
  };
}

function renderField(field: FormField): APILabelComponent {
  const { name, kind, label, value, isRequired, maxLength } = field;
  const wrapper = { type: ComponentType.Label, label: cut(label, most.title) } as const;
  if (kind === 'photo') {
    const count = { min_values: isRequired ? 1 : 0, max_values: 1 };
    return {
      ...wrapper,
      component: { type: ComponentType.FileUpload, custom_id: name, required: isRequired, ...count },
    };
  }
  if (kind === 'mentions' || kind === 'channels') return { ...wrapper, component: renderList(field, kind) };
  const maxChars = Math.min(maxLength ?? most.text, most.text);
  return {
    ...wrapper,
    component: {
      type: ComponentType.TextInput,
      custom_id: name,
      style: kind === 'line' ? TextInputStyle.Short : TextInputStyle.Paragraph,
      required: isRequired,
      max_length: maxChars,
      ...(value === undefined ? {} : { value: cut(value, maxChars) }),
    },
  };
}

/** https://discord.com/developers/docs/components/reference#mentionable-select, #channel-select */
function renderList(
  { name, isRequired, chosen = [], maxChosen = most.chosen }: FormField,
  kind: 'mentions' | 'channels',
): APIMentionableSelectComponent | APIChannelSelectComponent {
  const shared = {
    custom_id: name,
    required: isRequired,
    min_values: isRequired ? 1 : 0,
    max_values: Math.min(maxChosen, most.chosen),
  };
  const shown = chosen.slice(0, shared.max_values);
  const ids = (one: Mentioned['kind']): string[] =>
    shown.filter(({ kind: other }) => other === one).map(({ id }) => id);
  if (kind === 'channels') {
    const defaults = ids('channel').map((id) => ({
      id: threadOf(id),
      type: SelectMenuDefaultValueType.Channel as const,
    }));
    return { ...shared, type: ComponentType.ChannelSelect, default_values: defaults };
  }
  const roles = ids('role').map((id) => ({ id, type: SelectMenuDefaultValueType.Role as const }));
  const people = ids('person').map((id) => ({ id, type: SelectMenuDefaultValueType.User as const }));
  return { ...shared, type: ComponentType.MentionableSelect, default_values: [...roles, ...people] };
}

/** A thread is a channel of its own. */
function threadOf(id: string): string {
  return id.split('/').at(-1) ?? id;
}

const styles = { primary: ButtonStyle.Primary, secondary: ButtonStyle.Secondary, danger: ButtonStyle.Danger } as const;

function renderRow(buttons: readonly Button[]): APIActionRowComponent<APIComponentInMessageActionRow>[] {
  if (buttons.length === 0) return [];
  const components = buttons.slice(0, most.buttons).map(({ label, pressId, style }) => ({
    type: ComponentType.Button as const,
    style: styles[style],
    label: cut(label, most.label),
    custom_id: pressId,
  }));
  return [{ type: ComponentType.ActionRow, components }];
}

/** All lines in at most 4,000 characters of markdown: quotes give way first. */
function renderLines(lines: readonly Line[]): string {
  const whole = lines.map((line) => renderLine(line, Infinity));
  const isQuote = (i: number): boolean => lines[i]?.kind === 'quote';
  const used = whole.reduce((sum, text, i) => sum + (isQuote(i) ? 1 : text.length + 1), 0);
  const quotes = lines.filter(({ kind }) => kind === 'quote').length;
  const forEach = Math.max(0, Math.floor((most.text - used) / Math.max(1, quotes)));
  const fitting = lines.map((line, i) => (isQuote(i) ? renderLine(line, forEach) : (whole[i] ?? '')));
  return cut(fitting.filter((text) => text !== '').join('\n'), most.text);
}

const prefixes: Readonly<Record<Line['kind'], string>> = { plain: '', heading: '### ', quote: '> ', small: '-# ' };

/** @param maxChars of the markdown; characters of the line are left out until it fits. */
function renderLine({ kind, spans }: Line, maxChars: number): string {
  const prefix = prefixes[kind];
  const text = spans.map(renderSpan).join('');
  const marked = withPrefix(text, prefix);
  if (marked.length <= maxChars) return marked;
  let fits = '';
  for (const character of spans.map(spanText).join('')) {
    const longer = fits + escaped(character) + (character === '\n' ? prefix : '');
    if (prefix.length + longer.length + 1 > maxChars) break;
    fits = longer;
  }
  return maxChars < prefix.length + 1 ? '' : `${prefix}${fits}…`;
}

function withPrefix(text: string, prefix: string): string {
  return text
    .split('\n')
    .map((line) => prefix + line)
    .join('\n');
}

function renderSpan(span: Span): string {
  if (typeof span === 'string') return escaped(span);
  switch (span.kind) {
    case 'strong':
      return `**${escaped(span.text)}**`;
    case 'code':
      // Nothing can be escaped within code but by leaving it out.
      return `\`${withoutControls(span.text).replaceAll('`', 'ˋ').replaceAll('\n', ' ')}\``;
    case 'person':
      return `<@${span.userId}>`;
    case 'role':
      return `<@&${span.id}>`;
    case 'channel':
      return `<#${threadOf(span.id)}>`;
    case 'link':
      // Without a preview of the page below the message.
      return `<${span.url}>`;
  }
}

/** Markdown, mentions (`<@…>`, `@everyone`), custom emoji, time stamps and links: all of them begin with one of these. */
function escaped(text: string): string {
  return withoutControls(text)
    .replaceAll(/[\\*_~`|<>[\]#@]/g, String.raw`\$&`)
    .replaceAll('://', String.raw`:\/\/`)
    .replaceAll(/^(\s*)([-+])/gm, String.raw`$1\$2`)
    .replaceAll(/^(\s*\d+)\./gm, String.raw`$1\.`);
}

/** Control characters but line breaks, and marks that turn the direction of what comes after the text. */
function withoutControls(text: string): string {
  return text.replaceAll(/(?!\n)\p{Cc}|[\u202a-\u202e\u2066-\u2069]/gu, '');
}

/** @param maxChars in UTF-16 units; a character of two is left out whole. */
function cut(text: string, maxChars: number): string {
  if (text.length <= maxChars) return text;
  return `${text.slice(0, maxChars - 1).replace(/[\ud800-\udbff]$/, '')}…`;
}
