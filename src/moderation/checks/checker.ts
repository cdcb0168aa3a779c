/** All that is looked at, in one place: prompts, pictures, and what a picture is known again by. */
import type { PictureHashes } from '../hashes/describe.ts';
import { toSquare } from '../hashes/views.ts';
import { type CheckedPicture, checkPicture } from './picture.ts';
import { CheckProcess } from './process/check-process.ts';
import type { PromptRules } from './process/messages.ts';
import { type Strictness, type Verdict, verdictOf } from './verdict.ts';

export interface Checker {
  /** @returns a verdict as `PromptChecker`; `hold` with `prompt.unchecked` where it could not be checked. @throws the signal's reason. */
  checkPrompt(prompt: string, rules: PromptRules, signal?: AbortSignal): Promise<Verdict>;
  /**
   * @returns a verdict as `checkPicture`; `hold` with `picture.unchecked` where the classifier died, hung or failed.
   * @throws the signal's reason.
   */
  checkPicture(
    picture: CheckedPicture,
    options: { readonly strictness: Strictness; readonly signal?: AbortSignal | undefined },
  ): Promise<Verdict>;
  /** @throws Fault (`mayPass`) where it could not be done; the signal's reason. */
  describe(picture: CheckedPicture, signal?: AbortSignal): Promise<PictureHashes>;
  /** Of the process; `undefined` while none runs. */
  readonly pid: number | undefined;
  /** Ends the process; checks under way end as not done. */
  close(): Promise<void>;
}

/**
 * @property silenceMs how long the process may say nothing while questions wait.
 * @property onFault called with what went wrong when something could not be checked.
 */
export interface CheckerOptions {
  readonly silenceMs?: number;
  readonly onFault?: (cause: unknown) => void;
}

/** On a machine that paints all the time, loading the classifier has taken half a minute. */
const usualSilenceMs = 60_000;

export function createChecker({ silenceMs = usualSilenceMs, onFault }: CheckerOptions = {}): Checker {
  const process = new CheckProcess(silenceMs);
  const orHold = async (
    check: Promise<Verdict>,
    code: 'prompt.unchecked' | 'picture.unchecked',
    signal: AbortSignal | undefined,
  ): Promise<Verdict> => {
    try {
      return await check;
    } catch (cause) {
      signal?.throwIfAborted();
      onFault?.(cause);
      return verdictOf('hold', code);
    }
  };
  return {
    async checkPrompt(prompt, rules, signal) {
      return orHold(process.ask({ kind: 'prompt', prompt, rules }, signal), 'prompt.unchecked', signal);
    },
    async checkPicture(picture, options) {
      return orHold(checkPicture(process, picture, options), 'picture.unchecked', options.signal);
    },
    async describe({ rgb, width, height }, signal) {
      const square = await toSquare(rgb, width, height);
      return process.ask({ kind: 'describe', rgb: square.rgb }, signal);
    },
    get pid() {
      return process.pid;
    },
    close: () => process.close(),
  };
}
