import { z } from 'zod';
import type { WireFile } from '../../wire/record.ts';
import { checked, DiscordRefusal, invalidField, tooLarge } from '../errors.ts';
import { checkTogether, layoutComponents, legacyComponents, mediaUrls, number } from './components.ts';
import type { TopComponent } from './components.ts';

export const Flags = {
  suppressEmbeds: 1 << 2,
  ephemeral: 1 << 6,
  loading: 1 << 7,
  suppressNotifications: 1 << 12,
  voice: 1 << 13,
  componentsV2: 1 << 15,
} as const;

/** Which request writes the message; each allows other flags. */
export type WritingStep = 'channel-create' | 'reply' | 'followup' | 'edit';

const sendFlags = Flags.suppressEmbeds | Flags.suppressNotifications | Flags.voice | Flags.componentsV2;
const allowedFlags: { [step in WritingStep]: number } = {
  'channel-create': sendFlags,
  reply: sendFlags | Flags.ephemeral,
  followup: sendFlags | Flags.ephemeral,
  edit: Flags.suppressEmbeds | Flags.componentsV2,
};

const text = (max: number): z.ZodOptional<z.ZodNullable<z.ZodString>> => z.string().max(max).nullable().optional();
const link = z.object({ url: z.string().regex(/^(https?|attachment):\/\/./) });
const embed = z.object({
  title: text(256),
  description: text(4096),
  url: text(2048),
  color: z.int().min(0).max(0xffffff).nullish(),
  timestamp: z.string().nullish(),
  footer: z.object({ text: z.string().max(2048), icon_url: text(2048) }).nullish(),
  author: z.object({ name: z.string().max(256), url: text(2048), icon_url: text(2048) }).nullish(),
  image: link.nullish(),
  thumbnail: link.nullish(),
  fields: z
    .array(
      z.object({
        name: z.string().min(1).max(256),
        value: z.string().min(1).max(1024),
        inline: z.boolean().optional(),
      }),
    )
    .max(25)
    .nullish(),
});
export type Embed = z.output<typeof embed>;

const allowedMentions = z
  .object({
    parse: z.array(z.literal(['roles', 'users', 'everyone'])).optional(),
    users: z.array(z.string()).max(100).optional(),
    roles: z.array(z.string()).max(100).optional(),
    replied_user: z.boolean().nullish(),
  })
  .refine((value) => !(value.parse?.includes('users') === true && (value.users?.length ?? 0) > 0), {
    message: 'parse:["users"] and users: [ids...] are mutually exclusive.',
    params: { code: 'MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE' },
  });
export type AllowedMentions = z.output<typeof allowedMentions>;

const messageBody = z.object({
  content: text(2000),
  embeds: z.array(embed).max(10).nullish(),
  components: z.array(z.unknown()).nullish(),
  flags: z.int().min(0).nullish(),
  attachments: z
    .array(
      z.object({
        id: z.union([z.string().regex(/^\d+$/), z.int().min(0)]).transform(String),
        filename: z.string().max(1024).optional(),
        description: text(1024),
      }),
    )
    .nullish(),
  allowed_mentions: allowedMentions.nullish(),
  message_reference: z
    .object({ message_id: z.string(), fail_if_not_exists: z.boolean().optional(), type: z.literal([0, 1]).optional() })
    .nullish(),
  nonce: z.union([z.string().max(25), z.int()]).nullish(),
  enforce_nonce: z.boolean().nullish(),
  sticker_ids: z.array(z.string()).nullish(),
  poll: z.unknown().optional(),
});
type MessageBody = z.output<typeof messageBody>;

/** What the message was before an edit. */
export interface Before {
  content: string;
  embeds: readonly Embed[];
  components: readonly TopComponent[];
  flags: number;
  attachments: readonly { id: string; filename: string; url: string }[];
}

/** What a request makes of a message: everything as it shall be, new files still to be stored. */
export interface Draft {
  content: string;
  embeds: readonly Embed[];
  components: TopComponent[];
  flags: number;
  /** Ids of the old attachments that stay. */
  kept: string[];
  added: { file: WireFile; description: string | undefined }[];
  allowedMentions: AllowedMentions | undefined;
  body: MessageBody;
}

const nothing: Before = { content: '', embeds: [], components: [], flags: 0, attachments: [] };

/**
 * Reads a request that writes a message.
 *
 * @param at Path of the message in the body: `['data']` in interaction callbacks.
 * @throws {DiscordRefusal}
 */
export function drafted(
  raw: unknown,
  files: readonly WireFile[],
  step: WritingStep,
  options: { maxFileBytes: number; before?: Before | undefined; at?: readonly PropertyKey[] },
): Draft {
  const { before = nothing, at = [] } = options;
  const body = checked(messageBody, raw ?? {}, at);
  const flags = finalFlags(body.flags ?? undefined, step, before, at);
  const v2 = (flags & Flags.componentsV2) !== 0;
  if (v2) refuseLegacyFields(body, before, at);
  const content = body.content === undefined ? before.content : (body.content ?? '');
  const embeds = body.embeds === undefined ? before.embeds : (body.embeds ?? []);
  checkEmbedSize(embeds, at);
  const components = finalComponents(body.components, v2, before, at);
  const { kept, added } = finalFiles(body, files, before, options.maxFileBytes, at);
  checkMedia(components, embeds, before, kept, added, at);
  const empty = v2
    ? components.length === 0
    : content.trim() === '' && embeds.length === 0 && components.length === 0 && kept.length + added.length === 0;
  if (empty) throw new DiscordRefusal(400, 50_006, 'Cannot send an empty message');
  const { allowed_mentions: mentions } = body;
  return { content, embeds, components, flags, kept, added, allowedMentions: mentions ?? undefined, body };
}

function finalFlags(asked: number | undefined, step: WritingStep, before: Before, at: readonly PropertyKey[]): number {
  if (((asked ?? 0) & ~allowedFlags[step]) !== 0)
    throw invalidField([...at, 'flags'], 'MESSAGE_FLAGS_INVALID', `These flags cannot be set here (${step}).`);
  if (step !== 'edit') return asked ?? 0;
  // The V2 flag can be added by an edit and never taken away; EPHEMERAL is what it was at the start.
  const sticky = before.flags & (Flags.componentsV2 | Flags.ephemeral);
  const suppress = (asked ?? before.flags) & Flags.suppressEmbeds;
  return sticky | suppress | ((asked ?? 0) & Flags.componentsV2);
}

function refuseLegacyFields(body: MessageBody, before: Before, at: readonly PropertyKey[]): void {
  const refuse = (field: string): never => {
    throw invalidField(
      [...at, field],
      'MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2',
      `The '${field}' field cannot be used when using MessageFlags.IS_COMPONENTS_V2`,
    );
  };
  if ((body.content ?? '') !== '' || (body.content === undefined && before.content !== '')) refuse('content');
  if ((body.embeds?.length ?? 0) > 0 || (body.embeds === undefined && before.embeds.length > 0)) refuse('embeds');
  if ((body.sticker_ids?.length ?? 0) > 0) refuse('sticker_ids');
  if (body.poll !== undefined && body.poll !== null) refuse('poll');
}

function checkEmbedSize(embeds: readonly Embed[], at: readonly PropertyKey[]): void {
  const length = (one: Embed): number =>
    [
      one.title,
      one.description,
      one.footer?.text,
      one.author?.name,
      ...(one.fields ?? []).flatMap((f) => [f.name, f.value]),
    ]
      .map((part) => part?.length ?? 0)
      .reduce((sum, part) => sum + part, 0);
  if (embeds.reduce((sum, one) => sum + length(one), 0) > 6000)
    throw invalidField([...at, 'embeds'], 'MAX_EMBED_SIZE_EXCEEDED', 'Embed size exceeds maximum size of 6000');
}

function finalComponents(
  asked: unknown[] | null | undefined,
  v2: boolean,
  before: Before,
  at: readonly PropertyKey[],
): TopComponent[] {
  if (asked === undefined) {
    if (v2 && (before.flags & Flags.componentsV2) === 0 && before.components.length === 0)
      throw invalidField([...at, 'components'], 'BASE_TYPE_REQUIRED', 'This field is required');
    return structuredClone([...before.components]);
  }
  const components: TopComponent[] = checked(v2 ? layoutComponents : legacyComponents, asked ?? [], [
    ...at,
    'components',
  ]);
  checkTogether(components);
  number(components);
  return components;
}

function finalFiles(
  body: MessageBody,
  files: readonly WireFile[],
  before: Before,
  maxFileBytes: number,
  at: readonly PropertyKey[],
): Pick<Draft, 'kept' | 'added'> {
  const uploads = new Map<string, WireFile>();
  for (const file of files) {
    const index = /^files\[(\d+)\]$/.exec(file.field)?.[1];
    if (index === undefined || uploads.has(index))
      throw invalidField([file.field], 'MULTIPART_FIELD_UNKNOWN', 'Files must be named files[n], each n once');
    if (file.name === '') throw invalidField([file.field], 'BASE_TYPE_REQUIRED', 'A file needs a filename');
    if (file.bytes.length > maxFileBytes) throw tooLarge();
    uploads.set(index, file);
  }
  const entries = body.attachments ?? undefined;
  const described = new Map((entries ?? []).map((entry) => [entry.id, entry]));
  const old = new Set(before.attachments.map((attachment) => attachment.id));
  for (const [index, { id }] of (entries ?? []).entries()) {
    if (!uploads.has(id) && !old.has(id))
      throw invalidField(
        [...at, 'attachments', index, 'id'],
        'ATTACHMENT_NOT_FOUND',
        'No file and no attachment with this id',
      );
  }
  // API v10: with `attachments` an edit names all that shall remain; without it everything stays.
  if (entries !== undefined) {
    for (const index of uploads.keys()) {
      if (!described.has(index))
        throw invalidField([...at, 'attachments'], 'ATTACHMENT_NOT_LISTED', `files[${index}] is not in attachments`);
    }
  }
  const kept = entries === undefined ? [...old] : [...old].filter((id) => described.has(id));
  if (kept.length + uploads.size > 10)
    throw new DiscordRefusal(400, 30_015, 'Maximum number of attachments in a message reached (10)');
  const added = [...uploads].map(([index, file]) => {
    const entry = described.get(index);
    return { file: { ...file, name: entry?.filename ?? file.name }, description: entry?.description ?? undefined };
  });
  return { kept, added };
}

/** Every `attachment://` and every URL of an own attachment has to be among the message's files. */
function checkMedia(
  components: readonly TopComponent[],
  embeds: readonly Embed[],
  before: Before,
  kept: readonly string[],
  added: Draft['added'],
  at: readonly PropertyKey[],
): void {
  const remaining = before.attachments.filter((attachment) => kept.includes(attachment.id));
  const names = new Set([...remaining.map((attachment) => attachment.filename), ...added.map(({ file }) => file.name)]);
  const gone = before.attachments
    .filter((attachment) => !kept.includes(attachment.id))
    .map((attachment) => attachment.url);
  const urls = [...mediaUrls(components), ...embeds.flatMap((one) => [one.image?.url, one.thumbnail?.url])];
  for (const url of urls) {
    if (url === undefined) continue;
    const name = url.startsWith('attachment://') ? url.slice('attachment://'.length) : undefined;
    if ((name !== undefined && !names.has(name)) || gone.includes(url))
      throw invalidField(
        [...at, 'components'],
        'UNFURLED_MEDIA_ITEM_REFERENCED_ATTACHMENT_NOT_FOUND',
        `The attachment ${name ?? url} is not part of the message`,
      );
  }
}
