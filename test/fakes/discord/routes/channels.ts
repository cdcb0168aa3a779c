import { z } from 'zod';
import { checked, DiscordRefusal, invalidField, missingPermissions } from '../errors.ts';
import { Message, Permission } from '../model.ts';
import type { Channel } from '../model.ts';
import { channelPayload, messagePayload } from '../payloads.ts';
import { done, ok } from '../rest.ts';
import type { Answer, Call, Route } from '../rest.ts';
import { drafted } from '../rules/messages.ts';
import type { World } from '../world.ts';
import { beforeOf } from './interactions.ts';

const base = '/channels/:channel';
const one = `${base}/messages/:message`;
const nonceLifeMs = 5 * 60_000;

export function channelRoutes(world: World): Route[] {
  const channelOf = (call: Call, ...needed: bigint[]): Channel => world.channelForBot(call.param('channel'), ...needed);
  const messageOf = (call: Call): { channel: Channel; message: Message } => {
    const channel = channelOf(call);
    return { channel, message: world.messageForBot(channel, call.param('message')) };
  };
  return [
    { method: 'GET', path: base, answer: (call) => ok(channelPayload(channelOf(call))) },
    {
      method: 'GET',
      path: `${base}/messages`,
      answer: (call) => {
        const channel = channelOf(call, Permission.readMessageHistory);
        const limit = checked(z.coerce.number().int().min(1).max(100).default(50), call.query('limit'), ['limit']);
        const before = BigInt(call.query('before') ?? '9223372036854775807');
        const after = BigInt(call.query('after') ?? '0');
        const within = channel.messages.filter(
          (message) =>
            !message.deleted && !message.ephemeral && BigInt(message.id) < before && BigInt(message.id) > after,
        );
        return ok(
          within
            .slice(-limit)
            .toReversed()
            .map((message) => messagePayload(world, message, 'list')),
        );
      },
    },
    { method: 'POST', path: `${base}/messages`, answer: (call) => created(world, channelOf(call), call) },
    {
      method: 'GET',
      path: one,
      answer: (call) => ok(messagePayload(world, messageOf(call).message, 'list')),
    },
    {
      method: 'PATCH',
      path: one,
      answer: async (call) => {
        const { channel, message } = messageOf(call);
        if (message.author.id !== world.bot.id)
          throw new DiscordRefusal(403, 50_005, 'Cannot edit a message authored by another user');
        const before = message.loading ? undefined : beforeOf(world, message);
        const draft = drafted(call.body, call.files, 'edit', { maxFileBytes: maxFileBytes(channel), before });
        if (draft.added.length > 0) channelOf(call, Permission.attachFiles);
        await world.write(message, draft, true);
        return ok(messagePayload(world, message, 'whole'));
      },
    },
    {
      method: 'DELETE',
      path: one,
      answer: (call) => {
        const { channel, message } = messageOf(call);
        if (message.author.id !== world.bot.id) {
          if (channel.kind === 'dm') throw new DiscordRefusal(403, 50_003, 'Cannot execute action on a DM channel');
          channelOf(call, Permission.manageMessages);
        }
        world.remove(message);
        return done;
      },
    },
    {
      method: 'PUT',
      path: `${one}/reactions/:emoji/@me`,
      answer: (call) => {
        channelOf(call, Permission.readMessageHistory, Permission.addReactions);
        messageOf(call).message.reactions.add(decodeURIComponent(call.param('emoji')));
        world.watch.changed();
        return done;
      },
    },
    {
      method: 'POST',
      path: `${base}/typing`,
      answer: (call) => {
        channelOf(call, Permission.sendMessages);
        return done;
      },
    },
  ];
}

const maxFileBytes = (channel: Channel): number => channel.guild?.maxFileBytes ?? 10 * 2 ** 20;

async function created(world: World, channel: Channel, call: Call): Promise<Answer> {
  if (channel.kind === 'dm' && channel.recipients.some((person) => !person.opensDms))
    throw new DiscordRefusal(403, 50_007, 'Cannot send messages to this user', { blame: 'world' });
  if ((world.botPermissions(channel) & Permission.sendMessages) === 0n) throw missingPermissions();
  const draft = drafted(call.body, call.files, 'channel-create', { maxFileBytes: maxFileBytes(channel) });
  if (draft.added.length > 0) world.channelForBot(channel.id, Permission.attachFiles);
  const { nonce, enforce_nonce: enforce, message_reference: reference } = draft.body;
  const ownNonce = nonce === undefined || nonce === null ? undefined : String(nonce);
  if (enforce === true) {
    if (ownNonce === undefined) throw invalidField(['nonce'], 'BASE_TYPE_REQUIRED', 'This field is required');
    const earlier = channel.messages.find(
      (message) => message.nonce === ownNonce && world.clock.now() - message.createdMs < nonceLifeMs,
    );
    if (earlier !== undefined) return ok(messagePayload(world, earlier, 'whole'));
  }
  const referenced = reference?.message_id;
  const found = channel.messages.some((message) => message.id === referenced && !message.deleted);
  if (referenced !== undefined && !found && reference?.fail_if_not_exists !== false)
    throw invalidField(['message_reference'], 'REPLIES_UNKNOWN_MESSAGE', 'Unknown message');
  const message = new Message({
    id: world.id(),
    channelId: channel.id,
    author: world.bot,
    createdMs: world.clock.now(),
    type: found ? 19 : 0,
    onlyFor: undefined,
    nonce: ownNonce,
    referenceId: found ? referenced : undefined,
    interaction: undefined,
  });
  // Nobody sees half a message.
  await world.write(message, draft, false);
  channel.messages.push(message);
  return ok(messagePayload(world, message, 'whole'));
}
