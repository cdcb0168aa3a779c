/** What the bot says, in words that belong to no platform but already in the person's language. Adapters render it. */

/**
 * A piece of a line. A string is plain text: the adapter escapes it for its markup, whatever it holds, and nothing in it
 * pings anybody. `person` is shown as a mention that does not ping, or as the name; `role` and `channel` likewise, or as
 * the id. `link` can be opened; its address is of whoever runs the bot, never of what somebody wrote.
 */
export type Span =
  | string
  | { readonly kind: 'strong' | 'code'; readonly text: string }
  | { readonly kind: 'person'; readonly userId: string; readonly name: string }
  | { readonly kind: 'role' | 'channel'; readonly id: string }
  | { readonly kind: 'link'; readonly url: string };

/** `quote`: somebody's own words, a prompt. Adapters shorten quotes first where a message would be too long. */
export interface Line {
  readonly kind: 'plain' | 'heading' | 'quote' | 'small';
  readonly spans: readonly Span[];
}

/** A picture; its bytes are read when they are asked for. */
export interface ReplyPicture {
  /** Lossless PNG. Where it is too big for the scene, adapters send `encodeWithin` of it as JPEG or WebP. */
  png(): Promise<Uint8Array>;
  readonly widthPx: number;
  readonly heightPx: number;
  readonly altText: string;
  readonly isSpoiler: boolean;
}

/** A file that is sent as it is, never re-encoded. */
export interface ReplyFile {
  /** With its ending. */
  readonly name: string;
  readonly mediaType: string;
  bytes(): Promise<Uint8Array>;
}

export interface Button {
  readonly label: string;
  /** By `encodePressId`. */
  readonly pressId: string;
  readonly style: 'primary' | 'secondary' | 'danger';
}

/** A role, a person or a channel, by the platform's id; a thread or a topic with the channel that it is in: `123/45`. */
export interface Mentioned {
  readonly kind: 'role' | 'person' | 'channel';
  readonly id: string;
}

/**
 * `paragraph`: several lines. `photo`: one file; a platform without forms takes the photo of the answering message.
 * `mentions`: roles and people, and `channels`, to choose from; a platform without such lists asks for their ids.
 */
export interface FormField {
  readonly name: string;
  readonly kind: 'line' | 'paragraph' | 'photo' | 'mentions' | 'channels';
  readonly label: string;
  /** Said beside the label of a list where the platform has no such lists. */
  readonly hint?: string | undefined;
  readonly value?: string | undefined;
  /** Of lists: what is chosen already, and how many may be. */
  readonly chosen?: readonly Mentioned[] | undefined;
  readonly maxChosen?: number | undefined;
  readonly isRequired: boolean;
  /** Characters; of texts only. */
  readonly maxLength?: number | undefined;
}

/** Comes back as a `FormAct` with the same `form`, `id` and `extra`. At most one field is a photo. */
export interface Form {
  readonly form: string;
  readonly id: string;
  /** What more the form is about. */
  readonly extra?: string | undefined;
  readonly title: string;
  readonly fields: readonly FormField[];
}

/**
 * `new`: a message of its own (where nothing was said yet: the answer to the act). `edit-placeholder`: what
 * `acknowledge` posted becomes this, wholly: pictures and buttons that are not named go. `edit-pressed`: the message whose
 * button was pressed, or opened the form that was sent, becomes this. `toast`: a short word that goes by itself (at most 200 characters; where there is no
 * such thing, a message to the asker).
 */
export type ReplyKind = 'new' | 'edit-placeholder' | 'edit-pressed' | 'toast';

export interface Reply {
  readonly kind: ReplyKind;
  /** `asker`: nobody else sees it; where the platform cannot do that in the scene, it is said in the private chat or briefly. */
  readonly visibility: 'all' | 'asker';
  /** What its buttons lead to belongs in this chat: where nobody can be told alone in here, all see it. */
  readonly isForHere?: boolean | undefined;
  readonly lines: readonly Line[];
  /** Several are one message still: a gallery, or a contact sheet (`contactSheet` in src/photo/views.ts). */
  readonly pictures: readonly ReplyPicture[];
  /** Rows from top to bottom; at most 5 of at most 5. */
  readonly rows: readonly (readonly Button[])[];
  readonly files: readonly ReplyFile[];
  /** Shown at once instead of everything else where the platform has forms; asked for by a message where not. */
  readonly form?: Form | undefined;
}

/** A reply of the parts that are given. */
export function reply(parts: Partial<Reply> & Pick<Reply, 'kind' | 'visibility'>): Reply {
  return { lines: [], pictures: [], rows: [], files: [], ...parts };
}

/** The words of a reply without their looks, a line a line: for toasts, tests and platforms without markup. */
export function plainText({ lines }: Pick<Reply, 'lines'>): string {
  return lines.map(({ spans }) => spans.map(spanText).join('')).join('\n');
}

/** The words of a span without their looks. */
export function spanText(span: Span): string {
  if (typeof span === 'string') return span;
  switch (span.kind) {
    case 'person':
      return span.name;
    case 'role':
    case 'channel':
      return span.id;
    case 'strong':
    case 'code':
      return span.text;
    case 'link':
      return span.url;
  }
}
