import { Flags } from './rules/messages.ts';
import { everyComponent, mediaUrls } from './rules/components.ts';
import type { Button, Select, TopComponent } from './rules/components.ts';
import type { Embed } from './rules/messages.ts';

/** A person or a bot. */
export interface Account {
  readonly id: string;
  readonly name: string;
  readonly bot: boolean;
  /** The language that the person's client is set to, e.g. `de`. */
  locale: string;
  /** Has the app installed for himself, so that its commands work everywhere. */
  installed: boolean;
  /** Takes direct messages of bots. */
  opensDms: boolean;
}

/** A role of a guild besides the one that everybody has. */
export interface Role {
  readonly id: string;
  readonly name: string;
  readonly permissions: bigint;
  /** Accounts that have it. */
  readonly holders: Set<string>;
}

export interface Guild {
  readonly id: string;
  readonly name: string;
  readonly ownerId: string;
  locale: string;
  /** Whether the bot is a member; false after a kick, or where only people installed it. */
  botInside: boolean;
  botPermissions: bigint;
  /** Per person, beside what their roles give; others have `memberPermissions`. */
  readonly permissions: Map<string, bigint>;
  readonly roles: Role[];
  /** Accounts that boost it. */
  readonly boosters: Set<string>;
  memberPermissions: bigint;
  maxFileBytes: number;
}

export type ChannelKind = 'text' | 'dm' | 'group-dm';

export interface Attachment {
  readonly id: string;
  readonly filename: string;
  readonly contentType: string;
  readonly description: string | undefined;
  readonly bytes: Uint8Array;
  readonly size: number;
  readonly width: number | undefined;
  readonly height: number | undefined;
  /** Path at the CDN, without the signature. */
  readonly path: string;
  readonly ephemeral: boolean;
}

/** A message as the person who may see it sees it; it changes with every edit. */
export class Message {
  readonly id: string;
  readonly channelId: string;
  readonly author: Account;
  readonly createdMs: number;
  /** 0 default, 19 reply, 20 slash command, 23 context menu command. */
  readonly type: number;
  /** The only person who sees it, for ephemeral messages. */
  readonly onlyFor: Account | undefined;
  readonly nonce: string | undefined;
  readonly referenceId: string | undefined;
  readonly interaction: { id: string; type: number; user: Account; name: string | undefined } | undefined;
  content = '';
  embeds: readonly Embed[] = [];
  components: TopComponent[] = [];
  attachments: readonly Attachment[] = [];
  flags = 0;
  editedMs: number | undefined;
  deleted = false;
  /** Whom it notified when it was sent: account ids, role ids, `everyone`. */
  pings: readonly string[] = [];
  /** What it was before each edit, oldest first. */
  readonly history: { text: string; buttons: readonly string[]; attachments: readonly Attachment[] }[] = [];
  /** The bot's reactions. */
  readonly reactions = new Set<string>();

  constructor(
    parts: Pick<
      Message,
      'id' | 'channelId' | 'author' | 'createdMs' | 'type' | 'onlyFor' | 'nonce' | 'referenceId' | 'interaction'
    >,
  ) {
    this.id = parts.id;
    this.channelId = parts.channelId;
    this.author = parts.author;
    this.createdMs = parts.createdMs;
    this.type = parts.type;
    this.onlyFor = parts.onlyFor;
    this.nonce = parts.nonce;
    this.referenceId = parts.referenceId;
    this.interaction = parts.interaction;
  }

  /** "… is thinking", after a deferred reply. */
  get loading(): boolean {
    return (this.flags & Flags.loading) !== 0;
  }

  get ephemeral(): boolean {
    return this.onlyFor !== undefined;
  }

  get v2(): boolean {
    return (this.flags & Flags.componentsV2) !== 0;
  }

  visibleTo(person: Account): boolean {
    return !this.deleted && (this.onlyFor === undefined || this.onlyFor.id === person.id);
  }

  /** Everything that can be read, from the top down. */
  get text(): string {
    const shown = everyComponent(this.components).flatMap((part) => (part.type === 10 ? [part.content] : []));
    const embedded = this.embeds.flatMap((one) => [
      one.title,
      one.description,
      ...(one.fields ?? []).map((f) => `${f.name}: ${f.value}`),
    ]);
    return [this.content, ...embedded, ...shown]
      .filter((part) => part !== undefined && part !== null && part !== '')
      .join('\n');
  }

  get buttons(): Button[] {
    return everyComponent(this.components).filter((part) => part.type === 2);
  }

  /** Labels of the buttons that can be pressed. */
  get labels(): string[] {
    return this.buttons.filter((button) => button.disabled !== true).map((button) => button.label ?? '');
  }

  get selects(): Select[] {
    return everyComponent(this.components).filter(
      (part): part is Select =>
        part.type === 3 || part.type === 5 || part.type === 6 || part.type === 7 || part.type === 8,
    );
  }

  /** The attachments that can be seen: with components V2 only those that a component shows. */
  get pictures(): Attachment[] {
    if (!this.v2) return [...this.attachments];
    const urls = mediaUrls(this.components);
    return this.attachments.filter((one) =>
      urls.some((url) => url === `attachment://${one.filename}` || url.includes(one.path)),
    );
  }

  /** The alt text of every picture, from the gallery or from the attachment. */
  get altTexts(): string[] {
    const items = everyComponent(this.components).flatMap((part) =>
      part.type === 12 ? part.items.map((item) => item.description) : part.type === 11 ? [part.description] : [],
    );
    const texts = items.length > 0 ? items : this.attachments.map((one) => one.description);
    return texts.map((alt) => alt ?? '');
  }
}

/** Permission bits that this fake checks. discord.com/developers/docs/topics/permissions */
export const Permission = {
  administrator: 1n << 3n,
  manageGuild: 1n << 5n,
  addReactions: 1n << 6n,
  viewChannel: 1n << 10n,
  sendMessages: 1n << 11n,
  manageMessages: 1n << 13n,
  embedLinks: 1n << 14n,
  attachFiles: 1n << 15n,
  readMessageHistory: 1n << 16n,
  useApplicationCommands: 1n << 31n,
} as const;

const usual =
  Permission.viewChannel |
  Permission.sendMessages |
  Permission.embedLinks |
  Permission.attachFiles |
  Permission.readMessageHistory |
  Permission.addReactions |
  Permission.useApplicationCommands;
export const usualPermissions = usual;

export interface Channel {
  readonly id: string;
  readonly kind: ChannelKind;
  readonly name: string;
  readonly guild: Guild | undefined;
  /** The people in it, for DMs and group DMs. */
  readonly recipients: readonly Account[];
  /** Taken from the bot in this channel. */
  botDenied: bigint;
  gone: boolean;
  readonly messages: Message[];
}
