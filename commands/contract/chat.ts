/** What an adapter gives a command while it runs: the way back to the chat that the act came from. */
import type { Address } from '../../src/jobs/adapter.ts';
import type { JsonObject } from '../../src/store/tables.ts';
import type { Act, Actor, PhotoHandle, Scene } from './act.ts';
import type { Reply } from './reply.ts';

/** A proposal for an argument. */
export interface Choice {
  readonly label: string;
  readonly value: string;
}

/** What the platform lets somebody do in a community. */
export type CommunityRights = Pick<Scene, 'mayManage' | 'mayModerate' | 'roleIds'>;

/** Of somebody who is no member, or of whom the platform says nothing. */
export const noRights: CommunityRights = { mayManage: false, mayModerate: false, roleIds: [] };

/**
 * One act's way back. An adapter makes a new one for each act. It must not answer the platform on its own before the
 * command did, but for what the platform wants at once and which shows nothing (Telegram's answerCallbackQuery may wait
 * for the first call here: every act makes one within a second).
 */
export interface Chat {
  /**
   * Posts the placeholder, visible to all; a platform that only lets an adapter defer leaves the words out. Called at most
   * once an act and before anything slow.
   * @param first what it says until there is more to say.
   * @returns where it stands, with all that is needed to edit it in a month (never a token that expires): the command
   * adds its own part (`withPresentation`) and stores it. `adapter.deliver` and `showProgress` get it back.
   */
  acknowledge(first: Reply): Promise<Address>;
  /** Says something; see `ReplyKind`. @throws RemoteError where the platform refuses. */
  answer(reply: Reply): Promise<void>;
  /** Answers a `SuggestAct`; at most 25. */
  suggest(choices: readonly Choice[]): Promise<void>;
  /** Removes a message of the bot's; one that is gone already is fine. */
  deleteMessage(address: Address): Promise<void>;
  /** The last photo that this actor sent in this channel within a quarter of an hour, where the platform lets bots look. */
  findRecentPhoto(signal: AbortSignal): Promise<PhotoHandle | undefined>;
  /** The photo that one of this adapter's handles had as its `reference`; undefined where it is gone. */
  reopenPhoto(reference: JsonObject): PhotoHandle | undefined;
  /**
   * The actor's rights in any community of the same platform, by the platform's word; `noRights` where they are no
   * member, the bot is none, or the platform does not say.
   * @param platformChatId the guild or chat; the person's own id for their private chat.
   */
  rightsIn(platformChatId: string): Promise<CommunityRights>;
  /**
   * What people call a community; undefined where the platform does not say. Absent where what is said about a community is
   * never said outside of it.
   */
  communityName?(platformChatId: string): Promise<string | undefined>;
  /** The guild or chat that a channel belongs to; undefined where the bot does not know it. */
  communityOf(channelId: string): Promise<string | undefined>;
}

/** What an adapter calls with whatever somebody does. */
export type HandleAct = (act: Act, actor: Actor, scene: Scene, chat: Chat) => Promise<void>;

/** The same chat, with some of its ways other than they were. */
export function chatWith(chat: Chat, changed: Partial<Chat>): Chat {
  return {
    acknowledge: (first) => chat.acknowledge(first),
    answer: (reply) => chat.answer(reply),
    suggest: (choices) => chat.suggest(choices),
    deleteMessage: (address) => chat.deleteMessage(address),
    findRecentPhoto: (signal) => chat.findRecentPhoto(signal),
    reopenPhoto: (reference) => chat.reopenPhoto(reference),
    rightsIn: (platformChatId) => chat.rightsIn(platformChatId),
    communityOf: (channelId) => chat.communityOf(channelId),
    communityName: async (platformChatId) => chat.communityName?.(platformChatId),
    ...changed,
  };
}
