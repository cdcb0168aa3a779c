/** Pictures that were sent at once and arrive one by one, without a word which is the last. */
import type { Message } from 'grammy/types';

/** One message, or a whole album. `begun` has to be called as soon as it has taken its place in its person's lane. */
export interface Turn {
  readonly messages: readonly Message[];
  readonly begun: () => void;
}

interface Pending {
  readonly messages: Message[];
  readonly sender: string;
  readonly end: () => void;
  readonly begun: Promise<void>;
  timer: NodeJS.Timeout;
}

export class Albums {
  readonly #pending = new Map<string, Pending>();
  readonly #waitMs: number;

  /** @param waitMs after the last picture; the service sends an album's within a second or so. */
  constructor(waitMs: number) {
    this.#waitMs = waitMs;
  }

  /**
   * Waits for the rest of the message's album, at most until the same person says something else there. What has nothing
   * to wait for gets its turn at once, so that nothing overtakes it.
   * @returns undefined for all but the album's first message, which speaks for them.
   */
  take(message: Message): Promise<Turn> | Turn | undefined {
    const sender = `${message.chat.id}:${message.from?.id}`;
    const { media_group_id: album } = message;
    if (album === undefined) return this.#behind(sender, { messages: [message], begun: () => {} });
    const key = `${sender}:${album}`;
    const pending = this.#pending.get(key);
    if (pending === undefined) return this.#begin(key, sender, message);
    pending.messages.push(message);
    clearTimeout(pending.timer);
    pending.timer = setTimeout(pending.end, this.#waitMs);
    return undefined;
  }

  /** Nothing more is waited for. */
  close(): void {
    for (const { end } of this.#pending.values()) end();
  }

  async #begin(key: string, sender: string, message: Message): Promise<Turn> {
    const messages = [message];
    const [ended, begun] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const timer = setTimeout(ended.resolve, this.#waitMs);
    this.#pending.set(key, { messages, sender, end: ended.resolve, begun: begun.promise, timer });
    await ended.promise;
    clearTimeout(this.#pending.get(key)?.timer);
    this.#pending.delete(key);
    return { messages: messages.toSorted((a, b) => a.message_id - b.message_id), begun: begun.resolve };
  }

  #behind(sender: string, turn: Turn): Promise<Turn> | Turn {
    const open = [...this.#pending.values()].filter((pending) => pending.sender === sender);
    if (open.length === 0) return turn;
    for (const { end } of open) end();
    return Promise.all(open.map(({ begun }) => begun)).then(() => turn);
  }
}
