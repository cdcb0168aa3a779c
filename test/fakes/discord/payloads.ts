import type { Account, Attachment, Channel, Guild, Message, Role } from './model.ts';
import type { MessageComponent } from './rules/components.ts';
import type { RegisteredCommand, World } from './world.ts';

const iso = (ms: number): string => new Date(ms).toISOString().replace('Z', '000+00:00');

export function accountPayload({ id, name, bot }: Account): object {
  return {
    id,
    username: name.toLowerCase().replaceAll(/[^a-z0-9_.]/g, '_'),
    global_name: name,
    discriminator: '0',
    avatar: null,
    bot,
    public_flags: 0,
  };
}

export function memberPayload(guild: Guild, account: Account): object {
  const roles = guild.roles.filter(({ holders }) => holders.has(account.id));
  const own = guild.permissions.get(account.id) ?? guild.memberPermissions;
  const permissions = roles.reduce((sum, role) => sum | role.permissions, own);
  return {
    user: accountPayload(account),
    nick: null,
    avatar: null,
    roles: roles.map(({ id }) => id),
    joined_at: iso(0),
    premium_since: guild.boosters.has(account.id) ? iso(0) : null,
    deaf: false,
    mute: false,
    flags: 0,
    permissions: permissions.toString(),
  };
}

const channelTypes = { text: 0, dm: 1, 'group-dm': 3 } as const;

export function channelPayload(channel: Channel): object {
  const base = { id: channel.id, type: channelTypes[channel.kind], flags: 0, last_message_id: null };
  if (channel.guild === undefined)
    return {
      ...base,
      name: channel.kind === 'group-dm' ? channel.name : undefined,
      recipients: channel.recipients.map(accountPayload),
    };
  return {
    ...base,
    guild_id: channel.guild.id,
    name: channel.name,
    position: 0,
    parent_id: null,
    topic: null,
    nsfw: false,
    rate_limit_per_user: 0,
    permission_overwrites: [],
  };
}

export function rolePayload({ id, name, permissions }: Pick<Role, 'id' | 'name' | 'permissions'>): object {
  return {
    id,
    name,
    color: 0,
    hoist: false,
    position: 0,
    permissions: permissions.toString(),
    managed: false,
    mentionable: false,
    flags: 0,
  };
}

export function guildPayload(world: World, guild: Guild): object {
  const channels = [...world.channels.values()].filter((channel) => channel.guild === guild && !channel.gone);
  const everyone = { id: guild.id, name: '@everyone', permissions: guild.memberPermissions };
  return {
    id: guild.id,
    name: guild.name,
    owner_id: guild.ownerId,
    icon: null,
    preferred_locale: guild.locale,
    features: [],
    roles: [everyone, ...guild.roles].map(rolePayload),
    emojis: [],
    stickers: [],
    afk_timeout: 300,
    verification_level: 0,
    default_message_notifications: 1,
    explicit_content_filter: 0,
    mfa_level: 0,
    system_channel_flags: 0,
    premium_tier: 0,
    nsfw_level: 0,
    premium_progress_bar_enabled: false,
    joined_at: iso(0),
    large: false,
    unavailable: false,
    member_count: 2,
    members: [memberPayload(guild, world.bot)],
    channels: channels.map(channelPayload),
    threads: [],
    presences: [],
    voice_states: [],
    stage_instances: [],
    guild_scheduled_events: [],
    soundboard_sounds: [],
  };
}

export function attachmentPayload(world: World, attachment: Attachment): object {
  const { id, filename, contentType, description, size, width, height } = attachment;
  const url = world.cdn.link(attachment);
  const dimensions = width === undefined ? {} : { width, height };
  const alt = description === undefined ? {} : { description };
  return {
    id,
    filename,
    content_type: contentType,
    size,
    url,
    proxy_url: url,
    ephemeral: attachment.ephemeral,
    ...dimensions,
    ...alt,
  };
}

/**
 * A message as the API sends it. Without the MESSAGE_CONTENT intent `event` and `list` hide what people wrote, except to the
 * bot in DMs and where it is mentioned; a message that a command targets is always whole.
 */
export function messagePayload(world: World, message: Message, way: 'event' | 'list' | 'whole'): object {
  const channel = world.channels.get(message.channelId);
  const hidden =
    way !== 'whole' &&
    !world.messageContent &&
    message.author.id !== world.bot.id &&
    channel?.guild !== undefined &&
    !message.content.includes(`<@${world.bot.id}>`);
  const { interaction } = message;
  return {
    id: message.id,
    channel_id: message.channelId,
    type: message.type,
    author: accountPayload(message.author),
    content: hidden ? '' : message.content,
    embeds: hidden ? [] : message.embeds,
    attachments: hidden ? [] : message.attachments.map((one) => attachmentPayload(world, one)),
    components: hidden ? [] : message.components.map((one) => shownComponent(world, message, one)),
    timestamp: iso(message.createdMs),
    edited_timestamp: message.editedMs === undefined ? null : iso(message.editedMs),
    tts: false,
    mention_everyone: message.pings.includes('everyone'),
    mentions: [],
    mention_roles: [],
    pinned: false,
    flags: message.flags,
    ...(message.author.bot ? { application_id: world.bot.id, webhook_id: interaction && world.bot.id } : {}),
    ...(message.nonce === undefined ? {} : { nonce: message.nonce }),
    ...(message.referenceId === undefined
      ? {}
      : { message_reference: { type: 0, message_id: message.referenceId, channel_id: message.channelId } }),
    ...(interaction === undefined
      ? {}
      : {
          interaction_metadata: {
            id: interaction.id,
            type: interaction.type,
            user: accountPayload(interaction.user),
            authorizing_integration_owners: {},
          },
        }),
  };
}

/** A component as it comes back: every media item with a link instead of `attachment://`. */
function shownComponent(world: World, message: Message, component: MessageComponent): object {
  const media = (item: { url: string }): object => {
    const own = message.attachments.find(
      (one) => item.url === `attachment://${one.filename}` || item.url.includes(one.path),
    );
    if (own === undefined) return { url: item.url, proxy_url: item.url };
    const url = world.cdn.link(own);
    return {
      id: own.id,
      url,
      proxy_url: url,
      width: own.width ?? null,
      height: own.height ?? null,
      content_type: own.contentType,
    };
  };
  switch (component.type) {
    case 1:
    case 17:
      return { ...component, components: component.components.map((child) => shownComponent(world, message, child)) };
    case 9:
      return { ...component, accessory: shownComponent(world, message, component.accessory) };
    case 11:
      return { ...component, media: media(component.media) };
    case 12:
      return { ...component, items: component.items.map((item) => ({ ...item, media: media(item.media) })) };
    case 13:
      return { ...component, file: media(component.file) };
    case 2:
    case 3:
    case 5:
    case 6:
    case 7:
    case 8:
    case 10:
    case 14:
      return component;
  }
}

export function commandPayload(world: World, command: RegisteredCommand): object {
  const { guildId, ...rest } = command;
  return {
    default_member_permissions: null,
    nsfw: false,
    description: '',
    ...rest,
    application_id: world.bot.id,
    ...(guildId === undefined ? {} : { guild_id: guildId }),
  };
}
