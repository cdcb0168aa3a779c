import type { Account, Chat, Media, Message, StoredFile } from './model.ts';

export function accountPayload({ id, isBot, firstName, username, languageCode }: Account): object {
  return {
    id,
    is_bot: isBot,
    first_name: firstName,
    ...(username === undefined ? {} : { username }),
    ...(isBot ? {} : { language_code: languageCode }),
  };
}

export function chatPayload({ id, kind, title, isForum }: Chat): object {
  const name = kind === 'private' ? { first_name: title } : { title };
  return { id, type: kind, ...name, ...(isForum ? { is_forum: true } : {}) };
}

function filePayload(file: StoredFile): object {
  return { file_id: file.id, file_unique_id: file.uniqueId, file_size: file.bytes.length };
}

function mediaPayload(media: Media): object {
  const sized = (file: StoredFile): object => ({ ...filePayload(file), width: file.width, height: file.height });
  switch (media.kind) {
    case 'photo':
      return { photo: media.sizes.map(sized), ...(media.spoiler ? { has_media_spoiler: true } : {}) };
    case 'document':
      return {
        document: { ...filePayload(media.file), file_name: media.file.name, mime_type: media.file.mimeType },
      };
    case 'sticker':
      return {
        sticker: { ...sized(media.file), type: 'regular', is_animated: media.animated, is_video: false, emoji: '🐮' },
      };
  }
}

/** @param withReply Whether the message that it answers is shown; one level only, as the service does. */
export function messagePayload(message: Message, withReply = true): object {
  const { content, replyTo, threadId } = message;
  const text =
    content.media === undefined
      ? { text: content.text, entities: content.entities }
      : { caption: content.text, caption_entities: content.entities };
  const topic = threadId === undefined ? {} : { message_thread_id: threadId, is_topic_message: true };
  return {
    message_id: message.id,
    from: accountPayload(message.from),
    chat: chatPayload(message.chat),
    date: Math.floor(message.dateMs / 1000),
    ...topic,
    ...(message.editedMs === undefined ? {} : { edit_date: Math.floor(message.editedMs / 1000) }),
    ...(message.mediaGroupId === undefined ? {} : { media_group_id: message.mediaGroupId }),
    ...(withReply && replyTo !== undefined && !replyTo.deleted
      ? { reply_to_message: messagePayload(replyTo, false) }
      : {}),
    ...(content.media === undefined ? {} : mediaPayload(content.media)),
    ...(content.text === '' ? {} : text),
    ...(content.markup.inline === undefined ? {} : { reply_markup: content.markup.inline }),
    ...message.service,
  };
}
