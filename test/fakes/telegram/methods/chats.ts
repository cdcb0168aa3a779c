import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { badRequest, impossible } from '../errors.ts';
import type { Chat, MemberStatus, StoredFile } from '../model.ts';
import type { Params } from '../params.ts';
import { accountPayload, chatPayload } from '../payloads.ts';
import type { World } from '../world.ts';
import type { Method } from './index.ts';

const maxDownloadBytes = 20 * 2 ** 20;
const fileLinkLifeMs = 3600_000;

/** What a bot may react with, besides custom emoji. core.telegram.org/bots/api#reactiontypeemoji */
const reactions =
  '❤ 👍 👎 🔥 🥰 👏 😁 🤔 🤯 😱 🤬 😢 🎉 🤩 🤮 💩 🙏 👌 🕊 🤡 🥱 🥴 😍 🐳 ❤‍🔥 🌚 🌭 💯 🤣 ⚡ 🍌 🏆 💔 🤨 😐 🍓 🍾 💋 🖕 😈 😴 😭 🤓 👻 👨‍💻 👀 🎃 🙈 😇 😨 🤝 ✍ 🤗 🫡 🎅 🎄 ☃ 💅 🤪 🗿 🆒 💘 🙉 🦄 😘 💊 🙊 😎 👾 🤷‍♂ 🤷 🤷‍♀ 😡'.split(
    ' ',
  );

export function chatMethods(world: World): { [name: string]: Method } {
  return {
    getChat: {
      answer: ({ params }) => ({
        ...chatPayload(memberChat(world, params)),
        accent_color_id: 0,
        max_reaction_count: 11,
      }),
    },
    getChatMember: {
      answer: ({ params }) => {
        const chat = memberChat(world, params);
        const account = world.accounts.get(params.integer('user_id') ?? 0);
        if (account === undefined) throw impossible('PARTICIPANT_ID_INVALID');
        return member(world, account.id, chat.members.get(account.id) ?? 'left');
      },
    },
    getChatAdministrators: {
      answer: ({ params }) => {
        const chat = memberChat(world, params);
        if (chat.kind === 'private') throw impossible('there are no administrators in the private chat');
        return [...chat.members]
          .filter(([, status]) => status === 'creator' || status === 'administrator')
          .map(([id, status]) => member(world, id, status));
      },
    },
    getChatMemberCount: {
      answer: ({ params }) =>
        [...memberChat(world, params).members.values()].filter((status) => status !== 'left' && status !== 'kicked')
          .length,
    },
    leaveChat: {
      answer: ({ params }) => {
        world.openChat(params).members.set(world.bot.id, 'left');
        return true;
      },
    },
    setMessageReaction: {
      answer: ({ params }) => {
        const message = world.message(world.openChat(params), params.integer('message_id'));
        params.flag('is_big');
        if (message === undefined) throw impossible('message to react not found');
        const list =
          params.object('reaction', z.array(z.object({ type: z.literal('emoji'), emoji: z.string() }))) ?? [];
        if (list.length > 1) throw badRequest('REACTIONS_TOO_MANY');
        if (list.some(({ emoji }) => !reactions.includes(emoji.replaceAll('\uFE0F', ''))))
          throw badRequest('REACTION_INVALID');
        message.reaction = list[0]?.emoji;
        world.watch.changed();
        return true;
      },
    },
    getFile: {
      answer: async ({ params }) => {
        const file = world.files.find(params.text('file_id') ?? '');
        if (file === undefined) throw impossible('wrong file_id or the file is temporarily unavailable');
        if (file.bytes.length > maxDownloadBytes) throw impossible('file is too big');
        file.linkUntilMs = world.clock.now() + fileLinkLifeMs;
        const about = { file_id: file.id, file_unique_id: file.uniqueId, file_size: file.bytes.length };
        return {
          ...about,
          file_path: world.localDir === undefined ? file.path : await kept(world, file, world.localDir),
        };
      },
    },
  };
}

/** As the server itself does it: in a folder named for the bot's token. */
async function kept({ token }: World, { path: name, bytes }: StoredFile, localDir: string): Promise<string> {
  const file = path.join(localDir, token, name);
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, bytes);
  return file;
}

/** A chat that the bot may ask about. */
function memberChat(world: World, params: Params): Chat {
  const chat = world.chat(params);
  return chat.kind === 'private' ? chat : world.openChat(params);
}

function member(world: World, id: number, status: MemberStatus): object {
  const account = world.accounts.get(id);
  const admin = status === 'administrator' || status === 'creator';
  return {
    status,
    user: account === undefined ? {} : accountPayload(account),
    ...(admin
      ? { is_anonymous: false, can_delete_messages: true, can_restrict_members: true, can_manage_chat: true }
      : {}),
    ...(status === 'kicked' ? { until_date: 0 } : {}),
  };
}
