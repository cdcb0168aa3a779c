/** From Discord's interactions to neutral acts. */
import {
  type Attachment,
  type BaseInteraction,
  type ChatInputCommandInteraction,
  ComponentType,
  GuildMember,
  type Interaction,
  InteractionContextType,
  type Message,
  type MessageContextMenuCommandInteraction,
  type ModalSubmitInteraction,
  PermissionFlagsBits,
  type SelectMenuModalData,
} from 'discord.js';
import type { Act, Actor, ArgumentValue, PhotoHandle, Scene } from '../../commands/contract/act.ts';
import { idOfAll, parsePressId, type PressId } from '../../commands/contract/press-id.ts';
import type { Origin } from './responses.ts';
import { type DownloadLimits, looksLikePicture, photoHandle } from './files.ts';
import { isPhotoOption } from './register.ts';
import { rightsByRoles } from './rights.ts';

export interface Received {
  readonly act: Act;
  readonly actor: Actor;
  readonly scene: Scene;
  readonly origin: Origin;
}

export interface ReceiveOptions {
  readonly downloads: DownloadLimits;
  /** The table's name of a registered command. */
  readonly nameOf: (registered: string) => string;
}

/** Undefined for what the bot never asked Discord for: a command of a kind that it does not register. */
export function received(interaction: Interaction, options: ReceiveOptions): Received | undefined {
  const act = actOf(interaction, options);
  if (act === undefined) return undefined;
  const scene = sceneOf(interaction);
  return { act, actor: actorOf(interaction), scene, origin: originOf(interaction, scene) };
}

/** No button of this version carries it. */
const unknownPress: PressId = { action: 'unknown', id: '-' };

function actOf(interaction: Interaction, options: ReceiveOptions): Act | undefined {
  const requestId = interaction.id;
  if (interaction.isChatInputCommand()) return { requestId, ...typedCommand(interaction, options) };
  if (interaction.isMessageContextMenuCommand()) return { requestId, ...messageCommand(interaction, options) };
  if (interaction.isAutocomplete()) {
    const { name: argument, value: text } = interaction.options.getFocused(true);
    return { kind: 'suggest', requestId, name: options.nameOf(interaction.commandName), argument, text };
  }
  if (interaction.isModalSubmit()) return { requestId, ...filledForm(interaction, options) };
  if (interaction.isButton()) {
    return { kind: 'press', requestId, press: parsePressId(interaction.customId) ?? unknownPress };
  }
  // The bot shows no other components: whoever sends one made it up.
  return interaction.isMessageComponent() ? { kind: 'press', requestId, press: unknownPress } : undefined;
}

type WithoutRequest<T> = T extends unknown ? Omit<T, 'requestId'> : never;

function typedCommand(
  interaction: ChatInputCommandInteraction,
  { downloads, nameOf }: ReceiveOptions,
): WithoutRequest<Act> {
  const args: Record<string, ArgumentValue> = {};
  const photos: PhotoHandle[] = [];
  for (const { name, value, attachment } of interaction.options.data) {
    if (isPhotoOption(name)) photos.push(...photosOf([attachment], downloads));
    else if (value !== undefined) args[name] = value;
  }
  return { kind: 'command', name: nameOf(interaction.commandName), args, photos };
}

function messageCommand(
  { commandName, targetMessage, applicationId }: MessageContextMenuCommandInteraction,
  { downloads, nameOf }: ReceiveOptions,
): WithoutRequest<Act> {
  const pointedAt = targetMessage.author.id === applicationId ? idOfAll(buttonsOf(targetMessage)) : undefined;
  const forwarded = targetMessage.messageSnapshots.flatMap(({ attachments }) => attachments).values();
  const pictures = [...targetMessage.attachments.values(), ...forwarded].filter(looksLikePicture);
  return {
    kind: 'command',
    name: nameOf(commandName),
    args: {},
    photos: photosOf(pictures, downloads),
    ...(pointedAt === undefined ? {} : { pointedAt }),
    ...(targetMessage.author.bot ? {} : { personPointedAt: targetMessage.author.id }),
  };
}

/** What the buttons carry; the bot shows them in rows and nowhere deeper. */
function buttonsOf({ components }: Message): string[] {
  const inRows = components.flatMap((row) => (row.type === ComponentType.ActionRow ? row.components : []));
  return inRows.flatMap((one) => (one.type === ComponentType.Button ? (one.customId ?? []) : []));
}

function filledForm(interaction: ModalSubmitInteraction, { downloads }: ReceiveOptions): WithoutRequest<Act> {
  const press = parsePressId(interaction.customId);
  if (press === undefined) return { kind: 'press', press: unknownPress };
  const fields: Record<string, string> = {};
  const photos: PhotoHandle[] = [];
  for (const field of interaction.fields.fields.values()) {
    if (field.type === ComponentType.TextInput) fields[field.customId] = field.value;
    if (field.type === ComponentType.MentionableSelect || field.type === ComponentType.ChannelSelect)
      fields[field.customId] = mentionsOf(field);
    if (field.type === ComponentType.FileUpload) photos.push(...photosOf(field.attachments?.values() ?? [], downloads));
  }
  const { action: form, id, extra } = press;
  return { kind: 'form', form, id, extra, fields, photos };
}

/** As people write them in messages. */
function mentionsOf({ type, values, roles }: SelectMenuModalData): string {
  const sign = (id: string): string => (type === ComponentType.ChannelSelect ? '#' : roles?.has(id) ? '@&' : '@');
  return values.map((id) => `<${sign(id)}${id}>`).join(' ');
}

function photosOf(files: Iterable<Attachment | null | undefined>, downloads: DownloadLimits): PhotoHandle[] {
  return [...files].flatMap((file) =>
    file === null || file === undefined ? [] : [photoHandle({ url: file.url, bytes: file.size }, downloads)],
  );
}

function actorOf({ user, member, locale }: BaseInteraction): Actor {
  const nick = member instanceof GuildMember ? member.displayName : (member?.nick ?? undefined);
  return { platform: 'discord', userId: user.id, displayName: nick ?? user.displayName, locale, isBot: user.bot };
}

function sceneOf(interaction: BaseInteraction): Scene {
  const { channel, channelId, guildId, guildLocale, user, attachmentSizeLimit } = interaction;
  // A guild that knows the bot only by one member's own installation is no community of the bot's.
  const guild = guildId === null ? undefined : interaction.client.guilds.cache.get(guildId);
  const place =
    channel?.isThread() === true
      ? { channelId: channel.parentId ?? channel.id, threadId: channel.id }
      : { channelId: channelId ?? user.id };
  return {
    platform: 'discord',
    communityId: guild?.id ?? user.id,
    kind: guild === undefined ? 'private' : 'community',
    ...place,
    locale: guildLocale ?? undefined,
    // Where the community is the person alone, it is theirs.
    ...(guild === undefined
      ? { mayManage: true, mayModerate: true, roleIds: [] }
      : rightsByRoles(guild, user.id, rolesOf(interaction))),
    ...(guild === undefined ? {} : { isBooster: isBooster(interaction) }),
    maxUploadBytes: attachmentSizeLimit,
  };
}

function isBooster({ member }: BaseInteraction): boolean {
  const since = member instanceof GuildMember ? member.premiumSince : member?.premium_since;
  return since !== undefined && since !== null;
}

/** Without the role that everybody has, whose id is the guild's. */
function rolesOf({ member, guildId }: BaseInteraction): string[] {
  const ids = member instanceof GuildMember ? [...member.roles.cache.keys()] : (member?.roles ?? []);
  return ids.filter((id) => id !== guildId);
}

function originOf(interaction: Interaction, { communityId, mayManage, mayModerate, roleIds }: Scene): Origin {
  const { id, applicationId, token, user, channelId, createdTimestamp: createdAt, attachmentSizeLimit } = interaction;
  const pressed = interaction.isMessageComponent() || interaction.isModalSubmit() ? interaction.message : null;
  return {
    id,
    applicationId,
    token,
    userId: user.id,
    channelId: channelId ?? user.id,
    createdAt,
    isReachable: isReachable(interaction),
    maxUploadBytes: attachmentSizeLimit,
    communityId,
    rights: { mayManage, mayModerate, roleIds },
    pressedId: pressed?.id,
    shows: interaction.isAutocomplete() ? 'proposals' : interaction.isModalSubmit() ? 'no form' : 'everything',
  };
}

function isGuildInstalled({ guildId, client }: BaseInteraction): boolean {
  return guildId !== null && client.guilds.cache.has(guildId);
}

function isReachable(interaction: BaseInteraction): boolean {
  if (interaction.context === InteractionContextType.BotDM) return true;
  return isGuildInstalled(interaction) && has(interaction.appPermissions, PermissionFlagsBits.ViewChannel);
}

function has(permissions: BaseInteraction['memberPermissions'], permission: bigint): boolean {
  return permissions?.has(permission) ?? false;
}
