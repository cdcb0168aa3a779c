/** What somebody may do in a guild, by its roles alone: what a channel adds or takes holds in that channel only. */
import { type Client, type Guild, PermissionFlagsBits, PermissionsBitField, RequestMethod, Routes } from 'discord.js';
import { z } from 'zod';
import { type CommunityRights, noRights } from '../../commands/contract/chat.ts';
import type { Wire } from './wire.ts';

const member = z.object({ roles: z.array(z.string()) });

/** @param roleIds without the role that everybody has. */
export function rightsByRoles(guild: Guild, userId: string, roleIds: readonly string[]): CommunityRights {
  // Whoever is a member has the role with the guild's own id, which is not in the list.
  const roles = [guild.id, ...roleIds].flatMap((id) => guild.roles.cache.get(id)?.permissions ?? []);
  const granted = new PermissionsBitField(roles);
  const has = (permission: bigint): boolean => guild.ownerId === userId || granted.has(permission);
  return {
    mayManage: has(PermissionFlagsBits.ManageGuild),
    mayModerate: has(PermissionFlagsBits.ManageMessages),
    roleIds,
  };
}

/** Asks Discord about guilds that an interaction did not come from. */
export class GuildRights {
  readonly #client: Client;
  readonly #wire: Wire;

  constructor(client: Client, wire: Wire) {
    this.#client = client;
    this.#wire = wire;
  }

  /** None where Discord does not say. @param guildId the person's own id for their private chat, which is theirs. */
  async of(guildId: string, userId: string, signal: AbortSignal): Promise<CommunityRights> {
    if (guildId === userId) return { mayManage: true, mayModerate: true, roleIds: [] };
    const guild = this.#client.guilds.cache.get(guildId);
    if (guild === undefined) return noRights;
    const roleIds = await this.#rolesOf(guildId, userId, signal);
    if (roleIds === undefined) return noRights;
    return rightsByRoles(guild, userId, roleIds);
  }

  /** The guild of a channel or thread that the bot sees. */
  communityOf(channelId: string): string | undefined {
    const channel = this.#client.channels.cache.get(channelId);
    return channel === undefined || channel.isDMBased() ? undefined : channel.guildId;
  }

  async #rolesOf(guildId: string, userId: string, signal: AbortSignal): Promise<readonly string[] | undefined> {
    try {
      const answer = await this.#wire.call(RequestMethod.Get, Routes.guildMember(guildId, userId), {}, signal);
      return member.parse(answer).roles;
    } catch {
      signal.throwIfAborted();
      return undefined;
    }
  }
}
