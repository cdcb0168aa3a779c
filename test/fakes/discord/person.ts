import { randomBytes } from 'node:crypto';
import { fillIn } from './commandinput.ts';
import type { CommandInput, FilledIn, Upload, Uploader } from './commandinput.ts';
import { Interaction, interactionTypes } from './interaction.ts';
import type { InteractionKind } from './interaction.ts';
import { submitted } from './modalinput.ts';
import type { ModalInput } from './modalinput.ts';
import { Message } from './model.ts';
import type { Account, Attachment, Channel } from './model.ts';
import {
  accountPayload,
  attachmentPayload,
  channelPayload,
  memberPayload,
  messagePayload,
  rolePayload,
} from './payloads.ts';
import type { RegisteredCommand, World } from './world.ts';

const contexts = { text: 0, dm: 1, 'group-dm': 2 } as const;

/** Someone who uses Discord: does what its client would let a person do, and throws where the client would not. */
export class Person {
  readonly account: Account;
  readonly #world: World;
  #home: Channel;

  /** @param home Where this person acts unless a channel is named. */
  constructor(world: World, account: Account, home: Channel) {
    this.#world = world;
    this.account = account;
    this.#home = home;
  }

  get id(): string {
    return this.account.id;
  }

  /** From now on this person acts there. */
  goTo(channel: Channel): this {
    this.#home = channel;
    return this;
  }

  /** The direct messages between this person and the bot. */
  get dm(): Channel {
    return this.#world.dmWith(this.account);
  }

  /** `cow`, or with subcommands `settings show`. */
  async slash(name: string, input: CommandInput = {}, channel = this.#home): Promise<Interaction> {
    const words = name.split(' ');
    const command = this.#command(words[0], 1, channel);
    const filled = await fillIn(command, words, input, this.#uploader());
    return this.#interact('command', channel, { command, data: this.#commandData(command, filled) });
  }

  /** Types into an option with autocomplete; the last entry of `input` is what has the cursor. */
  async suggest(name: string, input: CommandInput, channel = this.#home): Promise<Interaction> {
    const words = name.split(' ');
    const command = this.#command(words[0], 1, channel);
    const filled = await fillIn(command, words, input, this.#uploader(), Object.keys(input).at(-1));
    return this.#interact('autocomplete', channel, { command, data: this.#commandData(command, filled) });
  }

  /** Right click on a message -> Apps -> `name`. */
  async onMessage(name: string, message: Message): Promise<Interaction> {
    const channel = this.#channelOf(message);
    const command = this.#command(name, 3, channel);
    const resolved = { messages: { [message.id]: messagePayload(this.#world, message, 'whole') } };
    const data = { ...this.#commandData(command), target_id: message.id, resolved };
    return this.#interact('command', channel, { command, data });
  }

  /** Presses the button with this label (or custom id). */
  async press(message: Message, label: string): Promise<Interaction> {
    this.#see(message);
    const button = message.buttons.find((one) => one.label === label || one.custom_id === label);
    if (button?.custom_id === undefined)
      throw new Error(`There is no button ${label}; there are: ${message.labels.join(', ')}.`);
    if (button.disabled === true) throw new Error(`The button ${label} is disabled.`);
    return this.forge(message, button.custom_id, { component_type: 2, id: button.id });
  }

  /** Chooses in the only select of the message, or in the one with `customId`. */
  async choose(message: Message, values: string | readonly string[], customId?: string): Promise<Interaction> {
    this.#see(message);
    const select = message.selects.find((one) => customId === undefined || one.custom_id === customId);
    if (select === undefined || select.disabled === true) throw new Error('There is no select to choose in.');
    const chosen = typeof values === 'string' ? [values] : values;
    if (select.type === 3 && chosen.some((value) => !select.options.some((option) => option.value === value)))
      throw new Error(`There is no option ${chosen.join(', ')}.`);
    return this.forge(message, select.custom_id, { component_type: select.type, id: select.id, values: chosen });
  }

  /** Sends a component interaction with any custom id, whether the message has it or not. */
  async forge(message: Message, customId: string, data: object = { component_type: 2, id: 1 }): Promise<Interaction> {
    return this.#interact('component', this.#channelOf(message), {
      source: message,
      data: { ...data, custom_id: customId },
    });
  }

  /** Fills in the modal that an interaction opened and submits it. Fields by label or custom id; others keep their preset. */
  async submitModal(opened: Interaction, input: ModalInput = {}): Promise<Interaction> {
    const modal = await opened.modal();
    const { components, attachments } = await submitted(modal, input, this.#uploader());
    const data = {
      custom_id: modal.custom_id,
      components,
      resolved: { attachments: this.#attachmentMap(attachments), ...this.#resolved(opened.channel, components) },
    };
    return this.#interact('modal', opened.channel, { source: opened.source, data });
  }

  /** Sends a modal that this person was never shown. */
  forgeModal(source: Message, customId: string, fields: Readonly<Record<string, string>>): Interaction {
    const components = Object.entries(fields).map(([name, value], i) => ({
      type: 18,
      id: 2 * i + 1,
      component: { type: 4, id: 2 * i + 2, custom_id: name, value },
    }));
    const data = { custom_id: customId, components, resolved: { attachments: {} } };
    return this.#interact('modal', this.#channelOf(source), { source, data });
  }

  /** Writes in a channel, with files. */
  async say(text: string, files: readonly Upload[] = [], channel = this.#home): Promise<Message> {
    const world = this.#world;
    const upload = this.#uploader(channel);
    const message = new Message({
      id: world.id(),
      channelId: channel.id,
      author: this.account,
      createdMs: world.clock.now(),
      type: 0,
      onlyFor: undefined,
      nonce: undefined,
      referenceId: undefined,
      interaction: undefined,
    });
    message.content = text;
    message.attachments = await Promise.all(files.map(upload));
    channel.messages.push(message);
    world.announce('MESSAGE_CREATE', message);
    return message;
  }

  /** Deletes a message: an own one, or as a moderator. */
  delete(message: Message): void {
    this.#see(message);
    this.#world.remove(message);
  }

  #see(message: Message): void {
    if (!message.visibleTo(this.account)) throw new Error(`${this.account.name} cannot see this message.`);
  }

  #channelOf(message: Message): Channel {
    const channel = this.#world.channels.get(message.channelId);
    if (channel === undefined || channel.gone) throw new Error('The channel is gone.');
    return channel;
  }

  #uploader(channel?: Channel): Uploader {
    const place = { folder: channel?.id ?? this.#world.bot.id, ephemeral: channel === undefined };
    return ({ bytes, name = 'photo.png', contentType = 'image/png', misbehaviour = {} }) =>
      this.#world.attach({ bytes, name, contentType }, { ...place, misbehaviour });
  }

  /** The command as this person is offered it here. */
  #command(name: string | undefined, type: 1 | 3, channel: Channel): RegisteredCommand {
    const command = this.#world.commands.find(
      (one) =>
        one.name === name &&
        one.type === type &&
        (one.guildId === undefined ? this.#offered(one, channel) : one.guildId === channel.guild?.id),
    );
    if (command === undefined) throw new Error(`${this.account.name} is offered no command ${name} here.`);
    return command;
  }

  #offered(command: RegisteredCommand, channel: Channel): boolean {
    const { integration_types: types = [0], contexts: where } = command;
    const guildInstalled = channel.kind === 'dm' || channel.guild?.botInside === true;
    const installed = (types.includes(0) && guildInstalled) || (types.includes(1) && this.account.installed);
    const needed = BigInt(command.default_member_permissions ?? '0');
    const has = channel.guild?.permissions.get(this.id) ?? channel.guild?.memberPermissions ?? needed;
    return installed && (where ?? [0, 1, 2]).includes(contexts[channel.kind]) && (has & needed) === needed;
  }

  #commandData(command: RegisteredCommand, filled?: FilledIn): object {
    const resolved = {
      attachments: this.#attachmentMap(filled?.attachments ?? []),
      users: Object.fromEntries((filled?.users ?? []).map((one) => [one.id, accountPayload(one)])),
      channels: Object.fromEntries(
        (filled?.channels ?? []).map((one) => [one.id, { ...channelPayload(one), permissions: '0' }]),
      ),
    };
    const { id, name, type, guildId } = command;
    const registered = guildId === undefined ? {} : { guild_id: guildId };
    return { id, name, type, ...registered, options: filled?.options ?? [], resolved };
  }

  /** What the ids are that were chosen in lists. */
  #resolved({ guild }: Channel, components: readonly object[]): object {
    const ids = components.flatMap(({ component }: { component?: { values?: readonly string[] } }) =>
      component?.values === undefined ? [] : component.values,
    );
    const known = <T>(find: (id: string) => T | undefined, show: (one: T) => object): object =>
      Object.fromEntries(
        ids.flatMap((id) => {
          const one = find(id);
          return one === undefined ? [] : [[id, show(one)]];
        }),
      );
    return {
      users: known((id) => this.#world.accounts.get(id), accountPayload),
      roles: known((id) => guild?.roles.find((role) => role.id === id), rolePayload),
      channels: known(
        (id) => this.#world.channels.get(id),
        (channel) => ({ ...channelPayload(channel), permissions: '0' }),
      ),
    };
  }

  #attachmentMap(attachments: readonly Attachment[]): object {
    return Object.fromEntries(attachments.map((one) => [one.id, attachmentPayload(this.#world, one)]));
  }

  #interact(
    kind: InteractionKind,
    channel: Channel,
    parts: { command?: RegisteredCommand; source?: Message | undefined; data: object },
  ): Interaction {
    const world = this.#world;
    const { guild } = channel;
    const userInstallOnly = channel.kind === 'group-dm' || guild?.botInside === false;
    const id = world.id();
    const interaction = new Interaction(
      {
        id,
        token: `${Buffer.from(`interaction:${id}:`).toString('base64url')}${randomBytes(60).toString('base64url')}`,
        kind,
        user: this.account,
        channel,
        userInstallOnly,
        commandType: kind === 'command' ? parts.command?.type : undefined,
        source: parts.source,
      },
      () => world.clock.now(),
      world.watch,
    );
    world.interactions.set(interaction.token, interaction);
    const owner = userInstallOnly ? { 1: this.id } : { 0: guild?.id ?? '0' };
    const who =
      guild === undefined
        ? { user: accountPayload(this.account) }
        : {
            member: memberPayload(guild, this.account),
            guild_id: guild.id,
            guild: { id: guild.id, locale: guild.locale, features: [] },
            guild_locale: guild.locale,
          };
    world.dispatch(
      'INTERACTION_CREATE',
      {
        id: interaction.id,
        application_id: world.bot.id,
        type: interactionTypes[kind],
        data: parts.data,
        channel: { ...channelPayload(channel), permissions: '0' },
        channel_id: channel.id,
        ...who,
        token: interaction.token,
        version: 1,
        ...(parts.source === undefined ? {} : { message: messagePayload(world, parts.source, 'whole') }),
        app_permissions: world.botPermissions(channel).toString(),
        locale: this.account.locale,
        entitlements: [],
        authorizing_integration_owners: owner,
        context: contexts[channel.kind],
        attachment_size_limit: guild?.maxFileBytes ?? 10 * 2 ** 20,
      },
      0,
      guild?.id,
    );
    return interaction;
  }
}
