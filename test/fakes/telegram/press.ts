import type { Watch } from '../wire/watch.ts';
import type { Account, Message } from './model.ts';

export interface CallbackAnswer {
  text: string;
  /** A box to be dismissed instead of a note that fades. */
  alert: boolean;
  afterMs: number;
}

/** A pressed button, until the bot has answered it a progress bar turns on it. */
export class CallbackPress {
  readonly id: string;
  readonly from: Account;
  readonly message: Message;
  readonly data: string;
  readonly atMs: number;
  answer: CallbackAnswer | undefined;
  readonly #watch: Watch;

  constructor(parts: Pick<CallbackPress, 'id' | 'from' | 'message' | 'data' | 'atMs'>, watch: Watch) {
    this.id = parts.id;
    this.from = parts.from;
    this.message = parts.message;
    this.data = parts.data;
    this.atMs = parts.atMs;
    this.#watch = watch;
  }

  whenAnswered(): Promise<CallbackAnswer> {
    return this.#watch.until(() => this.answer, `an answer to the press of ${this.data}`);
  }
}
