/** From Telegram's updates to neutral acts. Pure: asks nobody, remembers nothing. */
import { createHash } from 'node:crypto';
import type { CallbackQuery, Message, Update, User, UserFromGetMe } from 'grammy/types';
import { argumentsFromText } from '../../commands/arguments.ts';
import type { Act, Actor, PhotoHandle } from '../../commands/contract/act.ts';
import { idOfAll, parsePressId } from '../../commands/contract/press-id.ts';
import { commandByName } from '../../commands/table.ts';
import type { FileReference, OpenFile } from './files.ts';
import { type AskedForm, askedForm, filledFields } from './render.ts';

/** The kinds of updates that are read; no others are asked for. */
export const updateKinds = ['message', 'edited_message', 'callback_query'] as const;

/** Where an act came from, as far as the update says. */
export interface Spot {
  readonly chatId: number;
  readonly kind: 'private' | 'community';
  readonly threadId?: number | undefined;
  /** The message that it was said in; the one whose button was pressed. */
  readonly messageId: number;
  /** Whether it was said in the group's own name: by one of its anonymous administrators. */
  readonly isAnonymousAdmin: boolean;
}

export interface Received {
  readonly act: Act;
  readonly actor: Actor;
  readonly spot: Spot;
  /** Of the press that has to be answered. */
  readonly callbackId?: string | undefined;
  /** Of the message whose button opened the form that was answered. */
  readonly openedFrom?: number | undefined;
}

export interface Reading {
  readonly me: UserFromGetMe;
  readonly open: OpenFile;
}

/**
 * @param album the other messages of the album that the update belongs to, in their order.
 * @returns undefined for what is not meant for the bot.
 */
export function receive(update: Update, reading: Reading, album: readonly Message[] = []): Received | undefined {
  const { message, edited_message: edited, callback_query: query } = update;
  if (query !== undefined) return pressed(query, update.update_id);
  if (edited !== undefined) return isCaptionedAlone(edited) ? said([edited], update.update_id, reading) : undefined;
  if (message === undefined) return undefined;
  return said(album.length > 0 ? album : [message], update.update_id, reading);
}

export interface ChatMove {
  readonly from: string;
  readonly to: string;
}

/** What the service says in both chats when a group becomes a supergroup. */
export function moveOf({ chat, migrate_to_chat_id: to, migrate_from_chat_id: from }: Message): ChatMove | undefined {
  if (to !== undefined) return { from: String(chat.id), to: String(to) };
  return from === undefined ? undefined : { from: String(from), to: String(chat.id) };
}

/** An edit brings no more than its own picture of an album, and texts are answered where they stand. */
function isCaptionedAlone(message: Message): boolean {
  return message.caption !== undefined && message.media_group_id === undefined && filesOf(message).length > 0;
}

function pressed(query: CallbackQuery, updateId: number): Received | undefined {
  const { id, from, message, data = '' } = query;
  // Without a message it was sent by way of some other bot or chat, where this one has no buttons.
  if (message === undefined) return undefined;
  const press = parsePressId(data) ?? { action: 'unknown', id: '-' };
  return {
    act: { kind: 'press', requestId: `update:${updateId}`, press },
    actor: actorOf(from),
    // Whoever the message is by, the press is by a person under their own name.
    spot: { ...spotOf(message), isAnonymousAdmin: false },
    callbackId: id,
  };
}

function said(messages: readonly Message[], updateId: number, reading: Reading): Received | undefined {
  const told = messages.find(({ text, caption }) => (text ?? caption) !== undefined) ?? messages[0];
  const { from } = told;
  if (from === undefined || isAboutTheChat(told)) return undefined;
  const asked = formAsked(told, reading);
  const act = actOf(told, messages, requestIdOf(told, updateId), reading);
  if (act === undefined) return undefined;
  const openedFrom = act.kind === 'form' ? asked?.openedFrom : undefined;
  return { act, actor: speakerOf(from, told), spot: spotOf(told), openedFrom };
}

/** The form that a message answers. */
function formAsked({ reply_to_message: above }: Message, { me }: Reading): AskedForm | undefined {
  return above?.from?.id === me.id ? askedForm(above.entities ?? [], me.username) : undefined;
}

function actOf(told: Message, messages: readonly Message[], requestId: string, reading: Reading): Act | undefined {
  const { me, open } = reading;
  const { reply_to_message: above } = told;
  // In a forum everything answers the topic's first message, which the bot itself may have opened.
  const repliedTo = above?.forum_topic_created === undefined ? above : undefined;
  const text = (told.text ?? told.caption ?? '').trim();
  const attached = messages.flatMap(filesOf);
  const pointedAt = repliedTo === undefined ? [] : filesOf(repliedTo);
  const isOwn = repliedTo?.from?.id === me.id;
  const opened = (references: readonly FileReference[]): PhotoHandle[] => references.map(open);
  const command = commandIn(text, me.username);
  if (command !== undefined) {
    const { name, rest, isForOther } = command;
    if (isForOther) return undefined;
    const entry = commandByName(name);
    // In groups other bots have commands too.
    if (entry === undefined && told.chat.type !== 'private' && !command.isAddressed) return undefined;
    const args = entry === undefined ? {} : argumentsFromText(entry, rest);
    const photos = opened([...attached, ...pointedAt]);
    const id = isOwn ? idOfAll(buttonsOf(repliedTo)) : undefined;
    const writer = repliedTo?.from?.is_bot === false ? String(repliedTo.from.id) : undefined;
    return {
      kind: 'command',
      requestId,
      name,
      args,
      photos,
      ...(id === undefined ? {} : { pointedAt: id }),
      ...(writer === undefined ? {} : { personPointedAt: writer }),
    };
  }
  const asked = formAsked(told, reading);
  if (asked !== undefined) {
    const { form, id, extra } = asked;
    return { kind: 'form', requestId, form, id, extra, fields: filledFields(asked, text), photos: opened(attached) };
  }
  const words = withoutMention(text, me.username);
  if (told.chat.type !== 'private' && !isOwn && words === text) return undefined;
  return { kind: 'message', requestId, text: words, photos: opened(isOwn ? attached : [...attached, ...pointedAt]) };
}

/** What the buttons under a message carry. */
function buttonsOf({ reply_markup: markup }: Message): string[] {
  return (markup?.inline_keyboard.flat() ?? []).flatMap((button) =>
    'callback_data' in button ? button.callback_data : [],
  );
}

/**
 * The service may send an edit where nothing changed that a bot can see (https://core.telegram.org/bots/api#update), so
 * what has a caption counts by what it says, and an edit that says something new is a new request.
 */
function requestIdOf(message: Message, updateId: number): string {
  const { chat, message_id: id, caption, media_group_id: album, photo, document } = message;
  if (caption === undefined || album !== undefined) return `update:${updateId}`;
  // Unlike a file_id it never changes for the same file (https://core.telegram.org/bots/api#photosize).
  const file = (photo?.at(-1) ?? document)?.file_unique_id;
  const said = createHash('sha256')
    .update(JSON.stringify([caption, file]))
    .digest('base64url')
    .slice(0, 22);
  return `message:${chat.id}:${id}:${said}`;
}

interface WrittenCommand {
  /** As in the table where it is there. */
  readonly name: string;
  readonly rest: string;
  /** `/cow@this_bot`, `/cow@other_bot`. */
  readonly isAddressed: boolean;
  readonly isForOther: boolean;
}

function commandIn(text: string, botName: string): WrittenCommand | undefined {
  const [all, written, addressee] = /^\/([a-z0-9_-]{1,32})(?:@(\w+))?(?=\s|$)/i.exec(text) ?? [];
  if (all === undefined || written === undefined) return undefined;
  const isAddressed = addressee?.toLowerCase() === botName.toLowerCase();
  return {
    name: written.toLowerCase().replaceAll('_', '-'),
    rest: text.slice(all.length).trim(),
    isAddressed,
    isForOther: addressee !== undefined && !isAddressed,
  };
}

function withoutMention(text: string, botName: string): string {
  const mention = new RegExp(`(^|\\s)@${botName}(?!\\w)`, 'i');
  return mention.test(text) ? text.replace(mention, '$1').trim() : text;
}

/** What a message carries that may be a photo; what it is, its bytes say. */
function filesOf({ photo, document, sticker }: Message): readonly FileReference[] {
  const largest = photo?.at(-1);
  if (largest !== undefined) return [reference(largest, false)];
  if (document !== undefined) return [reference(document, true)];
  const isStill = sticker !== undefined && !sticker.is_animated && !sticker.is_video;
  return isStill ? [reference(sticker, true)] : [];
}

function reference(
  file: { readonly file_id: string; readonly file_size?: number },
  isLossless: boolean,
): FileReference {
  const { file_id: fileId, file_size: sizeBytes } = file;
  return { fileId, isLossless, ...(sizeBytes === undefined ? {} : { sizeBytes }) };
}

/** Nobody says anything with these: members come and go, a topic opens, a group becomes a supergroup. */
function isAboutTheChat(message: Message): boolean {
  return contentKinds.every((kind) => message[kind] === undefined);
}

/** What people send; those that are no photo are answered with a word about photos. */
const contentKinds = [
  'text',
  'photo',
  'document',
  'sticker',
  'video',
  'animation',
  'video_note',
  'voice',
  'audio',
  'location',
  'contact',
  'poll',
  'dice',
] as const;

function actorOf({ id, first_name: first, last_name: last, language_code: locale, is_bot: isBot }: User): Actor {
  return {
    platform: 'telegram',
    userId: String(id),
    displayName: last === undefined ? first : `${first} ${last}`,
    isBot,
    ...(locale === undefined ? {} : { locale }),
  };
}

/** Groups and channels speak through bots of the service's own (https://core.telegram.org/bots/api#message, sender_chat). */
function speakerOf(from: User, { sender_chat: sender }: Message): Actor {
  return { ...actorOf(from), ...(from.is_bot && sender !== undefined ? { isAnonymous: true } : {}) };
}

function spotOf(message: Pick<Message, 'chat' | 'message_id'> & Partial<Message>): Spot {
  const { chat, message_id: messageId, message_thread_id: threadId, sender_chat: sender } = message;
  return {
    chatId: chat.id,
    kind: chat.type === 'private' ? 'private' : 'community',
    messageId,
    isAnonymousAdmin: sender?.id === chat.id,
    // Replies in ordinary groups have a thread id too, which sending refuses.
    ...(message.is_topic_message === true && threadId !== undefined ? { threadId } : {}),
  };
}
