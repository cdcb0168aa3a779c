import type { Watch } from '../wire/watch.ts';
import type { Account, Channel, Message } from './model.ts';
import type { Modal } from './rules/modals.ts';

/** Discord gives an app 3 s for the first answer, and the token 15 min. */
export const acknowledgeWithinMs = 3000;
export const tokenLifeMs = 15 * 60_000;

export type InteractionKind = 'command' | 'component' | 'autocomplete' | 'modal';
/** The wire's numbers. */
export const interactionTypes = { command: 2, component: 3, autocomplete: 4, modal: 5 } as const;

export interface Choice {
  name: string;
  value: string | number;
}

/** One thing that a person did, and what the bot has answered so far. */
export class Interaction {
  readonly id: string;
  readonly token: string;
  readonly kind: InteractionKind;
  readonly user: Account;
  readonly channel: Channel;
  readonly createdMs: number;
  /** Only the person installed the app: at most 5 follow-ups, no reach into the channel. */
  readonly userInstallOnly: boolean;
  /** 2 user and 3 message commands answer with another message type than 1, slash commands. */
  readonly commandType: number | undefined;
  /** The message with the pressed button, also behind a modal. */
  readonly source: Message | undefined;
  /** The first answer: its callback type, and how long it took. */
  acknowledgement: { type: number; afterMs: number } | undefined;
  /** What `@original` means: the reply, or for an update the message with the button. */
  original: Message | undefined;
  readonly followups: Message[] = [];
  shownModal: Modal | undefined;
  shownChoices: readonly Choice[] | undefined;
  readonly #watch: Watch;
  readonly #now: () => number;

  constructor(
    parts: Pick<
      Interaction,
      'id' | 'token' | 'kind' | 'user' | 'channel' | 'userInstallOnly' | 'commandType' | 'source'
    >,
    now: () => number,
    watch: Watch,
  ) {
    this.id = parts.id;
    this.token = parts.token;
    this.kind = parts.kind;
    this.user = parts.user;
    this.channel = parts.channel;
    this.userInstallOnly = parts.userInstallOnly;
    this.commandType = parts.commandType;
    this.source = parts.source;
    this.createdMs = now();
    this.#now = now;
    this.#watch = watch;
  }

  get acknowledged(): boolean {
    return this.acknowledgement !== undefined;
  }

  /** The person reads "This interaction failed" or "The application did not respond". */
  get failed(): boolean {
    return !this.acknowledged && this.ageMs > acknowledgeWithinMs;
  }

  get ageMs(): number {
    return this.#now() - this.createdMs;
  }

  whenAcknowledged(): Promise<{ type: number; afterMs: number }> {
    return this.#watch.until(() => this.acknowledgement, `an acknowledgement of ${this.kind} ${this.id}`);
  }

  /** The reply, be it still loading. For a button whose message is updated: that message. */
  message(): Promise<Message> {
    return this.#watch.until(() => this.original, `a reply to ${this.kind} ${this.id}`);
  }

  /** The reply once it says something that `fits`. */
  answer(fits: (message: Message) => boolean = () => true): Promise<Message> {
    return this.#watch.until(() => {
      const message = this.original;
      return message !== undefined && !message.loading && fits(message) && message;
    }, `an answer to ${this.kind} ${this.id}`);
  }

  followup(index = 0): Promise<Message> {
    return this.#watch.until(() => this.followups[index], `follow-up ${index} to ${this.kind} ${this.id}`);
  }

  modal(): Promise<Modal> {
    return this.#watch.until(() => this.shownModal, `a modal for ${this.kind} ${this.id}`);
  }

  choices(): Promise<readonly Choice[]> {
    return this.#watch.until(() => this.shownChoices, `choices for ${this.kind} ${this.id}`);
  }
}
