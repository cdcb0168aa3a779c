/** A chat platform of the simplest kind, which shows neutral replies as they are: what the commands' own tests talk in. */
import type { Act, Actor, PhotoHandle, Scene } from '../../commands/contract/act.ts';
import { type Chat, type Choice, type CommunityRights, noRights } from '../../commands/contract/chat.ts';
import type { Outgoing, PostTarget } from '../../commands/contract/outgoing.ts';
import { parsePressId } from '../../commands/contract/press-id.ts';
import { type Form, plainText, type Reply } from '../../commands/contract/reply.ts';
import { handle } from '../../commands/dispatch.ts';
import { progressMessage, resultMessage } from '../../commands/result-message.ts';
import type { Services } from '../../commands/services.ts';
import { Fault, Refusal } from '../../src/errors.ts';
import type { Adapter, Address, DeliverResult } from '../../src/jobs/adapter.ts';
import type { SeenMessage } from '../contracts/chat-journeys.ts';

/** `closed`: nothing gets in any more. `busy`: the next call is turned away. */
type PlainTrouble = 'closed' | { readonly busyForMs: number };

interface Shown {
  readonly id: string;
  /** Who sees it; everybody in the channel where undefined. */
  readonly to: string | undefined;
  readonly channel: string;
  reply: Reply;
}

/** Outlives the bot: its messages, its people and their photos. */
export class PlainChat {
  readonly #shown: Shown[] = [];
  readonly #photos = new Map<string, Uint8Array>();
  readonly #forms = new Map<string, { readonly form: Form; readonly openedFrom: string | undefined }>();
  /** What people may do in other communities: `anna@town`. */
  readonly rights = new Map<string, CommunityRights>();
  readonly suggested: Choice[] = [];
  readonly #keys = new Map<string, Shown>();
  readonly #troubles = new Map<string, PlainTrouble>();
  /** Every event's id; pass one again to send the event again. */
  #events = 0;
  services: Services | undefined;

  adapter(services: Services): Adapter & Outgoing {
    this.services = services;
    const { wordsOf } = services;
    return {
      ...this.outgoing(),
      connection: { kind: 'up' },
      deliver: async (address, content) => {
        const message = this.#find(address);
        if (message === undefined) return { kind: 'never', code: 'message-gone', reason: 'The message is gone.' };
        message.reply = await withBytes(resultMessage(content, address, wordsOf));
        return { kind: 'sent', receipt: { message: message.id } };
      },
      showProgress: async (address, progress) => {
        const message = this.#find(address);
        if (message !== undefined) message.reply = progressMessage(progress, address, wordsOf);
      },
      close: async () => {},
    };
  }

  outgoing(): Outgoing {
    return {
      platform: 'plain',
      post: async (target, reply, { key, signal }) => {
        signal.throwIfAborted();
        const trouble = this.#troubleAt(target);
        if (trouble !== undefined) return trouble;
        const known = this.#keys.get(key);
        const channel = roomOf(target);
        const to = target.kind === 'person' ? target.userId : undefined;
        const shown = known ?? this.#post(await withBytes(reply), to, channel);
        this.#keys.set(key, shown);
        return { kind: 'sent', receipt: { chat: channel, message: shown.id } };
      },
      edit: async (address, reply) => {
        const message = this.#find(address);
        if (message === undefined) return { kind: 'never', reason: 'The message is gone.' };
        message.reply = await withBytes(reply);
        return { kind: 'sent', receipt: address };
      },
      linkTo: (chatId, address) => `https://plain.example/${chatId}/${address?.chat ?? ''}`,
      remove: async (address) => {
        this.#remove(address);
        return { kind: 'sent', receipt: address };
      },
    };
  }

  /** From now on for posts there. */
  makeTrouble(target: PostTarget, trouble: PlainTrouble): void {
    this.#troubles.set(roomOf(target), trouble);
  }

  #troubleAt(target: PostTarget): Exclude<DeliverResult, { readonly kind: 'sent' }> | undefined {
    const trouble = this.#troubles.get(roomOf(target));
    if (trouble === 'closed') return { kind: 'never', reason: 'Nobody may write here.' };
    this.#troubles.delete(roomOf(target));
    return trouble && { kind: 'later', reason: 'Busy.', retryAfterMs: trouble.busyForMs };
  }

  #remove(address: Address): void {
    const message = this.#find(address);
    if (message !== undefined) this.#shown.splice(this.#shown.indexOf(message), 1);
  }

  /** A photo that was sent; it can be read for as long as it is not dropped. */
  photo(bytes: Uint8Array): PhotoHandle {
    const id = `p${this.#photos.size + 1}`;
    this.#photos.set(id, bytes);
    return this.#handle(id);
  }

  /** Somebody deletes everything that was said. */
  loseMessages(): void {
    this.#shown.splice(0);
  }

  dropPhotos(): void {
    this.#photos.clear();
  }

  newEvent(): string {
    this.#events += 1;
    return `e${this.#events}`;
  }

  /** @param pressed the message whose button it was, or whose button opened the form. */
  async act(act: Act, actor: Actor, scene: Scene, pressed?: string): Promise<void> {
    if (this.services === undefined) throw new Error('The bot is not there.');
    await handle(act, actor, scene, this.#chatFor(actor, scene, pressed), this.services);
  }

  /** The form that somebody was shown last, and the message whose button opened it. */
  formOf(userId: string): { readonly form: Form; readonly openedFrom: string | undefined } | undefined {
    return this.#forms.get(userId);
  }

  rowsOf(id: string): Reply['rows'] {
    return this.#shown.find((one) => one.id === id)?.reply.rows ?? [];
  }

  /** What everybody sees in a channel. */
  async seenIn(channel: string): Promise<readonly SeenMessage[]> {
    const all = this.#shown.filter((one) => one.to === undefined && one.channel === channel);
    return Promise.all(all.map(async ({ id, reply }) => seen(id, reply)));
  }

  /** What only this person sees, wherever. */
  async seenBy(userId: string): Promise<readonly SeenMessage[]> {
    const mine = this.#shown.filter((one) => one.to === userId);
    return Promise.all(mine.map(async ({ id, reply }) => seen(id, reply)));
  }

  pressIdOf(id: string, label: string): string {
    const { reply } = this.#shown.find((one) => one.id === id) ?? { reply: undefined };
    const button = reply?.rows.flat().find((one) => one.label === label);
    if (button === undefined) throw new Error(`Message ${id} has no button ${label}.`);
    return button.pressId;
  }

  #find({ message }: Address): Shown | undefined {
    if (typeof message !== 'string') throw new Fault('Expected an address of the plain chat.');
    return this.#shown.find(({ id }) => id === message);
  }

  #post(reply: Reply, to: string | undefined, channel: string): Shown {
    const shown = { id: `m${this.newEvent()}`, to, channel, reply };
    this.#shown.push(shown);
    return shown;
  }

  #handle(id: string): PhotoHandle {
    return {
      isLossless: true,
      reference: { photo: id },
      read: async () => {
        const bytes = this.#photos.get(id);
        if (bytes === undefined) throw new Refusal('photo.gone', 'The photo is no longer there. Send it again.');
        return bytes;
      },
    };
  }

  #chatFor({ userId }: Actor, scene: Scene, pressed: string | undefined): Chat {
    const { channelId, communityId, mayManage, mayModerate, roleIds } = scene;
    let placeholder: Shown | undefined;
    return {
      acknowledge: async (reply) => {
        placeholder = this.#post(reply, undefined, channelId);
        return { chat: channelId, message: placeholder.id };
      },
      answer: async (reply) => {
        if (reply.form !== undefined) {
          this.#forms.set(userId, { form: reply.form, openedFrom: pressed });
          return;
        }
        const edited = {
          'edit-placeholder': placeholder,
          'edit-pressed': this.#shown.find(({ id }) => id === pressed),
        };
        const target = reply.kind === 'new' || reply.kind === 'toast' ? undefined : edited[reply.kind];
        const filled = await withBytes(reply);
        if (target !== undefined) target.reply = filled;
        else this.#post(filled, reply.visibility === 'asker' ? userId : undefined, channelId);
      },
      suggest: async (choices) => {
        this.suggested.splice(0, Infinity, ...choices);
      },
      deleteMessage: async (address) => this.#remove(address),
      findRecentPhoto: async () => undefined,
      reopenPhoto: ({ photo }) => (typeof photo === 'string' ? this.#handle(photo) : undefined),
      communityOf: async () => communityId,
      rightsIn: async (id) =>
        id === communityId ? { mayManage, mayModerate, roleIds } : (this.rights.get(`${userId}@${id}`) ?? noRights),
    };
  }
}

function roomOf(target: PostTarget): string {
  return target.kind === 'person' ? `with ${target.userId}` : (target.threadId ?? target.channelId);
}

/** As a platform takes them when they are sent: what is deleted later was shown nevertheless. */
async function withBytes(reply: Reply): Promise<Reply> {
  const pictures = await Promise.all(
    reply.pictures.map(async (picture) => {
      const bytes = await picture.png();
      return { ...picture, png: async () => bytes };
    }),
  );
  const files = await Promise.all(
    reply.files.map(async (file) => {
      const bytes = await file.bytes();
      return { ...file, bytes: async () => bytes };
    }),
  );
  return { ...reply, pictures, files };
}

async function seen(id: string, reply: Reply): Promise<SeenMessage> {
  return {
    id,
    text: plainText(reply),
    buttons: reply.rows.flat().map(({ label }) => label),
    pictures: await Promise.all(reply.pictures.map((picture) => picture.png())),
    files: await Promise.all(reply.files.map((file) => file.bytes())),
  };
}

/** A press as an adapter reads it from a button's data. */
export function pressAct(requestId: string, pressId: string): Act {
  return { kind: 'press', requestId, press: parsePressId(pressId) ?? { action: 'unknown', id: '-' } };
}
