/** What somebody did in a chat, in words that belong to no platform. Adapters make these; commands read them. */
import type { JsonObject } from '../../src/store/tables.ts';
import type { PressId } from './press-id.ts';

/** Who did it, as the platform says (never as the event's content says). */
export interface Actor {
  /** As in the `platform` of jobs: `discord`, `telegram`. */
  readonly platform: string;
  /** The platform's own id. */
  readonly userId: string;
  /** As others see it; untrusted text. */
  readonly displayName: string;
  /** The language that the person's client speaks, as the platform names it: `de`, `en-US`, `zh-Hans`. */
  readonly locale?: string | undefined;
  readonly isBot: boolean;
  /** Somebody who speaks in a group's or channel's name: the platform does not say who. */
  readonly isAnonymous?: boolean | undefined;
}

/** Where it was done. */
export interface Scene {
  readonly platform: string;
  /** The platform's guild or chat id; in a private chat (and for an app that a user installed for themselves) the person's. */
  readonly communityId: string;
  readonly kind: 'private' | 'community';
  readonly channelId: string;
  /** A thread or a forum topic in the channel. */
  readonly threadId?: string | undefined;
  /** The guild's or chat's own language where the platform tells it. */
  readonly locale?: string | undefined;
  /** Whether the platform lets the actor manage the community (Discord: Manage Server; Telegram: an administrator). */
  readonly mayManage: boolean;
  /** Whether the platform lets the actor delete other people's messages here. */
  readonly mayModerate: boolean;
  /** Whether the actor pays the platform for the community (Discord: boosts the server). */
  readonly isBooster?: boolean | undefined;
  /** Roles of the actor in the community, by the platform's ids; none where it has no roles. */
  readonly roleIds: readonly string[];
  /** Of one file that the bot sends here. */
  readonly maxUploadBytes: number;
}

/** A photo that somebody sent or pointed at. Nothing is downloaded until it is read. */
export interface PhotoHandle {
  /**
   * Downloads it from the platform's own host, at most once a call.
   * @throws Refusal `photo.too-large`, `photo.gone` where the person can mend it; RemoteError; the signal's reason.
   */
  read(signal: AbortSignal): Promise<Uint8Array>;
  /** Whether these are the bytes that were sent: not so for what the platform re-encodes. */
  readonly isLossless: boolean;
  /** What the adapter's `reopenPhoto` finds it by for the next quarter of an hour at least (a Telegram file id). */
  readonly reference?: JsonObject | undefined;
}

export type ArgumentValue = string | number | boolean;

/** Common to all: `requestId` is the platform's id of the update or interaction; handled twice, it has one effect. */
interface Done {
  readonly requestId: string;
}

/** A command of the table, however it was written: `/cow`, `/cow@bot`, a caption, the menu on a message. */
export interface CommandAct extends Done {
  readonly kind: 'command';
  /** As in the table, never a localised name. */
  readonly name: string;
  /** By the table's names; a platform without typed arguments fills this with `argumentsFromText`. */
  readonly args: Readonly<Record<string, ArgumentValue>>;
  /** Attached, captioned, or in the message that was replied to or right-clicked, in their order. */
  readonly photos: readonly PhotoHandle[];
  /**
   * What the buttons of the bot's own message are about that the command was pointed at (the menu on it, a reply to it).
   * It names something and proves nothing, as a button does.
   */
  readonly pointedAt?: string | undefined;
  /** Who wrote the message that the command was pointed at, by the platform's id; nobody where the bot did. */
  readonly personPointedAt?: string | undefined;
}

/** Words or photos for the bot without a command: in a private chat, or in answer to one of its messages. */
export interface MessageAct extends Done {
  readonly kind: 'message';
  /** Empty where there were only photos. */
  readonly text: string;
  readonly photos: readonly PhotoHandle[];
}

/** A button. Adapters answer a press that `parsePressId` does not read with a press of action `unknown`. */
export interface PressAct extends Done {
  readonly kind: 'press';
  readonly press: PressId;
}

/**
 * A form (`Reply.form`) filled in and sent. `form`, `id` and `extra` are the form's own; a platform without forms asks with a
 * message that is replied to, and keeps them in that message, not in memory. What was chosen in a list of roles, people or
 * channels comes as mentions: `<@&role> <@person> <#channel>`.
 */
export interface FormAct extends Done {
  readonly kind: 'form';
  readonly form: string;
  readonly id: string;
  readonly extra?: string | undefined;
  readonly fields: Readonly<Record<string, string>>;
  /** Of the form's file field. */
  readonly photos: readonly PhotoHandle[];
}

/** Somebody is typing an argument and would like proposals; answered by `Chat.suggest`. */
export interface SuggestAct extends Done {
  readonly kind: 'suggest';
  readonly name: string;
  readonly argument: string;
  /** What is typed so far. */
  readonly text: string;
}

export type Act = CommandAct | MessageAct | PressAct | FormAct | SuggestAct;
