import { z } from 'zod';
import { checked, DiscordRefusal, invalidField } from '../errors.ts';
import { acknowledgeWithinMs, interactionTypes } from '../interaction.ts';
import type { Interaction } from '../interaction.ts';
import { Message } from '../model.ts';
import { messagePayload } from '../payloads.ts';
import { done, ok } from '../rest.ts';
import type { Call, Route } from '../rest.ts';
import { drafted, Flags } from '../rules/messages.ts';
import type { Before } from '../rules/messages.ts';
import { checkedModal } from '../rules/modals.ts';
import type { World } from '../world.ts';

const callback = z.object({ type: z.literal([1, 4, 5, 6, 7, 8, 9, 10, 12]), data: z.unknown().optional() });
const deferData = z.object({ flags: z.int().optional() }).nullish();
const choicesData = z.object({
  choices: z
    .array(z.object({ name: z.string().min(1).max(100), value: z.union([z.string().max(100), z.number()]) }))
    .max(25),
});

export function interactionRoutes(world: World): Route[] {
  return [
    {
      method: 'POST',
      path: '/interactions/:id/:token/callback',
      open: true,
      answer: async (call) => {
        const interaction = unanswered(world, call);
        const { type, data } = checked(callback, call.body);
        if (!allowedCallbacks(interaction).includes(type))
          throw invalidField(['type'], 'BASE_TYPE_CHOICES', `Callback type ${type} does not fit this interaction.`);
        await acknowledge(world, interaction, type, data, call);
        interaction.acknowledgement = { type, afterMs: interaction.ageMs };
        world.watch.changed();
        return call.query('with_response') === 'true' ? ok(callbackResponse(world, interaction, type)) : done;
      },
    },
  ];
}

function unanswered(world: World, call: Call): Interaction {
  const interaction = world.interactions.get(call.param('token'));
  const late = interaction !== undefined && !interaction.acknowledged && interaction.ageMs > acknowledgeWithinMs;
  if (interaction === undefined || interaction.id !== call.param('id') || late)
    throw new DiscordRefusal(404, 10_062, 'Unknown interaction');
  if (interaction.acknowledged) throw new DiscordRefusal(400, 40_060, 'Interaction has already been acknowledged.');
  return interaction;
}

function allowedCallbacks(interaction: Interaction): number[] {
  const update = interaction.source === undefined ? [] : [6, 7];
  switch (interaction.kind) {
    case 'command':
      return [4, 5, 9];
    case 'autocomplete':
      return [8];
    case 'component':
      return [4, 5, ...update, 9];
    case 'modal':
      return [4, 5, ...update];
  }
}

async function acknowledge(
  world: World,
  interaction: Interaction,
  type: number,
  data: unknown,
  { files }: Call,
): Promise<void> {
  const maxFileBytes = maxFileBytesOf(interaction);
  if (type === 4) {
    const draft = drafted(data, files, 'reply', { maxFileBytes, at: ['data'] });
    const message = replyMessage(world, interaction, (draft.flags & Flags.ephemeral) !== 0);
    interaction.original = message;
    await world.write(message, draft, false);
  } else if (type === 5) {
    const flags = checked(deferData, data, ['data'])?.flags ?? 0;
    if ((flags & ~Flags.ephemeral) !== 0)
      throw invalidField(['data', 'flags'], 'MESSAGE_FLAGS_INVALID', 'A deferred reply takes only EPHEMERAL');
    const message = replyMessage(world, interaction, flags !== 0);
    message.flags = flags | Flags.loading;
    interaction.original = message;
    world.announce('MESSAGE_CREATE', message);
  } else if (type === 6) interaction.original = interaction.source;
  else if (type === 7 && interaction.source !== undefined) {
    const { source } = interaction;
    const draft = drafted(data, files, 'edit', { maxFileBytes, before: beforeOf(world, source), at: ['data'] });
    interaction.original = source;
    await world.write(source, draft, true);
  } else if (type === 8) interaction.shownChoices = checked(choicesData, data, ['data']).choices;
  else if (type === 9) interaction.shownModal = checkedModal(data);
}

export function maxFileBytesOf({ channel }: Interaction): number {
  return channel.guild?.maxFileBytes ?? 10 * 2 ** 20;
}

/** A message as `drafted` wants to know it before an edit. */
export function beforeOf(world: World, message: Message): Before {
  const { content, embeds, components, flags } = message;
  const attachments = message.attachments.map((one) => ({
    id: one.id,
    filename: one.filename,
    url: world.cdn.link(one),
  }));
  return { content, embeds, components, flags, attachments };
}

/** The empty message that answers an interaction; 20 and 23 are replies to commands, 19 to a message with a button. */
export function replyMessage(world: World, interaction: Interaction, ephemeral: boolean): Message {
  const ofCommand = interaction.commandType === 1 ? 20 : 23;
  const message = new Message({
    id: world.id(),
    channelId: interaction.channel.id,
    author: world.bot,
    createdMs: world.clock.now(),
    type: interaction.commandType === undefined ? 19 : ofCommand,
    onlyFor: ephemeral ? interaction.user : undefined,
    nonce: undefined,
    referenceId: interaction.source?.id,
    interaction: {
      id: interaction.id,
      type: interactionTypes[interaction.kind],
      user: interaction.user,
      name: undefined,
    },
  });
  interaction.channel.messages.push(message);
  return message;
}

function callbackResponse(world: World, interaction: Interaction, type: number): object {
  const { original } = interaction;
  const shown = original !== undefined && (type === 4 || type === 7);
  return {
    interaction: {
      id: interaction.id,
      type: interactionTypes[interaction.kind],
      ...(original === undefined
        ? {}
        : {
            response_message_id: original.id,
            response_message_loading: original.loading,
            response_message_ephemeral: original.ephemeral,
          }),
    },
    resource: {
      type,
      ...(original !== undefined && (shown || type === 5) ? { message: messagePayload(world, original, 'whole') } : {}),
    },
  };
}
