/** The prompt check: what is asked for, before anything is painted. */
import { createMinorAgeFinder, type MinorAgeFinder } from './ages.ts';
import type { CommunityWords } from './community-words.ts';
import { createLibraryMatcher, type LibraryMatcher } from './library.ts';
import { createLatiniser, fold } from './text/fold.ts';
import { type Found, PatternIndex } from './text/pattern.ts';
import { type Readings, readingsOf } from './text/readings.ts';
import { artNudityPolicy, type PromptConcern, promptPolicies } from './thresholds.ts';
import { combine, type Strictness, type Verdict, verdictOf } from './verdict.ts';
import { allPatterns, type WordTag } from './words/all.ts';
import { artContext, clinicalContext, harmless } from './words/harmless.ts';
import { patternsIn, type Topic } from './words/list.ts';

export type PromptCheckOptions = {
  strictness: Strictness;
  /** Whether the photo that goes with the prompt shows a person; where nobody knows, say yes. */
  photoShowsPerson: boolean;
  communityWords?: CommunityWords;
};

export type PromptChecker = {
  /**
   * Pure and without I/O; about a millisecond for a prompt of 300 letters, in proportion for longer ones. Give it the
   * prompt only: in a negative prompt the same words are what people do not want.
   */
  check(prompt: string, options: PromptCheckOptions): Verdict;
};

/** Building one compiles the word lists (some milliseconds); keep it. */
export function createPromptChecker(): PromptChecker {
  return new WordListChecker();
}

/** What was found in a prompt, over all ways to read it. */
type Findings = { topics: Set<Topic>; isArt: boolean; isClinical: boolean };

const gap = '\u0000';
const sexualTopics: readonly Topic[] = ['explicit', 'anatomy', 'nudity', 'suggestive'];
const bareTopics: readonly Topic[] = ['explicit', 'anatomy', 'nudity'];

class WordListChecker implements PromptChecker {
  readonly #words = new PatternIndex(allPatterns());
  readonly #harmless = harmlessIndex();
  readonly #art = flatIndex(artContext);
  readonly #clinical = flatIndex(clinicalContext);
  readonly #latinise = createLatiniser();
  readonly #library: LibraryMatcher = createLibraryMatcher();
  readonly #hasMinorAge: MinorAgeFinder = createMinorAgeFinder();

  check(prompt: string, options: PromptCheckOptions): Verdict {
    const readings = this.#waysToRead(prompt).map((reading) => this.#withoutHarmless(reading));
    const findings = this.#findings(readings);
    const verdicts = concernsWith(findings, options.photoShowsPerson).map((concern) =>
      verdictOf(actionFor(concern, findings, options), concern),
    );
    return combine([...verdicts, ...communityVerdicts(readings, options.communityWords)]);
  }

  /** The prompt as it is, with look-alikes as Latin letters, and both with seams like that in "NakedGirl" opened. */
  #waysToRead(prompt: string): Readings[] {
    const opened = prompt.replaceAll(/(\p{Ll})(\p{Lu})/gu, '$1 $2');
    const folded = [prompt, opened].map(fold);
    return [...new Set([...folded, ...folded.map(this.#latinise)])].map(readingsOf);
  }

  #withoutHarmless(reading: Readings): Readings {
    return {
      ...reading,
      sequences: reading.sequences.map((words) => blankOut(words, this.#harmless.find(words))),
      compact: this.#harmless.withoutAnywhere(reading.compact),
    };
  }

  #findings(readings: readonly Readings[]): Findings {
    const tags = new Set<WordTag>();
    const topics = new Set<Topic>();
    for (const reading of readings) {
      for (const tag of this.#tagsIn(reading)) tags.add(tag);
      for (const words of reading.sequences) for (const topic of this.#library(words.join(' '))) topics.add(topic);
    }
    for (const { topic } of tags) if (topic !== 'minorBesideOwn') topics.add(topic);
    if (hasMinorBesideOwn(tags)) topics.add('minor');
    if (sexualTopics.some((topic) => topics.has(topic)) && readings.some(this.#hasMinorAge)) topics.add('minor');
    return { topics, isArt: isIn(this.#art, readings), isClinical: isIn(this.#clinical, readings) };
  }

  *#tagsIn({ sequences, mended, runs, long, compact }: Readings): Generator<WordTag> {
    for (const words of sequences) for (const { tag } of this.#words.find(words)) yield tag;
    for (const word of mended) yield* this.#words.tagsOf(word);
    for (const run of runs) yield* this.#words.tagsOfRun(run);
    yield* this.#words.findAnywhere(compact);
    for (const word of long) yield* this.#gluedPair(word);
  }

  /** "nakedschoolgirl": long words are taken apart only to see whether a sexual and a minor's word are glued together. */
  *#gluedPair(word: string): Generator<WordTag> {
    const tags = this.#words.tagsInside(word, 4);
    const has = (...topics: readonly string[]): boolean => tags.some(({ topic }) => topics.includes(topic));
    if (has(...sexualTopics) && has('minor', 'maybeMinor', 'minorBesideOwn')) yield* tags;
  }
}

function flatIndex(list: string): PatternIndex<true> {
  return new PatternIndex(
    patternsIn(list).map((text) => ({ text, tag: true })),
    'exact',
  );
}

/** Hyphens join words ("red-footed booby"), so each two neighbours of a phrase may be one word. */
function harmlessIndex(): PatternIndex<true> {
  const variants = patternsIn(harmless).flatMap((phrase) => {
    const seams = [...phrase.matchAll(/\s+/gu)].map(({ index }) => index);
    return [phrase, ...seams.map((seam) => phrase.slice(0, seam) + phrase.slice(seam).trimStart())];
  });
  return new PatternIndex(
    variants.map((text) => ({ text, tag: true })),
    'exact',
  );
}

function isIn(index: PatternIndex<true>, readings: readonly Readings[]): boolean {
  return readings.some(({ sequences }) => sequences.some((words) => index.find(words).length > 0));
}

function blankOut(words: readonly string[], found: Iterable<Found<unknown>>): string[] {
  const left = [...words];
  for (const { first, after } of found) left.fill(gap, first, after);
  return left;
}

function hasMinorBesideOwn(tags: ReadonlySet<WordTag>): boolean {
  const sexual = new Set<string>();
  for (const { topic, language } of tags) if (sexualTopics.some((one) => one === topic)) sexual.add(language);
  return [...tags].some(({ topic, language }) => topic === 'minorBesideOwn' && sexual.has(language));
}

function concernsWith({ topics, isClinical }: Findings, photoShowsPerson: boolean): PromptConcern[] {
  const concerns = new Set<PromptConcern>();
  const has = (wanted: readonly Topic[]): boolean => wanted.some((topic) => topics.has(topic));
  if (has(['sexualMinor'])) concerns.add('prompt.minor-sexual');
  if (has(sexualTopics) && has(['minor'])) concerns.add('prompt.minor-sexual');
  if (has(bareTopics) && has(['maybeMinor'])) concerns.add('prompt.minor-sexual');
  if (has(['suggestive']) && has(['maybeMinor'])) concerns.add('prompt.youth');
  if (has(bareTopics) && has(['youthful'])) concerns.add('prompt.youth');
  if (has(['explicit'])) concerns.add('prompt.explicit');
  if (has(['anatomy'])) concerns.add(isClinical ? 'prompt.anatomy' : 'prompt.explicit');
  if (has(['nudity'])) concerns.add(photoShowsPerson ? 'prompt.nudity-of-person' : 'prompt.nudity');
  if (has(['suggestive'])) concerns.add('prompt.suggestive');
  if (has(['hate'])) concerns.add('prompt.hate');
  if (has(['hateSymbol'])) concerns.add('prompt.hate-symbol');
  if (has(['gore'])) concerns.add('prompt.gore');
  if (has(['selfHarm'])) concerns.add('prompt.self-harm');
  if (has(['profanity'])) concerns.add('prompt.profanity');
  return [...concerns];
}

function actionFor(
  concern: PromptConcern,
  { isArt }: Findings,
  { strictness, photoShowsPerson }: PromptCheckOptions,
): Verdict['kind'] {
  if (concern === 'prompt.nudity' && isArt) return artNudityPolicy[strictness];
  const { anyPrompt, withPerson } = promptPolicies[concern];
  return (photoShowsPerson ? (withPerson ?? anyPrompt) : anyPrompt)[strictness];
}

function communityVerdicts(readings: readonly Readings[], words: CommunityWords | undefined): Verdict[] {
  if (words === undefined) return [];
  const actions = readings.flatMap(({ sequences, mended, runs, compact }) => [
    ...sequences.flatMap((sequence) => words.find(sequence).map(({ tag }) => tag)),
    ...mended.flatMap((word) => words.tagsOf(word)),
    ...runs.flatMap((run) => words.tagsOfRun(run)),
    ...words.findAnywhere(compact),
  ]);
  return actions.map((action) => verdictOf(action, 'prompt.community-word'));
}
