import { randomInt } from 'node:crypto';
import { z } from 'zod';
import { entity, parsedText, richText } from '../entities.ts';
import { badRequest, impossible } from '../errors.ts';
import { markupOf } from '../markup.ts';
import type { Chat, Content, Media, Message } from '../model.ts';
import type { Params } from '../params.ts';
import { messagePayload } from '../payloads.ts';
import type { Sending, World } from '../world.ts';
import type { Method } from './index.ts';

const replyParameters = z.object({
  message_id: z.int(),
  chat_id: z.union([z.int(), z.string()]).optional(),
  allow_sending_without_reply: z.boolean().optional(),
  quote: z.string().optional(),
});
const captionNames = { text: 'caption', entities: 'caption_entities' };
const longCaption = 'message caption is too long';

const albumItem = z.object({
  type: z.literal(['photo', 'document', 'video', 'audio', 'live_photo']),
  media: z.string(),
  caption: z.string().optional(),
  parse_mode: z.string().optional(),
  caption_entities: z.array(entity).optional(),
  has_spoiler: z.boolean().optional(),
});

const chatActions = [
  'typing',
  'upload_photo',
  'record_video',
  'upload_video',
  'record_voice',
  'upload_voice',
  'upload_document',
  'choose_sticker',
  'find_location',
  'record_video_note',
  'upload_video_note',
];

export function sendMethods(world: World): { [name: string]: Method } {
  const one = { messages: () => 1 };
  return {
    sendMessage: {
      ...one,
      answer: ({ params }) => {
        const chat = world.openChat(params);
        const text = richText(params, { text: 'text', entities: 'entities' }, 4096, 'message is too long');
        if (text.text === '') throw badRequest('message text is empty');
        params.object('link_preview_options', z.looseObject({}));
        if (!chat.botMaySendText) throw impossible('not enough rights to send text messages to the chat');
        return sent(world, params, chat, { ...text, media: undefined, markup: markupOf(params) });
      },
    },
    sendPhoto: { ...one, answer: ({ params }) => sendMedia(world, params, 'photo') },
    sendDocument: { ...one, answer: ({ params }) => sendMedia(world, params, 'document') },
    sendMediaGroup: {
      messages: (params) => params.object('media', z.array(z.unknown()))?.length ?? 1,
      answer: ({ params }) => sendAlbum(world, params),
    },
    sendMessageDraft: {
      answer: ({ params }) => {
        const chat = world.openChat(params);
        if (chat.kind !== 'private') throw badRequest('drafts can be shown in private chats only');
        if ((params.integer('draft_id') ?? 0) === 0) throw badRequest('draft_id must be non-zero');
        chat.draft = richText(params, { text: 'text', entities: 'entities' }, 4096, 'message is too long').text;
        return true;
      },
    },
    sendChatAction: {
      answer: ({ params }) => {
        const chat = world.openChat(params);
        const action = params.text('action') ?? '';
        if (!chatActions.includes(action)) throw badRequest('wrong parameter action in request');
        chat.actions.push({ action, atMs: world.clock.now(), threadId: world.topic(chat, params) });
        return true;
      },
    },
  };
}

async function sendMedia(world: World, params: Params, kind: 'photo' | 'document'): Promise<object> {
  const chat = world.openChat(params);
  const caption = richText(params, captionNames, 1024, longCaption);
  const markup = markupOf(params);
  checkMediaRight(chat, kind);
  const spoiler = kind === 'photo' && params.flag('has_spoiler');
  if (kind === 'document') params.flag('disable_content_type_detection');
  else params.flag('show_caption_above_media');
  const media = await world.files.sent(params, kind, params.text(kind), kind, spoiler);
  return sent(world, params, chat, { ...caption, media, markup });
}

/** @throws {TelegramRefusal} */
export function checkMediaRight(chat: Chat, kind: 'photo' | 'document'): void {
  const may = kind === 'photo' ? chat.botMaySendPhotos : chat.botMaySendDocuments;
  if (!may) throw impossible(`not enough rights to send ${kind}s to the chat`);
}

async function sendAlbum(world: World, params: Params): Promise<object[]> {
  const chat = world.openChat(params);
  const items = params.object('media', z.array(albumItem)) ?? [];
  if (items.length < 2 || items.length > 10) throw badRequest('an album holds 2 to 10 items');
  const types = new Set(items.map((item) => item.type));
  if (types.has('document') && types.size > 1) throw badRequest("can't mix documents with other media");
  if (params.has('reply_markup'))
    world.record.blame('sendMediaGroup', 'An album takes no buttons: reply_markup is ignored.');
  const sending = sendingOf(world, params, chat);
  const contents: Content[] = [];
  for (const item of items) {
    if (item.type !== 'photo' && item.type !== 'document') throw badRequest(`this fake has no ${item.type}`);
    checkMediaRight(chat, item.type);
    const caption = parsedText(item.caption ?? '', item.parse_mode, item.caption_entities, 1024, longCaption);
    const media: Media = await world.files.sent(params, item.type, item.media, '', item.has_spoiler ?? false);
    contents.push({ ...caption, media, markup: {} });
  }
  const mediaGroupId = String(randomInt(1e12, 2e12));
  return contents.map((content) => messagePayload(world.post(chat, world.bot, content, { ...sending, mediaGroupId })));
}

function sent(world: World, params: Params, chat: Chat, content: Content): object {
  const message = world.post(chat, world.bot, content, sendingOf(world, params, chat));
  chat.draft = undefined;
  return messagePayload(message);
}

function sendingOf(world: World, params: Params, chat: Chat): Sending {
  for (const name of ['disable_notification', 'protect_content', 'allow_paid_broadcast']) params.flag(name);
  const reply = params.object('reply_parameters', replyParameters);
  return { threadId: world.topic(chat, params), replyTo: repliedTo(world, chat, reply) };
}

function repliedTo(world: World, chat: Chat, reply: z.output<typeof replyParameters> | undefined): Message | undefined {
  if (reply === undefined) return undefined;
  const message = world.message(chat, reply.message_id);
  if (message === undefined && reply.allow_sending_without_reply !== true)
    throw impossible('message to be replied not found');
  return message;
}
