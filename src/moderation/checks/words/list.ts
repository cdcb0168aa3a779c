/** The kinds of words that the prompt check tells apart, and how their lists are written down. */

/** What a word stands for. `anatomy` is explicit unless the prompt is plainly medical. */
export const topics = [
  'sexualMinor',
  'explicit',
  'anatomy',
  'nudity',
  'suggestive',
  'minor',
  'maybeMinor',
  'youthful',
  'hate',
  'hateSymbol',
  'gore',
  'selfHarm',
  'profanity',
] as const;

export type Topic = (typeof topics)[number];

/** Of one language; patterns parted by commas. A pattern is a word or a phrase, `*` for any letters. */
export type WordList = Partial<Record<Topic, string>> & {
  /** Means a minor only where a sexual word of the same language is near: German "Kind" is an English adjective too. */
  minorBesideOwn?: string;
};

/** Folded as prompts are: "Mädchen" is found as "madchen". */
export function patternsIn(list: string | undefined): string[] {
  return (list ?? '')
    .split(',')
    .map((pattern) => pattern.trim())
    .filter((pattern) => pattern !== '');
}
