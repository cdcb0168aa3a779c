/** What the bots of the harnesses have in common: they say what happens to them, and die where they are told to. */
import type { Adapter } from '../../src/jobs/adapter.ts';
import { ChatAdapter } from '../../test/fakes/chat-adapter.ts';
import { deadlyPoint, type FaultPoint } from './fault-points.ts';
import type { BotWord, Death } from './processes.ts';

/** To whoever started this process. */
export function say(word: BotWord): void {
  process.stdout.write(`${JSON.stringify(word)}\n`);
}

/** Says each moment when it comes for the first time, and ends this process at the one where it is to die. */
export function toldPoint(death: Death | undefined): FaultPoint {
  return deadlyPoint(death, (name) => say({ kind: 'point', name }));
}

/** Settings that every bot has; nobody is turned away, and nothing takes long. */
export const hastySettings = {
  COWBOT_PORT: '0',
  COWBOT_WAITING_PER_PERSON: '1000',
  COWBOT_MIN_FREE_MIB: '1',
  COWBOT_DRAIN_SECONDS: '5',
};
export const hastyDelivery = { attemptTimeoutMs: 300, firstBackoffMs: 10, maxBackoffMs: 200, pollMs: 500 };
export const hastyRetry = { maxTries: 20, firstBackoffMs: 5, maxBackoffMs: 50 };

export class DyingAdapter extends ChatAdapter {
  readonly #faultPoint: FaultPoint;

  constructor(origin: string, faultPoint: FaultPoint) {
    super(origin);
    this.#faultPoint = faultPoint;
  }

  override async deliver(...args: Parameters<Adapter['deliver']>): ReturnType<Adapter['deliver']> {
    this.#faultPoint('before the call to the chat');
    const result = await super.deliver(...args);
    this.#faultPoint('after the call to the chat');
    return result;
  }
}

/** Whoever started it may be killed: then nobody will ask any more. */
export function endWithStarter(): void {
  process.stdin
    .resume()
    .once('end', () => process.exit(1))
    .unref();
}
