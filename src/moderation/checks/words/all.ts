/** All lists as patterns, each with what it stands for and its language. */
import type { WrittenPattern } from '../text/pattern.ts';
import { eastAsian } from './east-asian.ts';
import { english } from './english.ts';
import { french, german, italian, portuguese, russian, spanish } from './european.ts';
import { patternsIn, type Topic, topics, type WordList } from './list.ts';

export type WordTag = { readonly topic: Topic | 'minorBesideOwn'; readonly language: string };

const lists: Readonly<Record<string, WordList>> = {
  english,
  german,
  spanish,
  french,
  italian,
  portuguese,
  russian,
  eastAsian,
};

export function allPatterns(): WrittenPattern<WordTag>[] {
  return Object.entries(lists).flatMap(([language, list]) =>
    [...topics, 'minorBesideOwn' as const].flatMap((topic) => {
      const tag: WordTag = { topic, language };
      return patternsIn(list[topic]).map((text) => ({ text, tag }));
    }),
  );
}
