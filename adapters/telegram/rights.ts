/** What the platform lets somebody do in a group, asked of it and remembered for a minute. */
import type { Api } from 'grammy';
import { type CommunityRights, noRights } from '../../commands/contract/chat.ts';
import { clientSignal } from './calls.ts';

/** In a private chat, and for whoever speaks in the group's own name. */
export const allRights: CommunityRights = { mayManage: true, mayModerate: true, roleIds: [] };

const rememberMs = 60_000;
const maxRemembered = 10_000;

export class Rights {
  readonly #known = new Map<string, { readonly rights: CommunityRights; readonly untilMs: number }>();
  readonly #api: Api;
  readonly #clock: () => number;

  constructor(api: Api, clock: () => number) {
    this.#api = api;
    this.#clock = clock;
  }

  /** None where the platform does not say. */
  async of(chatId: number, userId: number, signal: AbortSignal): Promise<CommunityRights> {
    const key = `${chatId}:${userId}`;
    const known = this.#known.get(key);
    if (known !== undefined && known.untilMs > this.#clock()) return known.rights;
    const rights = await this.#ask(chatId, userId, signal);
    if (rights === undefined) return noRights;
    if (this.#known.size >= maxRemembered) this.#known.clear();
    this.#known.set(key, { rights, untilMs: this.#clock() + rememberMs });
    return rights;
  }

  async #ask(chatId: number, userId: number, signal: AbortSignal): Promise<CommunityRights | undefined> {
    try {
      const member = await this.#api.getChatMember(chatId, userId, clientSignal(signal));
      if (member.status === 'creator') return allRights;
      if (member.status !== 'administrator') return noRights;
      return { mayManage: true, mayModerate: member.can_delete_messages, roleIds: [] };
    } catch {
      return undefined;
    }
  }
}
