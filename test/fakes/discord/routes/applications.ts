import { z } from 'zod';
import { checked, DiscordRefusal, missingAccess } from '../errors.ts';
import { accountPayload, channelPayload, commandPayload, guildPayload, memberPayload } from '../payloads.ts';
import { done, ok } from '../rest.ts';
import type { Call, Route } from '../rest.ts';
import { checkedCommand, checkedCommands } from '../rules/commands.ts';
import type { MenuCommand, SlashCommand } from '../rules/commands.ts';
import type { Gateway } from '../gateway.ts';
import type { Guild } from '../model.ts';
import type { RegisteredCommand, World } from '../world.ts';

/** The app itself: who it is, its gateway, its commands, its guilds, the way to a person's DMs. */
export function applicationRoutes(world: World, gateway: Gateway, shards: number): Route[] {
  const me = world.bot.id;
  const guildOf = (call: Call): Guild => {
    const guild = world.guilds.get(call.param('guild'));
    if (guild === undefined || !guild.botInside) throw missingAccess();
    return guild;
  };
  const application = {
    id: me,
    name: world.bot.name,
    icon: null,
    description: '',
    bot_public: true,
    bot_require_code_grant: false,
    verify_key: '0'.repeat(64),
    flags: world.messageContent ? 1 << 19 : 0,
    integration_types_config: { 0: {}, 1: {} },
    bot: accountPayload(world.bot),
  };
  return [
    { method: 'GET', path: '/gateway', open: true, answer: () => ok({ url: gateway.url }) },
    {
      method: 'GET',
      path: '/gateway/bot',
      answer: () =>
        ok({
          url: gateway.url,
          shards,
          session_start_limit: { total: 1000, remaining: 1000, reset_after: 86_400_000, max_concurrency: shards },
        }),
    },
    { method: 'GET', path: '/applications/@me', answer: () => ok(application) },
    { method: 'GET', path: '/oauth2/applications/@me', answer: () => ok(application) },
    { method: 'GET', path: '/users/@me', answer: () => ok(accountPayload(world.bot)) },
    {
      method: 'GET',
      path: '/users/@me/guilds',
      answer: () =>
        ok(
          [...world.guilds.values()]
            .filter((guild) => guild.botInside)
            .map(({ id, name, botPermissions }) => ({ id, name, permissions: botPermissions.toString() })),
        ),
    },
    {
      method: 'GET',
      path: '/users/:user',
      answer: (call) => {
        const account = world.accounts.get(call.param('user'));
        if (account === undefined) throw new DiscordRefusal(404, 10_013, 'Unknown User', { blame: 'world' });
        return ok(accountPayload(account));
      },
    },
    {
      method: 'POST',
      path: '/users/@me/channels',
      answer: (call) => {
        const { recipient_id: id } = checked(z.object({ recipient_id: z.string() }), call.body);
        const account = world.accounts.get(id);
        if (account === undefined) throw new DiscordRefusal(400, 50_033, 'Invalid Recipient(s)', { blame: 'world' });
        return ok(channelPayload(world.dmWith(account)));
      },
    },
    { method: 'GET', path: '/guilds/:guild', answer: (call) => ok(guildPayload(world, guildOf(call))) },
    {
      method: 'GET',
      path: '/guilds/:guild/members/:user',
      answer: (call) => {
        const account = world.accounts.get(call.param('user'));
        if (account === undefined) throw new DiscordRefusal(404, 10_007, 'Unknown Member', { blame: 'world' });
        return ok(memberPayload(guildOf(call), account));
      },
    },
    ...commandRoutes(world, '/applications/:application/commands', () => undefined),
    ...commandRoutes(world, '/applications/:application/guilds/:guild/commands', (call) => guildOf(call).id),
  ];
}

function commandRoutes(world: World, path: string, guildIdOf: (call: Call) => string | undefined): Route[] {
  const registered = (command: SlashCommand | MenuCommand, guildId: string | undefined): RegisteredCommand => ({
    ...command,
    id: same(world, command, guildId)?.id ?? world.id(),
    guildId,
    version: world.id(),
  });
  const found = (call: Call): RegisteredCommand => {
    const command = world.commands.find((one) => one.id === call.param('command') && one.guildId === guildIdOf(call));
    if (command === undefined) throw new DiscordRefusal(404, 10_063, 'Unknown application command');
    return command;
  };
  return [
    {
      method: 'GET',
      path,
      answer: (call) => {
        const own = world.commands.filter((command) => command.guildId === guildIdOf(call));
        return ok(own.map((command) => commandPayload(world, command)));
      },
    },
    {
      method: 'PUT',
      path,
      answer: (call) => {
        checkApplication(world, call);
        const guildId = guildIdOf(call);
        const fresh = checkedCommands(call.body, guildId !== undefined).map((command) => registered(command, guildId));
        world.commands = [...world.commands.filter((command) => command.guildId !== guildId), ...fresh];
        world.watch.changed();
        return ok(fresh.map((command) => commandPayload(world, command)));
      },
    },
    {
      method: 'POST',
      path,
      answer: (call) => {
        checkApplication(world, call);
        const guildId = guildIdOf(call);
        const checkedOne = checkedCommand(call.body, guildId !== undefined, []);
        const earlier = same(world, checkedOne, guildId);
        const command = registered(checkedOne, guildId);
        world.commands = [...world.commands.filter((one) => one !== earlier), command];
        world.watch.changed();
        return { status: earlier === undefined ? 201 : 200, body: commandPayload(world, command) };
      },
    },
    {
      method: 'DELETE',
      path: `${path}/:command`,
      answer: (call) => {
        const command = found(call);
        world.commands = world.commands.filter((one) => one !== command);
        return done;
      },
    },
  ];
}

/** A command keeps its id as long as its name, type and guild stay. */
function same(
  world: World,
  { name, type }: SlashCommand | MenuCommand,
  guildId: string | undefined,
): RegisteredCommand | undefined {
  return world.commands.find((one) => one.name === name && one.type === type && one.guildId === guildId);
}

function checkApplication(world: World, call: Call): void {
  if (call.param('application') !== world.bot.id) throw new DiscordRefusal(404, 10_002, 'Unknown Application');
}
