/** What a check says, and how the words of several checks become one. */

/** Why something is held or refused. `code` is stable (catalogues, audit, metrics); `sentence` is for the person, in plain English. */
export type Reason = { readonly code: ReasonCode; readonly sentence: string };

export type Verdict =
  | { readonly kind: 'allow' }
  | { readonly kind: 'hold'; readonly reasons: readonly Reason[] }
  | { readonly kind: 'refuse'; readonly reasons: readonly Reason[] };

/** `off` is for communities whose operator permits it; what is refused always is refused there too. */
export type Strictness = 'off' | 'normal' | 'strict';

export type Action = Verdict['kind'];

const sentences = {
  'prompt.minor-sexual':
    'Your prompt puts a minor and something sexual together. That is never painted here; take one of the two out.',
  'prompt.nudity-of-person':
    'Your prompt asks for nudity, and your photo shows a person. Ask for clothes, or use a photo without people.',
  'prompt.explicit': 'Your prompt asks for something sexually explicit, which is not allowed here. Please reword it.',
  'prompt.anatomy': 'Your prompt names intimate parts of the body. Please reword it.',
  'prompt.nudity': 'Your prompt asks for nudity. Please reword it.',
  'prompt.suggestive': 'Your prompt is suggestive. Please reword it.',
  'prompt.youth': 'Your prompt puts somebody who may be young and something sexual together. Please reword it.',
  'prompt.hate': 'Your prompt has a word that demeans people. Please reword it.',
  'prompt.hate-symbol': 'Your prompt names a symbol or a group that stands for hate. Please reword it.',
  'prompt.gore': 'Your prompt asks for cruel violence. Please reword it.',
  'prompt.self-harm':
    'Your prompt is about self-harm. If you are not well, please talk to somebody you trust; otherwise reword it.',
  'prompt.profanity': 'Your prompt has a swear word. Please reword it.',
  'prompt.community-word': 'Your prompt has a word that this community does not allow. Please reword it.',
  'prompt.unchecked': 'Your prompt could not be checked automatically, so a moderator looks at the picture first.',
  'photo.sexual': 'Your photo looks sexual to the automatic check, so a moderator looks at the picture first.',
  'photo.removed-before': 'This photo, or one very much like it, was removed before. Please use another one.',
  'share.review': 'Here a moderator looks at every picture before it is shown.',
  'picture.sexual': 'The picture looks sexual to the automatic check, so a moderator looks at it first.',
  'picture.unchecked': 'The picture could not be checked automatically, so a moderator looks at it first.',
  'picture.removed-before': 'This picture, or one very much like it, was removed before. Please use another one.',
} as const;

export type ReasonCode = keyof typeof sentences;

export function reason(code: ReasonCode): Reason {
  return { code, sentence: sentences[code] };
}

export const allow: Verdict = { kind: 'allow' };

/** A verdict for one reason; `allow` needs none. */
export function verdictOf(action: Action, code: ReasonCode): Verdict {
  switch (action) {
    case 'allow':
      return allow;
    case 'hold':
    case 'refuse':
      return { kind: action, reasons: [reason(code)] };
  }
}

/**
 * The strictest verdict wins. Its reasons are those of the verdicts of that kind, each code once, in the order given:
 * who is refused is not told what would merely have been held.
 */
export function combine(verdicts: readonly Verdict[]): Verdict {
  return reasonsOf('refuse', verdicts) ?? reasonsOf('hold', verdicts) ?? allow;
}

function reasonsOf(kind: 'hold' | 'refuse', verdicts: readonly Verdict[]): Verdict | undefined {
  const byCode = new Map<ReasonCode, Reason>();
  for (const verdict of verdicts) {
    if (verdict.kind !== kind) continue;
    for (const why of verdict.reasons) byCode.set(why.code, why);
  }
  return byCode.size === 0 ? undefined : { kind, reasons: [...byCode.values()] };
}
