/** What whoever runs the bot asks of Discord, without a connection to its gateway: is all well, and the commands. */
import { PermissionFlagsBits, PermissionsBitField, REST, RequestMethod, Routes } from 'discord.js';
import { z } from 'zod';
import type { Language, Words } from '../../commands/languages/languages.ts';
import { commandTable } from '../../commands/table.ts';
import { Refusal } from '../../src/errors.ts';
import { registerCommands, registrationsOf } from './register.ts';
import { DiscordTrouble, identified, openWire, type Wire } from './wire.ts';

export interface OperatorOptions {
  readonly token: string;
  /** As in DISCORD_API_URL. */
  readonly apiUrl: string;
  readonly wordsOf: (language: Language) => Words;
  readonly signal: AbortSignal;
}

/** What is missing in one guild, a sentence for each permission. */
export interface GuildReport {
  readonly id: string;
  readonly name: string;
  readonly missing: readonly string[];
}

export interface DiscordReport {
  readonly name: string;
  readonly applicationId: string;
  /** Adds the bot to a server, with the permissions that it needs. */
  readonly inviteUrl: string;
  readonly guilds: readonly GuildReport[];
}

/** Names of commands; none where nothing was sent. */
export interface DiscordRegistration {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly updated: readonly string[];
  /** For the next call. */
  readonly fingerprint: string;
}

/** What the bot does in a channel, by the permission that it takes. */
const needed: readonly (readonly [keyof typeof PermissionFlagsBits, string])[] = [
  ['ViewChannel', 'View Channels: without it results after a quarter of an hour cannot be shown.'],
  ['SendMessages', 'Send Messages: without it results and cards for moderators cannot be posted.'],
  ['SendMessagesInThreads', 'Send Messages in Threads: without it nothing can be posted in threads.'],
  ['AttachFiles', 'Attach Files: without it pictures cannot be shown.'],
  ['ReadMessageHistory', 'Read Message History: without it /cow does not find the photo that somebody sent before.'],
];

const owned = z.object({ id: z.string(), name: z.string() });
const guilds = z.array(z.object({ id: z.string(), name: z.string(), permissions: z.string().regex(/^\d+$/) }));
const registered = z.array(z.object({ name: z.string(), type: z.int() }));

/** @throws Refusal `discord.token`; DiscordTrouble; the signal's reason. */
export async function lookAtDiscord(options: OperatorOptions): Promise<DiscordReport> {
  return withWire(options, async (wire) => {
    const { id: applicationId, name } = owned.parse(await get(wire, Routes.currentApplication(), options));
    const all = guilds.parse(await get(wire, Routes.userGuilds(), options));
    return {
      name,
      applicationId,
      inviteUrl: inviteUrl(applicationId),
      guilds: all.map(({ id, name, permissions }) => ({ id, name, missing: missingIn(BigInt(permissions)) })),
    };
  });
}

/** @param last as `fingerprint` of the last call. @throws as `lookAtDiscord`. */
export async function registerAtDiscord(
  options: OperatorOptions,
  last: string | undefined,
): Promise<DiscordRegistration> {
  return withWire(options, async (wire) => {
    const { id } = identified.parse(await get(wire, Routes.currentApplication(), options));
    const before = registered.parse(await get(wire, Routes.applicationCommands(id), options)).map(({ name }) => name);
    const commands = registrationsOf(commandTable, options.wordsOf);
    const now = commands.map(({ name }) => name);
    const fingerprint = await registerCommands(wire, commands, last, options.signal);
    const isUnchanged = fingerprint === last;
    return {
      fingerprint,
      added: isUnchanged ? [] : now.filter((name) => !before.includes(name)),
      removed: isUnchanged ? [] : before.filter((name) => !now.includes(name)),
      updated: isUnchanged ? [] : now.filter((name) => before.includes(name)),
    };
  });
}

/** https://discord.com/developers/docs/topics/oauth2#bot-authorization-flow */
function inviteUrl(applicationId: string): string {
  const permissions = new PermissionsBitField(needed.map(([name]) => PermissionFlagsBits[name])).bitfield;
  const query = new URLSearchParams({
    client_id: applicationId,
    scope: 'bot applications.commands',
    permissions: permissions.toString(),
  });
  return `https://discord.com/oauth2/authorize?${query.toString()}`;
}

function missingIn(permissions: bigint): string[] {
  if ((permissions & PermissionFlagsBits.Administrator) !== 0n) return [];
  return needed.filter(([name]) => (permissions & PermissionFlagsBits[name]) === 0n).map(([, sentence]) => sentence);
}

function get(wire: Wire, route: `/${string}`, { signal }: OperatorOptions): Promise<unknown> {
  return wire.call(RequestMethod.Get, route, {}, signal);
}

async function withWire<T>({ token, apiUrl, signal }: OperatorOptions, work: (wire: Wire) => Promise<T>): Promise<T> {
  const rest = new REST({ api: apiUrl, retries: 0 });
  try {
    return await work(openWire({ rest, interactions: rest, token, closing: signal }));
  } catch (error) {
    if (!(error instanceof DiscordTrouble) || error.status !== 401) throw error;
    throw new Refusal(
      'discord.token',
      'Discord does not accept `DISCORD_TOKEN`: copy it anew from https://discord.com/developers/applications (Bot, Reset Token).',
    );
  } finally {
    rest.clearHandlerSweeper();
    rest.clearHashSweeper();
  }
}
