import { z } from 'zod';
import { badRequest } from '../errors.ts';
import type { Params } from '../params.ts';
import type { World } from '../world.ts';
import type { Method } from './index.ts';

const command = z.object({ command: z.string(), description: z.string() });
const scope = z.discriminatedUnion('type', [
  z.object({ type: z.literal(['default', 'all_private_chats', 'all_group_chats', 'all_chat_administrators']) }),
  z.object({ type: z.literal(['chat', 'chat_administrators']), chat_id: z.union([z.int(), z.string()]) }),
  z.object({ type: z.literal('chat_member'), chat_id: z.union([z.int(), z.string()]), user_id: z.int() }),
]);

export function commandMethods(world: World): { [name: string]: Method } {
  return {
    setMyCommands: {
      answer: ({ params }) => {
        const commands = params.object('commands', z.array(command));
        if (commands === undefined) throw badRequest("can't parse commands JSON object");
        if (commands.length > 100) throw badRequest('BOT_COMMANDS_TOO_MUCH');
        for (const one of commands) {
          if (!/^[a-z0-9_]{1,32}$/.test(one.command)) throw badRequest('BOT_COMMAND_INVALID');
          if (one.description.length < 1 || one.description.length > 256)
            throw badRequest('BOT_COMMAND_DESCRIPTION_INVALID');
        }
        world.menus.set(menuKey(params), commands);
        return true;
      },
    },
    getMyCommands: { answer: ({ params }) => world.menus.get(menuKey(params)) ?? [] },
    deleteMyCommands: {
      answer: ({ params }) => {
        world.menus.delete(menuKey(params));
        return true;
      },
    },
    setMyDescription: { answer: ({ params }) => described(params, 'description', 512) },
    setMyShortDescription: { answer: ({ params }) => described(params, 'short_description', 120) },
  };
}

function described(params: Params, name: string, max: number): true {
  language(params);
  if ((params.text(name) ?? '').length > max) throw badRequest('ABOUT_TOO_LONG');
  return true;
}

/** `default`, or e.g. `all_group_chats de`, `chat:-5 `. */
function menuKey(params: Params): string {
  const given = params.object('scope', scope) ?? { type: 'default' };
  const chat = 'chat_id' in given ? `:${given.chat_id}` : '';
  const user = 'user_id' in given ? `:${given.user_id}` : '';
  return `${given.type}${chat}${user} ${language(params)}`.trim();
}

function language(params: Params): string {
  const code = params.text('language_code') ?? '';
  if (!/^([a-z]{2})?$/.test(code)) throw badRequest('invalid language code specified');
  return code;
}
