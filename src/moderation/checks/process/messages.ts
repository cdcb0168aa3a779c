/** What the checks and their process say to each other. */
import type { PictureHashes } from '../../hashes/describe.ts';
import type { CommunityWord } from '../community-words.ts';
import type { Strictness, Verdict } from '../verdict.ts';

/** Width and height of what the classifier looks at. */
export const classifiedSidePx = 299;

/** Probabilities from 0 to 1 that add up to 1, in the classifier's own classes. */
export type Scores = { drawing: number; hentai: number; neutral: number; porn: number; sexy: number };

/** What a prompt is checked by; as `PromptCheckOptions`, with the words as a community wrote them. */
export type PromptRules = {
  readonly strictness: Strictness;
  readonly photoShowsPerson: boolean;
  readonly words: readonly CommunityWord[];
};

/**
 * `classify`: `rgb` of 299 * 299 * 3 bytes; `describe`: of 256 * 256 * 3 (`Square`). Both 8 bit sRGB, row by row.
 */
export type Task =
  | { readonly kind: 'classify'; readonly rgb: Uint8Array }
  | { readonly kind: 'describe'; readonly rgb: Uint8Array }
  | { readonly kind: 'prompt'; readonly prompt: string; readonly rules: PromptRules };

/** What comes of each kind of task. */
export interface Outcomes {
  readonly classify: Scores;
  readonly describe: PictureHashes;
  readonly prompt: Verdict;
}

export type Question = { readonly id: number; readonly task: Task };
export type Answer = { readonly id: number } & (
  | { readonly outcome: Outcomes[keyof Outcomes] }
  | { readonly failure: string }
);
