/** Refusals in a person's language: by their code where the catalogue has it, else in the English they were made in. */
import type { Refusal, RefusalDetails } from '../../src/errors.ts';
import { isMessageKey, type Words } from './languages.ts';

/** A refusal, or what a row remembers of one. */
export interface RefusalWords {
  readonly code: string;
  readonly sentence: string;
  readonly details?: RefusalDetails;
}

export function refusalText({ code, sentence, details = {} }: RefusalWords, words: Words): string {
  const key = `refusal.${code}`;
  if (!isMessageKey(key)) return sentence;
  try {
    return words.say(key, details);
  } catch {
    // What a row remembers has no details; a message that needs some cannot be said.
    return sentence;
  }
}

/** Whether the catalogues have it: codes that come from nowhere else. */
export function isKnownRefusal(code: string): boolean {
  return isMessageKey(`refusal.${code}`);
}

export function wordsOfRefusal({ code, message, details }: Refusal): RefusalWords {
  return { code, sentence: message, details };
}
