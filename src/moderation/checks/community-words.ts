/** Words that a community adds to the prompt check itself. */
import { Refusal } from '../../errors.ts';
import { fold } from './text/fold.ts';
import { PatternIndex } from './text/pattern.ts';
import { communityWordLimits as limits } from './thresholds.ts';

/** `pattern`: a word or a phrase, `*` for any letters; everything else is literal. */
export type CommunityWord = { readonly pattern: string; readonly action: 'hold' | 'refuse' };

export type CommunityWords = PatternIndex<'hold' | 'refuse'>;

/**
 * Found like the built-in words: in any case, with look-alike letters, spaced out.
 *
 * @throws Refusal `community-word.too-many`, `.too-short`, `.too-long`, `.too-many-stars`.
 */
export function compileCommunityWords(words: readonly CommunityWord[]): CommunityWords {
  if (words.length > limits.words) {
    throw new Refusal('community-word.too-many', `A community can have up to ${limits.words} words of its own.`, {
      max: limits.words,
    });
  }
  for (const { pattern } of words) checkPattern(pattern);
  return new PatternIndex(words.map(({ pattern, action }) => ({ text: plain(pattern), tag: action })));
}

function checkPattern(pattern: string): void {
  const text = plain(pattern);
  const letters = text.replaceAll(/[\s*]/gu, '').length;
  const stars = text.split('*').length - 1;
  if (letters < limits.minLetters || text.split(' ').some((word) => /^\**$/u.test(word))) {
    throw new Refusal(
      'community-word.too-short',
      `Each word needs at least ${limits.minLetters} letters besides the *.`,
      {
        min: limits.minLetters,
      },
    );
  }
  if (letters > limits.letters) {
    throw new Refusal('community-word.too-long', `A word or phrase can have up to ${limits.letters} letters.`, {
      max: limits.letters,
    });
  }
  if (stars > limits.stars) {
    throw new Refusal('community-word.too-many-stars', `A word or phrase can have up to ${limits.stars} *.`, {
      max: limits.stars,
    });
  }
}

/** Letters, digits and stars only, as prompts are read: "ice-cream" is looked for as two words. */
function plain(pattern: string): string {
  return fold(pattern)
    .replaceAll(/[^\p{L}\p{N}|*]+/gu, ' ')
    .trim();
}
