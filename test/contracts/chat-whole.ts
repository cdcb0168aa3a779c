/** A whole bot on one platform, real client and all, as the suites need it that make its life hard. */
import { expect, onTestFinished } from 'vitest';
import type { Job } from '../../src/store/jobs.ts';
import type { Misbehaviour } from '../fakes/wire/bytes.ts';
import type { House } from './chat-house.ts';
import type { ChatPerson, SeenMessage } from './chat-journeys.ts';
import type { ModeratedStage } from './chat-moderation.ts';

/** How the file servers send a photo; `expired`: its address serves no more. */
export type Sending = Misbehaviour | 'expired';

export interface WholePerson extends ChatPerson {
  ask(
    prompt: string,
    options?: { readonly photo?: Uint8Array; readonly count?: number; readonly sending?: Sending },
  ): Promise<void>;
  /** In the private chat with the bot. */
  commandAlone(name: string): Promise<void>;
  /** Presses all of them at once. @returns what each press was answered, in their order. */
  forgeAll(message: SeenMessage, pressIds: readonly string[]): Promise<readonly string[]>;
  /** Sends forms that the bot never showed; undefined where a form is a message of the bot's own, which nobody else writes. */
  readonly forgeForms: ((message: SeenMessage, formIds: readonly string[]) => Promise<readonly string[]>) | undefined;
  /** Presses a button, and the bot hears of it when the platform takes no answer to the press any more. */
  pressLate(message: SeenMessage, label: string): Promise<void>;
}

/** What a platform answers to a call, or does not. */
export type CallTrouble = 'busy for a second' | 'failing' | 'hangs up' | 'loses its answer';

/** What becomes of the place where a result is waited for. */
export type Mishap = 'message deleted' | 'channel gone' | 'bot kicked' | 'no right to show pictures';

export interface WholeStage extends ModeratedStage {
  readonly platform: 'discord' | 'telegram';
  /** Characters that people's clients let them write: Discord knows what each argument takes. */
  readonly longestPrompt: number;
  person(name: string): Promise<WholePerson>;
  manager(name: string): Promise<WholePerson>;
  /** Another shared chat, of another community. */
  readonly elsewhere: {
    person(name: string): Promise<WholePerson>;
    messages(): Promise<readonly SeenMessage[]>;
  };
  house(): House;
  /** Files and database. */
  readonly dataDir: string;
  /** Everything that was logged. */
  logged(): string;
  /** What a log must not say: tokens, addresses of files. */
  secrets(): readonly string[];
  /** Whom and what messages of the bot have notified, mentioned or linked. */
  pings(): readonly string[];
  /** What the bot asked for that a careful bot would not have. */
  blame(): readonly string[];
  /** The next calls that post a placeholder, edit one to a result, or take a message away, meet trouble. */
  makeTrouble(call: 'placeholder' | 'result' | 'removal', trouble: CallTrouble, times: number): void;
  /** What trouble was made and is not met yet is none. */
  endTrouble(): void;
  readonly mishaps: Readonly<Record<Mishap, (job: Job) => Promise<void>>>;
  /** From now on the bot is told so often, and at once, of each thing that people do. */
  tellTimes(times: number): void;
  /** Whether a press that comes too late to be answered counts all the same; else the person's client says that it failed. */
  readonly latePressCounts: boolean;
  /** Ways in which what people do stops coming to the bot for a moment. */
  readonly drops: readonly (readonly [how: string, drop: () => void])[];
}

/** When the test is over nothing may have been asked of the platform that a careful bot would not ask. */
export function blameless<Stage extends WholeStage>(stage: Stage): Stage {
  onTestFinished(() => expect(stage.blame()).toEqual([]));
  return stage;
}
