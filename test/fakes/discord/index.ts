import { getRequestListener } from '@hono/node-server';
import { JumpClock } from '../wire/clock.ts';
import type { WireClock } from '../wire/clock.ts';
import { Faults } from '../wire/faults.ts';
import type { Cut } from '../wire/faults.ts';
import type { RecordedRequest, Violation } from '../wire/record.ts';
import { serve } from '../wire/serve.ts';
import type { Listening } from '../wire/serve.ts';
import type { Cdn } from './cdn.ts';
import { Gateway } from './gateway.ts';
import { Limiter } from './limits.ts';
import type { RateLimits } from './limits.ts';
import type { Account, Channel, Guild, Message, Role } from './model.ts';
import { channelPayload, guildPayload, rolePayload } from './payloads.ts';
import { Person } from './person.ts';
import { restApp } from './rest.ts';
import type { InjectedError } from './rest.ts';
import { applicationRoutes } from './routes/applications.ts';
import { channelRoutes } from './routes/channels.ts';
import { interactionRoutes } from './routes/interactions.ts';
import { webhookRoutes } from './routes/webhooks.ts';
import { World } from './world.ts';

export { Permission } from './model.ts';
export type { Attachment, Channel, Guild, Message } from './model.ts';
export type { Interaction } from './interaction.ts';
export type { Person } from './person.ts';

export interface FakeDiscordOptions {
  token?: string;
  botName?: string;
  /** Whether the app may ask for the MESSAGE_CONTENT intent. */
  messageContent?: boolean;
  limits?: RateLimits;
  heartbeatMs?: number;
  /** How many Discord recommends. */
  shards?: number;
  /** For the 3 s, the 15 min, link expiry and rate limits. Pass the one that the bot uses. */
  clock?: WireClock;
}

/** A Discord on loopback: REST and gateway on one port, the CDN on another. */
export class FakeDiscord {
  readonly token: string;
  /** Forward it with `clock.advance(ms)` when none was passed in. */
  readonly clock: WireClock;
  readonly cdn: Cdn;
  readonly gateway: Gateway;
  readonly #world: World;
  readonly #faults = new Faults<InjectedError>();
  readonly #listening: Listening;
  #lobby: Channel | undefined;

  private constructor(world: World, gateway: Gateway, listening: Listening, faults: Faults<InjectedError>) {
    this.#world = world;
    this.#faults = faults;
    this.#listening = listening;
    this.token = world.token;
    this.clock = world.clock;
    this.cdn = world.cdn;
    this.gateway = gateway;
  }

  static async open(options: FakeDiscordOptions = {}): Promise<FakeDiscord> {
    const {
      token = 'MTE5.G-fake.discord-token-of-the-tests',
      botName = 'cowbot',
      messageContent = false,
      limits = {},
      heartbeatMs = 41_250,
      shards = 1,
      clock = new JumpClock(),
    } = options;
    const world = new World({ clock, token, botName, messageContent });
    const gateway = new Gateway(world, heartbeatMs);
    const faults = new Faults<InjectedError>();
    const app = restApp({
      world,
      faults,
      limiter: new Limiter(limits, clock),
      routes: [
        ...applicationRoutes(world, gateway, shards),
        ...interactionRoutes(world),
        ...webhookRoutes(world),
        ...channelRoutes(world),
      ],
    });
    const listener = getRequestListener(app.fetch);
    await world.cdn.open();
    const listening = await serve((request, response) => void listener(request, response));
    gateway.open(listening.server, listening.port);
    return new FakeDiscord(world, gateway, listening, faults);
  }

  async close(): Promise<void> {
    this.gateway.close();
    await Promise.all([this.#listening.close(), this.#world.cdn.close()]);
  }

  /** For `new Client({rest: {api}})`. */
  get apiUrl(): string {
    return `${this.#listening.origin}/api`;
  }

  get botAccount(): Account {
    return this.#world.bot;
  }

  /** Every request of the bot, oldest first. */
  get requests(): readonly RecordedRequest[] {
    return this.#world.record.requests;
  }

  /** Requests of one route, e.g. `POST /channels/:channel/messages`. */
  requestsOf(route: string): RecordedRequest[] {
    return this.#world.record.of(route);
  }

  /** What a careful bot would not have done. Tests assert that it is empty. */
  get violations(): readonly Violation[] {
    return this.#world.record.violations;
  }

  /** Names of the registered commands: `cow`, for menus with their case. */
  get commands(): World['commands'] {
    return this.#world.commands;
  }

  guild(
    name = 'Home',
    options: { botInside?: boolean; locale?: string; maxFileBytes?: number; owner?: Person } = {},
  ): Guild {
    const guild = this.#world.guild(name, options.botInside ?? true, options.owner?.id);
    guild.locale = options.locale ?? guild.locale;
    guild.maxFileBytes = options.maxFileBytes ?? guild.maxFileBytes;
    if (guild.botInside) this.#world.dispatch('GUILD_CREATE', guildPayload(this.#world, guild), 1, guild.id);
    return guild;
  }

  channel(guild: Guild, name = 'general'): Channel {
    const channel = this.#world.channel('text', name, guild, []);
    if (guild.botInside) this.#world.dispatch('CHANNEL_CREATE', channelPayload(channel), 1, guild.id);
    return channel;
  }

  /** A role of a guild with its first holders. */
  role(guild: Guild, name: string, permissions: bigint, ...people: Person[]): Role {
    const role = { id: this.#world.id(), name, permissions, holders: new Set(people.map(({ id }) => id)) };
    guild.roles.push(role);
    this.#world.dispatch('GUILD_ROLE_CREATE', { guild_id: guild.id, role: rolePayload(role) }, 1, guild.id);
    return role;
  }

  /** A group DM: the bot is never in it, people bring it along. */
  groupDm(...people: Person[]): Channel {
    return this.#world.channel(
      'group-dm',
      'friends',
      undefined,
      people.map((person) => person.account),
    );
  }

  /** The channel in which people meet unless told otherwise. */
  get lobby(): Channel {
    this.#lobby ??= this.channel(this.guild());
    return this.#lobby;
  }

  /** @param options `installed`: has the app for himself, and can use it where the bot is not. */
  user(name: string, options: { locale?: string; installed?: boolean; in?: Channel; bot?: boolean } = {}): Person {
    const account = this.#world.account(name, options.bot ?? false);
    account.locale = options.locale ?? account.locale;
    account.installed = options.installed ?? false;
    return new Person(this.#world, account, options.in ?? this.lobby);
  }

  /** The messages that are there now, oldest first; with `person` only what that person sees. */
  messages(channel: Channel, person?: Person): Message[] {
    return channel.messages.filter((one) => !one.deleted && (person === undefined || one.visibleTo(person.account)));
  }

  deleteMessage(message: Message): void {
    this.#world.remove(message);
  }

  /** From now on nobody can open a private chat with this person. */
  deleteAccount(id: string): void {
    this.#world.accounts.delete(id);
    this.#world.watch.changed();
  }

  deleteChannel(channel: Channel): void {
    channel.gone = true;
    const guildId = channel.guild?.id;
    this.#world.dispatch(
      'CHANNEL_DELETE',
      { id: channel.id, guild_id: guildId, type: 0, name: channel.name },
      1,
      guildId,
    );
  }

  kickBot(guild: Guild): void {
    guild.botInside = false;
    this.#world.dispatch('GUILD_DELETE', { id: guild.id }, 1, guild.id);
  }

  /** Takes permissions from the bot in one channel. */
  deny(channel: Channel, permissions: bigint): void {
    channel.botDenied |= permissions;
  }

  /** @param route e.g. `PATCH /webhooks/:application/:token/messages/:message`, or `*`. */
  failNext(route: string, times: number, fault: InjectedError | Cut): void {
    this.#faults.add(route, times, fault);
  }

  /** What `failNext` announced and did not come yet will not come. */
  failNoMore(): void {
    this.#faults.clear();
  }

  dropGateway(how: Parameters<Gateway['drop']>[0] = 'cut'): void {
    this.gateway.drop(how);
  }

  /** From now on the bot is told so often, and at once, of each thing that people do. */
  tellTimes(times: number): void {
    this.#world.tellings = times;
  }

  /** Waits for any state, of this Discord or of the bot. */
  until<T>(probe: () => T | undefined | false, what: string, withinMs?: number): Promise<T> {
    return this.#world.watch.until(probe, what, { withinMs, lookEveryMs: 20 });
  }
}
