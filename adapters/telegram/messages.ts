/** The bot's own messages: posted, edited wholly, removed. Knows replies and the Bot API, and nobody who presses. */
import { type Api, InputMediaBuilder } from 'grammy';
import type { InlineKeyboardMarkup } from 'grammy/types';
import { z } from 'zod';
import type { PostTarget } from '../../commands/contract/outgoing.ts';
import type { Reply } from '../../commands/contract/reply.ts';
import { Fault } from '../../src/errors.ts';
import type { Address } from '../../src/jobs/adapter.ts';
import { clientSignal, isRefused, successorOf } from './calls.ts';
import { blankPhoto, documentOf, photoOf } from './files.ts';
import { keyboardOf, maxCaptionLength, maxTextLength, type RichText, richText, visible } from './render.ts';

const place = z.object({
  /** The chat's id; numbers of 52 bits at most. */
  chat: z.string().regex(/^-?\d{1,16}$/),
  messageId: z.int().positive(),
  threadId: z.int().positive().optional(),
});

/** Where one of the bot's messages stands; the adapter's part of an `Address`. */
export type Place = Readonly<z.infer<typeof place>>;

/** @throws Fault for what this adapter did not write. */
export function placeOf(address: Address): Place {
  const { success, data } = place.safeParse(address);
  if (!success) throw new Fault('Expected the address of a Telegram message for `address`.');
  return data;
}

export function addressAt({ chat, messageId, threadId }: Place): Address {
  return { chat, messageId, ...(threadId === undefined ? {} : { threadId }) };
}

/** @property replyTo the message that it answers; none where that is gone meanwhile. */
export interface Target {
  readonly chat: string;
  readonly threadId?: number | undefined;
  readonly replyTo?: number | undefined;
}

/** @throws Fault for ids that are none of Telegram's. */
export function targetOf(target: PostTarget): Target {
  const isPerson = target.kind === 'person';
  const { success, data } = place.omit({ messageId: true }).safeParse({
    chat: isPerson ? target.userId : target.channelId,
    threadId: isPerson || target.threadId === undefined ? undefined : Number(target.threadId),
  });
  if (!success) throw new Fault('Expected the ids of a Telegram chat for `target`.');
  return data;
}

/** Posts a message with everything that the reply has; its files follow, each a message of its own. */
export async function post(api: Api, target: Target, reply: Reply, signal: AbortSignal): Promise<Place> {
  return following(target, async (to) => {
    const messageId = await postFirst(api, to, reply, signal);
    const { chat, threadId } = to;
    await postFiles(api, { chat, threadId }, reply, signal);
    return { chat, messageId, ...(threadId === undefined ? {} : { threadId }) };
  });
}

/** What is for a group that became a supergroup goes there, where its messages and topics are not to be found. */
async function following<T>(target: Target, send: (to: Target) => Promise<T>): Promise<T> {
  try {
    return await send(target);
  } catch (error) {
    const chat = successorOf(error);
    if (chat === undefined) throw error;
    return send({ chat });
  }
}

async function postFirst(api: Api, target: Target, reply: Reply, signal: AbortSignal): Promise<number> {
  const stop = clientSignal(signal);
  const { chat } = target;
  const options = { ...sendOptions(target), ...markup(keyboardOf(reply.rows)) };
  if (reply.pictures.length === 0) {
    const { text, entities } = visible(richText(reply, maxTextLength));
    const more = { ...options, entities, link_preview_options: { is_disabled: true } };
    return (await api.sendMessage(chat, text, more, stop)).message_id;
  }
  const photo = await photoOf(reply.pictures);
  const more = { ...options, ...caption(richText(reply, maxCaptionLength)), has_spoiler: isSpoiler(reply) };
  return (await api.sendPhoto(chat, photo, more, stop)).message_id;
}

/** Files without any words are messages by themselves. */
export async function postFiles(api: Api, target: Target, { files }: Reply, signal: AbortSignal): Promise<void> {
  for (const file of files) {
    const document = await documentOf(file);
    await following(target, (to) => api.sendDocument(to.chat, document, sendOptions(to), clientSignal(signal)));
  }
}

/** Whether a reply has anything to say besides its files. */
export function hasBody({ lines, pictures, rows }: Reply): boolean {
  return lines.length > 0 || pictures.length > 0 || rows.length > 0;
}

/** A text that opens the reply box of those whom it mentions; of everybody in a private chat. */
export async function postQuestion(
  api: Api,
  target: Target,
  question: RichText & { readonly placeholder: string },
  signal: AbortSignal,
): Promise<void> {
  const { text, entities, placeholder } = question;
  const replyMarkup = {
    force_reply: true,
    selective: true,
    ...(placeholder === '' ? {} : { input_field_placeholder: placeholder }),
  } as const;
  const more = { entities, reply_markup: replyMarkup, link_preview_options: { is_disabled: true } };
  await following(target, (to) =>
    api.sendMessage(to.chat, text, { ...sendOptions(to), ...more }, clientSignal(signal)),
  );
}

/**
 * Makes the message what the reply says, whatever it was; one that says so already stays as it is.
 * @throws GrammyError, HttpError
 */
export async function edit(api: Api, at: Place, reply: Reply, signal: AbortSignal): Promise<void> {
  try {
    if (reply.pictures.length > 0) await editToPhoto(api, at, reply, signal);
    else await editToText(api, at, reply, signal);
  } catch (error) {
    if (!isRefused(error, /message is not modified/)) throw error;
  }
}

async function editToPhoto(api: Api, { chat, messageId }: Place, reply: Reply, signal: AbortSignal): Promise<void> {
  const media = InputMediaBuilder.photo(await photoOf(reply.pictures), {
    ...caption(richText(reply, maxCaptionLength)),
    has_spoiler: isSpoiler(reply),
  });
  await api.editMessageMedia(chat, messageId, media, markup(keyboardOf(reply.rows)), clientSignal(signal));
}

/** Changes what the message says and its buttons, and leaves its picture, if it shows one, as it is. */
export async function editWords(api: Api, at: Place, reply: Reply, signal: AbortSignal): Promise<void> {
  try {
    await editToText(api, at, reply, signal, editCaption);
  } catch (error) {
    if (!isRefused(error, /message is not modified/)) throw error;
  }
}

/** @param otherwise where the message shows a picture, and so has no text. */
async function editToText(
  api: Api,
  at: Place,
  reply: Reply,
  signal: AbortSignal,
  otherwise: typeof editToBlank = editToBlank,
): Promise<void> {
  const { text, entities } = visible(richText(reply, maxTextLength));
  const more = { entities, link_preview_options: { is_disabled: true }, ...markup(keyboardOf(reply.rows)) };
  try {
    await api.editMessageText(at.chat, at.messageId, text, more, clientSignal(signal));
  } catch (error) {
    if (!isRefused(error, /no text in the message/)) throw error;
    await otherwise(api, at, reply, signal);
  }
}

async function editCaption(api: Api, { chat, messageId }: Place, reply: Reply, signal: AbortSignal): Promise<void> {
  const more = { ...caption(richText(reply, maxCaptionLength)), ...markup(keyboardOf(reply.rows)) };
  await api.editMessageCaption(chat, messageId, more, clientSignal(signal));
}

async function editToBlank(api: Api, { chat, messageId }: Place, reply: Reply, signal: AbortSignal): Promise<void> {
  const media = InputMediaBuilder.photo(await blankPhoto(), caption(richText(reply, maxCaptionLength)));
  await api.editMessageMedia(chat, messageId, media, markup(keyboardOf(reply.rows)), clientSignal(signal));
}

/**
 * Removes the message; one that is gone is fine. After 48 hours bots cannot
 * (https://core.telegram.org/bots/api#deletemessage): then it loses all that it shows.
 */
export async function remove(api: Api, at: Place, signal: AbortSignal): Promise<void> {
  try {
    await api.deleteMessage(at.chat, at.messageId, clientSignal(signal));
  } catch (error) {
    if (isRefused(error, /message to delete not found|MESSAGE_ID_INVALID/)) return;
    if (!isRefused(error, /can't be deleted/)) throw error;
    await edit(api, at, removed, signal);
  }
}

const removed: Reply = {
  kind: 'edit-placeholder',
  visibility: 'all',
  lines: [{ kind: 'plain', spans: ['🗑'] }],
  pictures: [],
  rows: [],
  files: [],
};

function sendOptions({ threadId, replyTo }: Target) {
  return {
    ...(threadId === undefined ? {} : { message_thread_id: threadId }),
    ...(replyTo === undefined ? {} : { reply_parameters: { message_id: replyTo, allow_sending_without_reply: true } }),
  };
}

function caption({ text, entities }: RichText) {
  return { caption: text, caption_entities: entities };
}

function markup(keyboard: InlineKeyboardMarkup | undefined) {
  return keyboard === undefined ? {} : { reply_markup: keyboard };
}

function isSpoiler({ pictures }: Reply): boolean {
  return pictures.some((picture) => picture.isSpoiler);
}
