import type { Misbehaviour } from '../wire/bytes.ts';
import type { Entity } from './entities.ts';
import type { InlineButton, Markup } from './markup.ts';

export interface Account {
  readonly id: number;
  readonly isBot: boolean;
  firstName: string;
  username: string | undefined;
  languageCode: string;
}

export type ChatKind = 'private' | 'group' | 'supergroup';
export type MemberStatus = 'creator' | 'administrator' | 'member' | 'left' | 'kicked';

/** A file as the service keeps it. */
export interface StoredFile {
  readonly id: string;
  /** The same for the same bytes; a bot cannot fetch by it. */
  readonly uniqueId: string;
  readonly path: string;
  readonly bytes: Uint8Array;
  readonly name: string | undefined;
  readonly mimeType: string;
  readonly width: number;
  readonly height: number;
  /** How the file server sends it. */
  misbehaviour: Misbehaviour;
  /** The service has forgotten it. */
  dropped: boolean;
  /** When a link given by getFile ends, Unix ms. */
  linkUntilMs: number;
}

/** What a message consists of besides its text. Photos: the sizes, smallest first, all re-encoded as JPEG. */
export type Media =
  | { kind: 'photo'; sizes: readonly StoredFile[]; spoiler: boolean }
  | { kind: 'document'; file: StoredFile }
  | { kind: 'sticker'; file: StoredFile; animated: boolean };

/** The part of a message that an edit can change. */
export interface Content {
  /** The text, or the caption of media. */
  text: string;
  entities: readonly Entity[];
  media: Media | undefined;
  markup: Markup;
}

export class Message {
  readonly id: number;
  readonly chat: Chat;
  readonly from: Account;
  readonly dateMs: number;
  readonly threadId: number | undefined;
  readonly replyTo: Message | undefined;
  readonly mediaGroupId: string | undefined;
  /** Fields of service messages, such as `migrate_to_chat_id`. */
  readonly service: object | undefined;
  content: Content;
  editedMs: number | undefined;
  deleted = false;
  /** What it was before each edit, oldest first. */
  readonly history: Content[] = [];
  /** The bot's reaction. */
  reaction: string | undefined;

  constructor(
    parts: Pick<
      Message,
      'id' | 'chat' | 'from' | 'dateMs' | 'threadId' | 'replyTo' | 'mediaGroupId' | 'service' | 'content'
    >,
  ) {
    this.id = parts.id;
    this.chat = parts.chat;
    this.from = parts.from;
    this.dateMs = parts.dateMs;
    this.threadId = parts.threadId;
    this.replyTo = parts.replyTo;
    this.mediaGroupId = parts.mediaGroupId;
    this.service = parts.service;
    this.content = parts.content;
  }

  get text(): string {
    return this.content.text;
  }

  get buttons(): InlineButton[] {
    return this.content.markup.inline?.inline_keyboard.flat() ?? [];
  }

  get labels(): string[] {
    return this.buttons.map((button) => button.text);
  }

  /** The bytes that a person gets who saves the picture or file. */
  get bytes(): Uint8Array | undefined {
    const { media } = this.content;
    return media?.kind === 'photo' ? media.sizes.at(-1)?.bytes : media?.file.bytes;
  }
}

export interface Chat {
  id: number;
  readonly kind: ChatKind;
  readonly title: string;
  readonly isForum: boolean;
  /** Status of each account, the bot among them. */
  readonly members: Map<number, MemberStatus>;
  /** Forum topics by message_thread_id. */
  readonly topics: Map<number, { name: string; closed: boolean }>;
  /** Everything ever sent, also what is deleted. */
  readonly log: Message[];
  /** Chat actions of the bot, oldest first. */
  readonly actions: { action: string; atMs: number; threadId: number | undefined }[];
  /** What the bot may send, in groups. */
  botMaySendText: boolean;
  botMaySendPhotos: boolean;
  botMaySendDocuments: boolean;
  migratedTo: Chat | undefined;
  /** The draft that the bot shows with sendMessageDraft. */
  draft: string | undefined;
  lastId: number;
}
