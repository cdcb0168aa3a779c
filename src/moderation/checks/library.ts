/** The word library's part: words inside longer ones, which our own lists of whole words leave out. */
import { DataSet, englishDataset, englishRecommendedTransformers, RegExpMatcher } from 'obscenity';
import type { Topic } from './words/list.ts';

/**
 * The library's words that mean one thing wherever they occur. The others ("dick", "tit", "ass", "negro", ...) are names,
 * birds and colours too often, and are in our own lists with their exceptions.
 */
const topicsOfWords: Readonly<Record<string, Topic>> = {
  bestiality: 'explicit',
  blowjob: 'explicit',
  buttplug: 'explicit',
  deepthroat: 'explicit',
  dildo: 'explicit',
  doggystyle: 'explicit',
  'double penetration': 'explicit',
  ejaculate: 'explicit',
  fellatio: 'explicit',
  'finger bang': 'explicit',
  gangbang: 'explicit',
  handjob: 'explicit',
  hentai: 'explicit',
  jizz: 'explicit',
  masturbate: 'explicit',
  porn: 'explicit',
  slut: 'explicit',
  penis: 'anatomy',
  vagina: 'anatomy',
  nigger: 'hate',
  bitch: 'profanity',
  bastard: 'profanity',
};

export type LibraryMatcher = (text: string) => Topic[];

export function createLibraryMatcher(): LibraryMatcher {
  const words = new DataSet<{ originalWord: string }>()
    .addAll(englishDataset)
    .removePhrasesIf(({ metadata }) => metadata === undefined || !(metadata.originalWord in topicsOfWords));
  const matcher = new RegExpMatcher({ ...words.build(), ...englishRecommendedTransformers });
  return (text) =>
    matcher.getAllMatches(text).flatMap((match) => {
      const word = words.getPayloadWithPhraseMetadata(match).phraseMetadata?.originalWord;
      return topicsOfWords[word ?? ''] ?? [];
    });
}
