import { ApplicationIntegrationType, InteractionContextType, MessageFlags, SlashCommandBuilder } from 'discord.js';
import type { Interaction } from 'discord.js';
import { expect, test } from 'vitest';
import type { Channel, FakeDiscord, Person } from '../../fakes/discord/index.ts';
import { loggedIn } from './bot.ts';

const cow = new SlashCommandBuilder()
  .setName('cow')
  .setDescription('Paint')
  .setContexts(InteractionContextType.Guild, InteractionContextType.BotDM, InteractionContextType.PrivateChannel)
  .setIntegrationTypes(ApplicationIntegrationType.GuildInstall, ApplicationIntegrationType.UserInstall);

test.for<[string, (discord: FakeDiscord, person: Person) => Channel, string]>([
  ['a guild with the bot', (discord) => discord.lobby, '0 0 guild'],
  ['direct messages', (_, person) => person.dm, '1 0 none'],
  ['a group DM', (discord, person) => discord.groupDm(person), '2 1 none'],
  [
    'a guild without the bot',
    (discord) => discord.channel(discord.guild('Elsewhere', { botInside: false })),
    '0 1 guild',
  ],
])('the real client understands a command from %s', async ([, place, expected]) => {
  await using pair = await loggedIn();
  const { discord, client } = pair;
  const ada = discord.user('Ada', { installed: true });
  const answer = async (interaction: Interaction): Promise<void> => {
    if (!interaction.isChatInputCommand()) return;
    const owners = interaction.authorizingIntegrationOwners.userId === ada.id ? '1' : '0';
    await interaction.deferReply({ flags: MessageFlags.Ephemeral });
    await interaction.editReply(`${interaction.context} ${owners} ${interaction.guildId === null ? 'none' : 'guild'}`);
  };
  client.on('interactionCreate', (interaction) => void answer(interaction));
  await client.application.commands.set([cow]);
  const asked = await ada.slash('cow', {}, place(discord, ada));
  expect((await asked.answer()).text).toBe(expected);
  expect(discord.violations).toEqual([]);
  expect(pair.errors).toEqual([]);
});

test('the real client sends a choice in a select and a direct message', async () => {
  await using pair = await loggedIn();
  const { discord, client } = pair;
  const ada = discord.user('Ada');
  const user = await client.users.fetch(ada.id);
  await user.send({
    content: 'which?',
    components: [
      {
        type: 1,
        components: [{ type: 3, customId: 'v1:pick:7', options: ['a', 'b'].map((value) => ({ label: value, value })) }],
      },
    ],
  });
  const [message] = discord.messages(ada.dm, ada);
  if (message === undefined) throw new Error('Expected a message.');
  const answer = async (interaction: Interaction): Promise<void> => {
    if (interaction.isStringSelectMenu())
      await interaction.update({ content: interaction.values.join(), components: [] });
  };
  client.on('interactionCreate', (interaction) => void answer(interaction));
  await expect(ada.choose(message, 'c')).rejects.toThrow('no option c');
  const chosen = await ada.choose(message, 'b');
  expect((await chosen.answer((one) => one.text === 'b')).id).toBe(message.id);
  expect(discord.violations).toEqual([]);
});
