import type { WireClock } from '../wire/clock.ts';
import { pictureSize } from '../wire/picture.ts';
import { Record } from '../wire/record.ts';
import type { WireFile } from '../wire/record.ts';
import { Watch } from '../wire/watch.ts';
import type { Misbehaviour } from '../wire/bytes.ts';
import { Cdn } from './cdn.ts';
import { missingAccess, missingPermissions, unknownChannel, unknownMessage } from './errors.ts';
import type { Interaction } from './interaction.ts';
import { Message, Permission, usualPermissions } from './model.ts';
import type { Account, Attachment, Channel, ChannelKind, Guild } from './model.ts';
import { messagePayload } from './payloads.ts';
import { pinged } from './pings.ts';
import type { MenuCommand, SlashCommand } from './rules/commands.ts';
import { Flags } from './rules/messages.ts';
import type { Draft } from './rules/messages.ts';

export type RegisteredCommand = (SlashCommand | MenuCommand) & {
  id: string;
  guildId: string | undefined;
  version: string;
};

/** Sends a gateway event to the shard of `guildId` if that shard's session asked for one of `intents` (0: always). */
export type Dispatch = (event: string, data: object, intents: number, guildId: string | undefined) => void;

const discordEpochMs = 1_420_070_400_000;

/** All that this Discord knows. */
export class World {
  readonly clock: WireClock;
  readonly watch = new Watch();
  readonly record = new Record();
  readonly cdn: Cdn;
  readonly token: string;
  readonly bot: Account;
  readonly accounts = new Map<string, Account>();
  readonly guilds = new Map<string, Guild>();
  readonly channels = new Map<string, Channel>();
  readonly interactions = new Map<string, Interaction>();
  /** Registered commands, global ones and those of guilds. */
  commands: RegisteredCommand[] = [];
  /** Whether the app has the privileged MESSAGE_CONTENT intent. */
  readonly messageContent: boolean;
  dispatch: Dispatch = () => {};
  /** How often the bot is told of each thing that people do. */
  tellings = 1;
  #lastId = 0n;

  constructor(options: { clock: WireClock; token: string; botName: string; messageContent: boolean }) {
    this.clock = options.clock;
    this.token = options.token;
    this.messageContent = options.messageContent;
    this.cdn = new Cdn(options.clock);
    this.bot = this.account(options.botName, true);
  }

  /** A snowflake of this moment; each one greater than the last. */
  id(): string {
    const stamped = BigInt(Math.floor(this.clock.now()) - discordEpochMs) << 22n;
    this.#lastId = stamped > this.#lastId ? stamped : this.#lastId + 1n;
    return this.#lastId.toString();
  }

  account(name: string, bot = false): Account {
    const account = { id: this.id(), name, bot, locale: 'en-US', installed: false, opensDms: true };
    this.accounts.set(account.id, account);
    return account;
  }

  guild(name: string, botInside: boolean, ownerId?: string): Guild {
    const guild: Guild = {
      id: this.id(),
      name,
      ownerId: ownerId ?? this.account(`owner of ${name}`).id,
      locale: 'en-US',
      botInside,
      botPermissions: usualPermissions,
      permissions: new Map(),
      roles: [],
      boosters: new Set(),
      memberPermissions: usualPermissions,
      maxFileBytes: 10 * 2 ** 20,
    };
    this.guilds.set(guild.id, guild);
    return guild;
  }

  channel(kind: ChannelKind, name: string, guild: Guild | undefined, recipients: readonly Account[]): Channel {
    const channel = { id: this.id(), kind, name, guild, recipients, botDenied: 0n, gone: false, messages: [] };
    this.channels.set(channel.id, channel);
    return channel;
  }

  dmWith(account: Account): Channel {
    const open = [...this.channels.values()].find((one) => one.kind === 'dm' && one.recipients.includes(account));
    return open ?? this.channel('dm', account.name, undefined, [account]);
  }

  /** What the bot may do in a channel; 0 where it is absent. */
  botPermissions(channel: Channel): bigint {
    if (channel.kind === 'dm') return usualPermissions;
    if (channel.guild === undefined || !channel.guild.botInside) return 0n;
    return channel.guild.botPermissions & ~channel.botDenied;
  }

  /** @throws {DiscordRefusal} 10003, 50001, 50013 */
  channelForBot(id: string, ...needed: bigint[]): Channel {
    const channel = this.channels.get(id);
    if (channel === undefined || channel.gone) throw unknownChannel();
    const has = this.botPermissions(channel);
    if ((has & Permission.viewChannel) === 0n) throw missingAccess();
    for (const permission of needed) if ((has & permission) === 0n) throw missingPermissions();
    return channel;
  }

  /** A message that the bot can reach by its channel: not deleted, not ephemeral. @throws {DiscordRefusal} 10008 */
  messageForBot(channel: Channel, id: string): Message {
    const message = channel.messages.find((one) => one.id === id);
    if (message === undefined || message.deleted || message.ephemeral) throw unknownMessage();
    return message;
  }

  async attach(
    file: Pick<WireFile, 'name' | 'contentType' | 'bytes'>,
    place: { folder: string; ephemeral: boolean; description?: string | undefined; misbehaviour?: Misbehaviour },
  ): Promise<Attachment> {
    const size = await pictureSize(file.bytes);
    const id = this.id();
    const root = place.ephemeral ? 'ephemeral-attachments' : 'attachments';
    // The service keeps letters, digits, `_`, `-` and `.` of a filename.
    const filename = file.name.replaceAll(/[^\w.-]/g, '_');
    const attachment: Attachment = {
      id,
      filename,
      contentType: file.contentType,
      description: place.description,
      bytes: file.bytes,
      size: file.bytes.length,
      width: size?.width,
      height: size?.height,
      path: `/${root}/${place.folder}/${id}/${encodeURIComponent(filename)}`,
      ephemeral: place.ephemeral,
    };
    this.cdn.keep(attachment, place.misbehaviour);
    return attachment;
  }

  /** Gives `message` what the draft says. The first draft is no edit unless the message was shown loading. */
  async write(message: Message, draft: Draft, isEdit: boolean): Promise<void> {
    const added = await Promise.all(
      draft.added.map(({ file, description }) =>
        this.attach(file, { folder: message.channelId, ephemeral: message.ephemeral, description }),
      ),
    );
    const wasLoading = message.loading;
    if (isEdit) {
      message.history.push({ text: message.text, buttons: message.labels, attachments: message.attachments });
      message.editedMs = this.clock.now();
    }
    message.content = draft.content;
    message.embeds = draft.embeds;
    message.components = draft.components;
    message.flags = (draft.flags & ~Flags.ephemeral) | (message.ephemeral ? Flags.ephemeral : 0);
    message.attachments = [...message.attachments.filter((one) => draft.kept.includes(one.id)), ...added];
    // An edit never notifies; a deferred reply's first edit does.
    if (!isEdit || wasLoading) message.pings = pinged(message.text, draft.allowedMentions);
    this.announce(isEdit ? 'MESSAGE_UPDATE' : 'MESSAGE_CREATE', message);
  }

  announce(event: 'MESSAGE_CREATE' | 'MESSAGE_UPDATE', message: Message): void {
    const channel = this.channels.get(message.channelId);
    if (channel !== undefined && !message.ephemeral && this.botPermissions(channel) !== 0n) {
      const guildId = channel.guild?.id;
      const place = guildId === undefined ? { channel_type: 1 } : { guild_id: guildId };
      const data = { ...messagePayload(this, message, 'event'), ...place };
      this.dispatch(event, data, guildId === undefined ? 1 << 12 : 1 << 9, guildId);
    }
    this.watch.changed();
  }

  remove(message: Message): void {
    message.deleted = true;
    const channel = this.channels.get(message.channelId);
    const guildId = channel?.guild?.id;
    const data = {
      id: message.id,
      channel_id: message.channelId,
      ...(guildId === undefined ? {} : { guild_id: guildId }),
    };
    if (!message.ephemeral) this.dispatch('MESSAGE_DELETE', data, guildId === undefined ? 1 << 12 : 1 << 9, guildId);
    this.watch.changed();
  }
}
