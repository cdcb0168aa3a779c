import {
  ActionRowBuilder,
  ApplicationCommandType,
  ButtonBuilder,
  ButtonStyle,
  ContainerBuilder,
  ContextMenuCommandBuilder,
  FileUploadBuilder,
  LabelBuilder,
  MediaGalleryBuilder,
  MessageFlags,
  ModalBuilder,
  SlashCommandBuilder,
  TextDisplayBuilder,
  TextInputBuilder,
  TextInputStyle,
} from 'discord.js';
import type { Client, Interaction } from 'discord.js';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { loggedIn } from './bot.ts';

const cow = new SlashCommandBuilder()
  .setName('cow')
  .setDescription('Paint around your photo')
  .addStringOption((option) =>
    option.setName('prompt').setDescription('What to paint').setRequired(true).setAutocomplete(true),
  )
  .addAttachmentOption((option) => option.setName('photo').setDescription('Your photo'));
const menu = new ContextMenuCommandBuilder().setName('COW this photo').setType(ApplicationCommandType.Message);

async function painted(colour: string): Promise<Buffer> {
  return sharp({ create: { width: 64, height: 48, channels: 3, background: colour } })
    .png()
    .toBuffer();
}

function result(text: string, file: string): ContainerBuilder {
  return new ContainerBuilder()
    .addTextDisplayComponents(new TextDisplayBuilder().setContent(text))
    .addMediaGalleryComponents(
      new MediaGalleryBuilder().addItems({ media: { url: `attachment://${file}` }, description: 'a knight' }),
    )
    .addActionRowComponents(
      new ActionRowBuilder<ButtonBuilder>().addComponents(
        new ButtonBuilder().setCustomId('v1:again:7').setLabel('Again').setStyle(ButtonStyle.Primary),
        new ButtonBuilder().setCustomId('v1:remix:7').setLabel('Remix').setStyle(ButtonStyle.Secondary),
      ),
    );
}

const form = new ModalBuilder()
  .setCustomId('v1:remix:7')
  .setTitle('Remix')
  .addLabelComponents(
    new LabelBuilder()
      .setLabel('Prompt')
      .setTextInputComponent(
        new TextInputBuilder().setCustomId('prompt').setStyle(TextInputStyle.Paragraph).setValue('old'),
      ),
    new LabelBuilder()
      .setLabel('Another photo')
      .setFileUploadComponent(new FileUploadBuilder().setCustomId('photo').setRequired(false)),
  );

/** A small bot: echoes the photo it is given as its result. */
function serveCow(client: Client<true>): void {
  const answer = async (interaction: Interaction): Promise<void> => {
    if (interaction.isAutocomplete()) {
      await interaction.respond([{ name: `${interaction.options.getFocused()}!`, value: 'x' }]);
    } else if (interaction.isChatInputCommand()) {
      await interaction.deferReply();
      const photo = interaction.options.getAttachment('photo', true);
      const bytes = Buffer.from(await (await fetch(photo.url)).arrayBuffer());
      const prompt = interaction.options.getString('prompt', true);
      await interaction.editReply({
        flags: MessageFlags.IsComponentsV2,
        components: [result(prompt, 'cow.png')],
        files: [{ attachment: bytes, name: 'cow.png', description: 'a knight' }],
      });
    } else if (interaction.isMessageContextMenuCommand()) {
      const photo = interaction.targetMessage.attachments.first();
      await interaction.reply({
        content: `${photo?.name} ${interaction.targetMessage.content}`,
        flags: MessageFlags.Ephemeral,
      });
    } else if (interaction.isButton() && interaction.customId.startsWith('v1:remix')) {
      await interaction.showModal(form);
    } else if (interaction.isButton()) {
      await interaction.deferUpdate();
      await interaction.editReply({ components: [result('again', 'cow.png')], flags: MessageFlags.IsComponentsV2 });
    } else if (interaction.isModalSubmit()) {
      const file = interaction.fields.getUploadedFiles('photo')?.first();
      await interaction.reply(`${interaction.fields.getTextInputValue('prompt')} ${file?.name} ${file?.size}`);
    }
  };
  client.on('interactionCreate', (interaction) => void answer(interaction));
}

test('a real client registers, is asked, defers, edits with files and components, is pressed, opens a form', async () => {
  await using pair = await loggedIn();
  const { discord, client } = pair;
  serveCow(client);
  await client.application.commands.set([cow, menu]);
  expect(discord.commands.map((command) => command.name)).toEqual(['cow', 'COW this photo']);

  const ada = discord.user('Ada', { locale: 'de' });
  const photo = await painted('#ff0000');
  const asked = await ada.slash('cow', { prompt: 'a knight', photo: { bytes: photo, name: 'me.png' } });
  expect((await asked.whenAcknowledged()).type).toBe(5);
  const message = await asked.answer();
  expect(message.text).toBe('a knight');
  expect(message.labels).toEqual(['Again', 'Remix']);
  expect(message.altTexts).toEqual(['a knight']);
  expect(Buffer.from(message.pictures[0]?.bytes ?? [])).toEqual(photo);
  expect(message).toMatchObject({ v2: true, ephemeral: false, pings: [] });

  const pressed = await ada.press(message, 'Again');
  expect(await pressed.answer((one) => one.text === 'again')).toBe(message);
  expect(message.history.map((entry) => entry.text)).toEqual(['', 'a knight']);

  const remix = await ada.press(message, 'Remix');
  const submitted = await ada.submitModal(remix, { Prompt: 'a queen', photo: [{ bytes: photo, name: 'you.png' }] });
  expect((await submitted.answer()).text).toBe(`a queen you.png ${photo.length}`);
  expect(discord.violations).toEqual([]);
  expect(pair.errors).toEqual([]);
});

test('a message command sees the target whole without any intent, and answers to one person only', async () => {
  await using pair = await loggedIn();
  const { discord, client } = pair;
  serveCow(client);
  await client.application.commands.set([menu]);
  const ada = discord.user('Ada');
  const bob = discord.user('Bob');
  const posted = await ada.say('me at sea', [{ bytes: await painted('#0000ff'), name: 'sea.png' }]);
  const reply = await (await bob.onMessage('COW this photo', posted)).answer();
  expect(reply.text).toBe('sea.png me at sea');
  expect(discord.messages(discord.lobby, ada)).toEqual([posted]);
  expect(discord.messages(discord.lobby, bob)).toEqual([posted, reply]);
});

test('autocomplete shows what the bot suggests', async () => {
  await using pair = await loggedIn();
  const { discord, client } = pair;
  serveCow(client);
  await client.application.commands.set([cow]);
  const typed = await discord.user('Ada').suggest('cow', { prompt: 'kni' });
  expect(await typed.choices()).toEqual([{ name: 'kni!', value: 'x' }]);
});

test('a dropped connection is resumed and what happened in between arrives', async () => {
  await using pair = await loggedIn();
  const { discord, client } = pair;
  serveCow(client);
  await client.application.commands.set([cow]);
  discord.dropGateway();
  const asked = await discord.user('Ada').suggest('cow', { prompt: 'a' });
  expect(await asked.choices()).toHaveLength(1);
  expect(discord.gateway.seen).toMatchObject({ identify: 1, resume: 1 });
});

test('an invalidated session is identified anew', async () => {
  await using pair = await loggedIn();
  const { discord, client } = pair;
  serveCow(client);
  await client.application.commands.set([cow]);
  discord.dropGateway('invalidate');
  await discord.until(() => discord.gateway.seen.identify === 2 && discord.gateway.connected, 'a second identify');
  const asked = await discord.user('Ada').suggest('cow', { prompt: 'a' });
  expect(await asked.choices()).toHaveLength(1);
}, 30_000);
