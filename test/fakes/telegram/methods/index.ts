import type { Params } from '../params.ts';
import type { World } from '../world.ts';
import { chatMethods } from './chats.ts';
import { commandMethods } from './commands.ts';
import { editMethods } from './edits.ts';
import { sendMethods } from './sends.ts';

/** A call as a method sees it; `gone` aborts when the bot has hung up. */
interface Call {
  params: Params;
  gone: AbortSignal;
}

export interface Method {
  /** How many messages a call counts as under the flood limits; none for calls that show nothing. */
  messages?: (params: Params) => number;
  answer(call: Call): unknown;
}

/** Every method of the Bot API that this fake knows, by its name in lower case: the service ignores case. */
export function allMethods(world: World): Map<string, Method & { name: string }> {
  const all: { [name: string]: Method } = {
    getMe: {
      answer: () => ({
        id: world.bot.id,
        is_bot: true,
        first_name: world.bot.firstName,
        username: world.bot.username,
        can_join_groups: true,
        can_read_all_group_messages: !world.privacyMode,
        supports_inline_queries: false,
        can_connect_to_business: false,
        has_main_web_app: false,
      }),
    },
    getUpdates: { answer: ({ params, gone }) => world.updates.get(params, gone) },
    setWebhook: { answer: ({ params }) => world.updates.setWebhook(params) },
    deleteWebhook: { answer: ({ params }) => world.updates.deleteWebhook(params) },
    getWebhookInfo: { answer: () => world.updates.webhookInfo() },
    ...sendMethods(world),
    ...editMethods(world),
    ...chatMethods(world),
    ...commandMethods(world),
  };
  return new Map(Object.entries(all).map(([name, method]) => [name.toLowerCase(), { ...method, name }]));
}
