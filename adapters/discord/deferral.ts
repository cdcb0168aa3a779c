/** An act that was not answered in time is deferred by itself, so that whatever is slow still gets its first word in. */
import { InteractionResponseType, MessageFlags } from 'discord.js';
import type { Passes } from './messages.ts';
import type { Origin, Responses } from './responses.ts';
import { DiscordTrouble } from './wire.ts';

export interface DeferralParts {
  readonly passes: Passes;
  /** When an act that was not answered yet is deferred, well within Discord's 3 s. */
  readonly deferAfterMs: number;
}

export class Deferral {
  readonly #origin: Origin;
  readonly #responses: Responses;
  readonly #passes: Passes;
  readonly #timer: NodeJS.Timeout;
  #begun: Promise<void> | undefined;
  #waiting: string | undefined;

  constructor(origin: Origin, responses: Responses, { passes, deferAfterMs }: DeferralParts) {
    this.#origin = origin;
    this.#responses = responses;
    this.#passes = passes;
    this.#timer = setTimeout(() => {
      this.#begun = this.#defer();
    }, deferAfterMs);
  }

  /** From now on the answer is on its way, by itself or after the deferral that is. */
  async end(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#begun;
  }

  /** Whether the act was deferred, or that was tried. */
  get hasBegun(): boolean {
    return this.#begun !== undefined;
  }

  /** The deferred reply that nothing was said in yet, once: whoever takes it fills or removes it. */
  takeWaiting(): string | undefined {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    return waiting;
  }

  /** Only the asker sees that an answer comes. */
  async #defer(): Promise<void> {
    const { pressedId, shows } = this.#origin;
    if (this.#responses.isAnswered || shows === 'proposals') return;
    try {
      if (pressedId === undefined) {
        const type = InteractionResponseType.DeferredChannelMessageWithSource;
        this.#waiting = await this.#responses.open(type, { body: { flags: MessageFlags.Ephemeral } });
      } else {
        await this.#responses.respond(InteractionResponseType.DeferredMessageUpdate);
        this.#passes.keep(pressedId, this.#origin);
      }
    } catch (error) {
      // The answer itself meets the same trouble, and says so to whoever waits for it; 40060: the deferral got through.
      if (!(error instanceof DiscordTrouble) || error.code !== 40_060) this.#responses.takeBack();
    }
  }
}
