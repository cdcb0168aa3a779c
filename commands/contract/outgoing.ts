/** What the bot says of its own accord: a card for the moderators, a word to somebody whose report was decided. */
import type { Address, DeliverResult } from '../../src/jobs/adapter.ts';
import type { Reply } from './reply.ts';

/**
 * `person`: their private chat with the bot. `channel`: by the platform's ids; a thread or a forum topic in it where
 * `threadId` names one.
 */
export type PostTarget =
  | { readonly kind: 'person'; readonly userId: string }
  | { readonly kind: 'channel'; readonly channelId: string; readonly threadId?: string | undefined };

/** As `DeliverResult`, and what `sent` brings back is where the message stands. */
export type PostResult =
  | Exclude<DeliverResult, { readonly kind: 'sent' }>
  | { readonly kind: 'sent'; readonly receipt: Address };

export interface PostOptions {
  /**
   * Names the message: where the platform knows such keys (Discord, for some minutes), a call that is repeated with the
   * same one posts nothing more and finds what is there. Where it does not, whoever calls keeps the receipt.
   */
  readonly key: string;
  readonly signal: AbortSignal;
}

/**
 * One platform's way out. Every implementation passes test/contracts/outgoing.ts. `kind`, `visibility` and `form` of a
 * reply say nothing here. What the platform refuses is a result, not an error.
 */
export interface Outgoing {
  /** As in the `platform` of jobs: `discord`, `telegram`. */
  readonly platform: string;
  /** @throws RemoteError for what it cannot name: that counts as `later`; the signal's reason when it is aborted. */
  post(target: PostTarget, reply: Reply, options: PostOptions): Promise<PostResult>;
  /**
   * Makes a message say what the reply says, and nothing else, whatever it said; may be repeated.
   * @throws Fault for an address that is not of this platform's making; else as `post`.
   */
  edit(address: Address, reply: Reply, options: { readonly signal: AbortSignal }): Promise<DeliverResult>;
  /**
   * The address of a message for a browser, which opens it for whoever may see it.
   * @param chatId of the community that it stands in. @param address undefined: of the community.
   * @returns undefined where the platform has no such address.
   */
  linkTo(chatId: string, address: Address | undefined): string | undefined;
  /** Removes a message; one that is gone already counts as sent. @throws as `edit`. */
  remove(address: Address, options: { readonly signal: AbortSignal }): Promise<DeliverResult>;
}
