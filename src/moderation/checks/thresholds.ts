/** Everything that decides between allowing, holding and refusing, in one place. */
import type { Action, ReasonCode, Strictness } from './verdict.ts';

type ByStrictness = Readonly<Record<Strictness, Action>>;

/** `withPerson`, where it differs: with a photo that shows a person. */
type PromptPolicy = { readonly anyPrompt: ByStrictness; readonly withPerson?: ByStrictness };

export type PromptConcern = Exclude<
  Extract<ReasonCode, `prompt.${string}`>,
  'prompt.community-word' | 'prompt.unchecked'
>;

const refused: ByStrictness = { off: 'refuse', normal: 'refuse', strict: 'refuse' };

/** What each concern with a prompt leads to. */
export const promptPolicies: Readonly<Record<PromptConcern, PromptPolicy>> = {
  'prompt.minor-sexual': { anyPrompt: refused },
  'prompt.nudity-of-person': { anyPrompt: refused },
  'prompt.explicit': { anyPrompt: { off: 'allow', normal: 'refuse', strict: 'refuse' }, withPerson: refused },
  'prompt.anatomy': { anyPrompt: { off: 'allow', normal: 'allow', strict: 'hold' } },
  'prompt.nudity': { anyPrompt: { off: 'allow', normal: 'hold', strict: 'refuse' } },
  'prompt.suggestive': {
    anyPrompt: { off: 'allow', normal: 'allow', strict: 'hold' },
    withPerson: { off: 'allow', normal: 'hold', strict: 'refuse' },
  },
  'prompt.youth': {
    anyPrompt: { off: 'hold', normal: 'hold', strict: 'refuse' },
    withPerson: { off: 'hold', normal: 'refuse', strict: 'refuse' },
  },
  'prompt.hate': { anyPrompt: { off: 'allow', normal: 'refuse', strict: 'refuse' } },
  'prompt.hate-symbol': { anyPrompt: { off: 'allow', normal: 'hold', strict: 'refuse' } },
  'prompt.gore': {
    anyPrompt: { off: 'allow', normal: 'hold', strict: 'refuse' },
    withPerson: { off: 'hold', normal: 'refuse', strict: 'refuse' },
  },
  'prompt.self-harm': { anyPrompt: { off: 'allow', normal: 'hold', strict: 'refuse' } },
  'prompt.profanity': { anyPrompt: { off: 'allow', normal: 'allow', strict: 'hold' } },
};

/** Nudity in a work of art (a statue, a named painter), without a photo of a person. */
export const artNudityPolicy: ByStrictness = { off: 'allow', normal: 'allow', strict: 'hold' };

/** Below this age a person is a minor. */
export const adultAgeYears = 18;

/** A community's own words. */
export const communityWordLimits = { words: 200, letters: 31, minLetters: 2, stars: 3 } as const;

/** From which sum of Porn, Hentai and Sexy on a second classifier is asked, from 0 to 1: below all that hold. */
export const secondOpinionFrom = 0.4;

/**
 * From which probability on, from 0 to 1, the classifier holds a picture: `explicit` is Porn and Hentai together,
 * `sexual` those and Sexy.
 */
export const pictureHoldFrom: Readonly<Record<Exclude<Strictness, 'off'>, { explicit: number; sexual: number }>> = {
  normal: { explicit: 0.7, sexual: 0.9 },
  strict: { explicit: 0.45, sexual: 0.65 },
};
