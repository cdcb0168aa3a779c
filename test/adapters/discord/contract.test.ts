import { describe } from 'vitest';
import { placeOf } from '../../../adapters/discord/messages.ts';
import { adapterContract, type Stage } from '../../contracts/adapter.ts';
import type { Channel } from '../../fakes/discord/index.ts';
import { acknowledged, startBot } from './bot.ts';

const longPastMs = 16 * 60_000;

describe.each([
  { way: "the interaction's token", isFresh: true, route: 'PATCH /webhooks/:application/:token/messages/:message' },
  { way: "the bot's own token", isFresh: false, route: 'PATCH /channels/:channel/messages/:message' },
])('edits with $way', ({ isFresh, route }) => {
  adapterContract(async (): Promise<Stage> => {
    const bot = await startBot();
    const { discord, wire } = bot;
    const channels = new Map<string, Channel>();
    const channelOf = (chat: string): Channel => {
      const channel = channels.get(chat);
      if (channel === undefined) throw new Error('There is no such channel.');
      return channel;
    };
    return {
      adapter: bot.adapter,
      newPlaceholder: async () => {
        const channel = discord.channel(discord.guild());
        channels.set(channel.id, channel);
        const { address } = await acknowledged(bot, channel);
        if (!isFresh) bot.clock.advance(longPastMs);
        return address;
      },
      messages: async ({ chat }) =>
        discord.messages(channelOf(chat)).map(({ text, pictures }) => ({ text, pictures: pictures.length })),
      makeTrouble: async (address, trouble) => {
        const { chat, message } = placeOf(address);
        if (typeof trouble === 'object') {
          const { busyTimes, retryAfterMs } = trouble;
          discord.failNext(route, busyTimes, { status: 429, retryAfterMs });
          return;
        }
        const channel = channelOf(chat);
        switch (trouble) {
          case 'gone':
            for (const one of discord.messages(channel)) discord.deleteMessage(one);
            discord.deleteChannel(channel);
            return;
          case 'stuck':
            wire.stall(message, 'stuck');
            return;
          case 'deaf':
            wire.stall(message, 'deaf', 1);
            return;
        }
      },
    };
  });
});
