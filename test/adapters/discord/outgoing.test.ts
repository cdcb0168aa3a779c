import type { PostTarget } from '../../../commands/contract/outgoing.ts';
import { type OutgoingStage, outgoingContract } from '../../contracts/outgoing.ts';
import { type Channel, Permission, type Person } from '../../fakes/discord/index.ts';
import { startBot } from './bot.ts';

outgoingContract(async (): Promise<OutgoingStage> => {
  const { adapter, discord } = await startBot();
  const channels = new Map<string, Channel>();
  const people = new Map<string, Person>();
  const channelOf = (target: PostTarget): Channel => {
    const found = target.kind === 'person' ? people.get(target.userId)?.dm : channels.get(target.channelId);
    if (found === undefined) throw new Error('There is no such channel.');
    return found;
  };
  return {
    outgoing: adapter,
    knowsKeys: true,
    newTarget: async (kind) => {
      if (kind === 'person') {
        const person = discord.user('Ada');
        people.set(person.id, person);
        return { kind, userId: person.id };
      }
      const channel = discord.channel(discord.guild());
      channels.set(channel.id, channel);
      return { kind, channelId: channel.id };
    },
    messages: async (target) =>
      discord.messages(channelOf(target)).map(({ text, labels: buttons, components, pictures }) => {
        const files = components.filter(({ type }) => type === 13).length;
        return { text, buttons, pictures: pictures.length - files, files };
      }),
    makeTrouble: async (target, trouble) => {
      const channel = channelOf(target);
      if (typeof trouble === 'object') {
        const fault = { status: 429, retryAfterMs: trouble.busyForMs };
        discord.failNext('POST /channels/:channel/messages', 1, fault);
      } else if (target.kind === 'person') {
        if (trouble === 'gone') discord.deleteAccount(target.userId);
        else channel.recipients.forEach((one) => (one.opensDms = false));
      } else if (trouble === 'gone') discord.deleteChannel(channel);
      else discord.deny(channel, Permission.sendMessages);
    },
  };
});
