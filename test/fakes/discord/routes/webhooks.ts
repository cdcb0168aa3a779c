import { DiscordRefusal, unknownMessage } from '../errors.ts';
import { tokenLifeMs } from '../interaction.ts';
import type { Interaction } from '../interaction.ts';
import type { Message } from '../model.ts';
import { messagePayload } from '../payloads.ts';
import { done, ok } from '../rest.ts';
import type { Answer, Call, Route } from '../rest.ts';
import { drafted, Flags } from '../rules/messages.ts';
import type { World } from '../world.ts';
import { beforeOf, maxFileBytesOf, replyMessage } from './interactions.ts';

/** What a bot does with an interaction's token after the first answer. */
export function webhookRoutes(world: World): Route[] {
  const one = '/webhooks/:application/:token/messages/:message';
  return [
    {
      method: 'POST',
      path: '/webhooks/:application/:token',
      open: true,
      answer: (call) => followUp(world, call),
    },
    {
      method: 'GET',
      path: one,
      open: true,
      answer: (call) => ok(messagePayload(world, target(world, call).message, 'whole')),
    },
    {
      method: 'PATCH',
      path: one,
      open: true,
      answer: (call) => {
        const { interaction, message } = target(world, call);
        return edited(world, interaction, message, call);
      },
    },
    {
      method: 'DELETE',
      path: one,
      open: true,
      answer: (call) => {
        world.remove(target(world, call).message);
        return done;
      },
    },
  ];
}

/** @throws {DiscordRefusal} 10015 before the first answer, 50027 after 15 minutes */
function living(world: World, call: Call): Interaction {
  const interaction = world.interactions.get(call.param('token'));
  if (interaction === undefined || call.param('application') !== world.bot.id || !interaction.acknowledged)
    throw new DiscordRefusal(404, 10_015, 'Unknown Webhook');
  if (interaction.ageMs > tokenLifeMs) throw new DiscordRefusal(401, 50_027, 'Invalid Webhook Token');
  return interaction;
}

function target(world: World, call: Call): { interaction: Interaction; message: Message } {
  const interaction = living(world, call);
  const id = call.param('message');
  const own = [interaction.original, ...interaction.followups];
  const message = id === '@original' ? interaction.original : own.find((entry) => entry?.id === id);
  if (message === undefined || message.deleted) throw unknownMessage();
  return { interaction, message };
}

async function edited(world: World, interaction: Interaction, message: Message, call: Call): Promise<Answer> {
  const before = message.loading ? undefined : beforeOf(world, message);
  const draft = drafted(call.body, call.files, 'edit', { maxFileBytes: maxFileBytesOf(interaction), before });
  await world.write(message, draft, true);
  return ok(messagePayload(world, message, 'whole'));
}

async function followUp(world: World, call: Call): Promise<Answer> {
  const interaction = living(world, call);
  const { original } = interaction;
  const maxFileBytes = maxFileBytesOf(interaction);
  const draft = drafted(call.body, call.files, 'followup', { maxFileBytes });
  // Right after a deferred reply a follow-up fills that reply; EPHEMERAL stays what the deferral said.
  if (original !== undefined && original.loading && !original.deleted) {
    await world.write(original, draft, true);
    return ok(messagePayload(world, original, 'whole'));
  }
  if (interaction.userInstallOnly && interaction.followups.length >= 5)
    throw new DiscordRefusal(400, 40_094, 'This interaction has reached its maximum number of follow-up messages');
  const message = replyMessage(world, interaction, (draft.flags & Flags.ephemeral) !== 0);
  interaction.followups.push(message);
  await world.write(message, draft, false);
  return ok(messagePayload(world, message, 'whole'));
}
