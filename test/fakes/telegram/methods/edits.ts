import { z } from 'zod';
import { codePoints, entity, parsedText, richText } from '../entities.ts';
import { badRequest, impossible } from '../errors.ts';
import { inlineMarkupOf } from '../markup.ts';
import type { Chat, Content, Media, Message } from '../model.ts';
import type { Params } from '../params.ts';
import { messagePayload } from '../payloads.ts';
import type { World } from '../world.ts';
import type { Method } from './index.ts';
import { checkMediaRight } from './sends.ts';

const inputMedia = z.object({
  type: z.literal(['photo', 'document', 'animation', 'audio', 'video']),
  media: z.string(),
  caption: z.string().optional(),
  parse_mode: z.string().optional(),
  caption_entities: z.array(entity).optional(),
  has_spoiler: z.boolean().optional(),
});
const deletableForMs = 48 * 3600_000;

export function editMethods(world: World): { [name: string]: Method } {
  const one = { messages: () => 1 };
  return {
    editMessageText: {
      ...one,
      answer: ({ params }) => {
        const message = editable(world, params);
        if (message.content.media !== undefined) throw impossible('there is no text in the message to edit');
        const text = richText(params, { text: 'text', entities: 'entities' }, 4096, 'MESSAGE_TOO_LONG');
        if (text.text === '') throw badRequest('message text is empty');
        params.object('link_preview_options', z.looseObject({}));
        return edited(world, params, message, { ...text, media: undefined });
      },
    },
    editMessageCaption: {
      ...one,
      answer: ({ params }) => {
        const message = editable(world, params);
        const { media } = message.content;
        if (media === undefined) throw impossible('there is no caption in the message to edit');
        params.flag('show_caption_above_media');
        const names = { text: 'caption', entities: 'caption_entities' };
        return edited(world, params, message, { ...richText(params, names, 1024, 'MEDIA_CAPTION_TOO_LONG'), media });
      },
    },
    editMessageMedia: {
      ...one,
      answer: async ({ params }) => {
        const message = editable(world, params);
        const given = params.object('media', inputMedia);
        if (given === undefined) throw badRequest('there is no media in the request');
        const { type, media: reference, caption = '', parse_mode: mode, caption_entities: entities } = given;
        if (type !== 'photo' && type !== 'document') throw badRequest(`this fake has no ${type}`);
        if (message.mediaGroupId !== undefined && message.content.media?.kind !== type)
          throw badRequest("message can't be edited: an album keeps its kind");
        if (message.content.media?.kind !== type) checkMediaRight(message.chat, type);
        const text = parsedText(caption, mode, entities, 1024, 'MEDIA_CAPTION_TOO_LONG');
        const media = await world.files.sent(params, type, reference, '', given.has_spoiler ?? false);
        return edited(world, params, message, { ...text, media });
      },
    },
    editMessageReplyMarkup: {
      ...one,
      answer: ({ params }) => {
        const message = editable(world, params);
        const { text, entities, media } = message.content;
        return edited(world, params, message, { text, entities, media });
      },
    },
    deleteMessage: {
      answer: ({ params }) => {
        const chat = world.chat(params);
        remove(world, chat, params.integer('message_id'));
        return true;
      },
    },
    deleteMessages: {
      answer: ({ params }) => {
        const chat = world.chat(params);
        const ids = params.object('message_ids', z.array(z.int()).min(1).max(100)) ?? [];
        // Messages that cannot be found are skipped.
        for (const id of ids) if (world.message(chat, id) !== undefined) remove(world, chat, id);
        return true;
      },
    },
    answerCallbackQuery: {
      answer: ({ params }) => {
        const press = world.presses.get(params.text('callback_query_id') ?? '');
        const text = params.text('text') ?? '';
        const alert = params.flag('show_alert');
        params.integer('cache_time');
        if (codePoints(text) > 200) throw badRequest('MESSAGE_TOO_LONG');
        const afterMs = press === undefined ? 0 : world.clock.now() - press.atMs;
        if (press === undefined || press.answer !== undefined || afterMs > world.answerWithinMs)
          throw badRequest('query is too old and response timeout expired or query ID is invalid');
        press.answer = { text, alert, afterMs };
        world.watch.changed();
        return true;
      },
    },
  };
}

function editable(world: World, params: Params): Message {
  const chat = world.openChat(params);
  const message = world.message(chat, params.integer('message_id'));
  if (message === undefined) throw impossible('message to edit not found');
  if (message.from.id !== world.bot.id || message.service !== undefined) throw badRequest("message can't be edited");
  return message;
}

function edited(world: World, params: Params, message: Message, parts: Omit<Content, 'markup'>): object {
  const inline = inlineMarkupOf(params);
  const content: Content = { ...parts, markup: inline === undefined ? {} : { inline } };
  if (fingerprint(content) === fingerprint(message.content))
    throw badRequest(
      'message is not modified: specified new message content and reply markup are exactly the same as a current content and reply markup of the message',
    );
  world.edit(message, content);
  return messagePayload(message);
}

/** Equal for contents that look the same. */
function fingerprint({ text, entities, media, markup }: Content): string {
  const files = (one: Media): string[] =>
    (one.kind === 'photo' ? one.sizes : [one.file]).map((file) => file.uniqueId).slice(-1);
  return JSON.stringify([text, entities, media === undefined ? [] : files(media), markup.inline ?? null]);
}

function remove(world: World, chat: Chat, id: number | undefined): void {
  const message = world.message(chat, id);
  if (message === undefined) throw impossible('message to delete not found');
  const own = message.from.id === world.bot.id;
  const may = own || chat.kind === 'private' || chat.members.get(world.bot.id) === 'administrator';
  if (!may || world.clock.now() - message.dateMs > deletableForMs)
    throw impossible("message can't be deleted for everyone");
  message.deleted = true;
  world.watch.changed();
}
