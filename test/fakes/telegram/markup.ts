import { z } from 'zod';
import { badRequest } from './errors.ts';
import type { Params } from './params.ts';

const button = z.object({
  text: z.string(),
  callback_data: z.string().optional(),
  url: z.string().optional(),
  switch_inline_query: z.string().optional(),
  switch_inline_query_current_chat: z.string().optional(),
  copy_text: z.object({ text: z.string().min(1).max(256) }).optional(),
  web_app: z.object({ url: z.string() }).optional(),
  style: z.literal(['danger', 'success', 'primary']).optional(),
  icon_custom_emoji_id: z.string().optional(),
});
const inline = z.object({ inline_keyboard: z.array(z.array(button)) });
const forceReply = z.object({
  force_reply: z.literal(true),
  input_field_placeholder: z.string().min(1).max(64).optional(),
  selective: z.boolean().optional(),
});
const keyboard = z.object({ keyboard: z.array(z.array(z.unknown())) });
const removal = z.object({ remove_keyboard: z.literal(true) });

export type InlineButton = z.output<typeof button>;
export type InlineKeyboard = z.output<typeof inline>;
export interface Markup {
  inline?: InlineKeyboard;
  forceReply?: z.output<typeof forceReply>;
}

const actions = [
  'callback_data',
  'url',
  'switch_inline_query',
  'switch_inline_query_current_chat',
  'copy_text',
  'web_app',
] as const;

/** @throws {TelegramRefusal} */
export function markupOf(params: Params): Markup {
  const given = params.object('reply_markup', z.union([inline, forceReply, removal, keyboard]));
  if (given === undefined) return {};
  if ('inline_keyboard' in given) {
    checkInline(given);
    const rows = given.inline_keyboard.filter((row) => row.length > 0);
    return rows.length === 0 ? {} : { inline: { inline_keyboard: rows } };
  }
  return 'force_reply' in given ? { forceReply: given } : {};
}

/** Edits take inline keyboards only, and without one the old keyboard goes. @throws {TelegramRefusal} */
export function inlineMarkupOf(params: Params): InlineKeyboard | undefined {
  const given = params.object('reply_markup', inline);
  if (given === undefined) return undefined;
  checkInline(given);
  const rows = given.inline_keyboard.filter((row) => row.length > 0);
  return rows.length === 0 ? undefined : { inline_keyboard: rows };
}

function checkInline({ inline_keyboard: rows }: InlineKeyboard): void {
  const buttons = rows.flat();
  if (buttons.length > 100) throw badRequest('REPLY_MARKUP_TOO_LONG');
  if (rows.some((row) => row.length > 8)) throw badRequest('BUTTON_ROW_TOO_LONG');
  for (const one of buttons) {
    if (one.text.trim() === '') throw badRequest("can't parse inline keyboard button: text must be non-empty");
    const does = actions.filter((action) => one[action] !== undefined);
    if (does.length === 0)
      throw badRequest("can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard");
    if (does.length > 1) throw badRequest('BUTTON_TYPE_INVALID');
    const bytes = Buffer.byteLength(one.callback_data ?? 'x');
    if (bytes < 1 || bytes > 64) throw badRequest('BUTTON_DATA_INVALID');
    if (one.url !== undefined && !/^(https?:\/\/|tg:\/\/)./.test(one.url)) throw badRequest('BUTTON_URL_INVALID');
  }
}
