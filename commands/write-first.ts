/** What the bot says in a group to somebody whom it may not write to: a platform lets people begin, not bots. */
import { line, toAsker } from './asked.ts';
import type { Scene, Actor } from './contract/act.ts';
import type { Reply } from './contract/reply.ts';
import { chooseLanguage, type Language, type Words } from './languages/languages.ts';

/** Whatever else was to be said is for one person's eyes. @param url where the private chat with the bot opens. */
export function writeFirst(
  { locale }: Pick<Actor, 'locale'>,
  scene: Pick<Scene, 'locale'>,
  url: string,
  wordsOf: (language: Language) => Words,
): Reply {
  const words = wordsOf(chooseLanguage(locale, scene.locale));
  return { ...toAsker([line(words.say('write-first', { url }))]), visibility: 'all' };
}

/** Longer ones are lists or somebody's own data. */
const maxSentenceLength = 300;

/** Whether a reply is one sentence of the bot's, such as a refusal: nothing in it tells others more than the question did. */
export function isSentence({ lines, rows, pictures, files, form }: Reply): boolean {
  const [first, ...more] = lines;
  if (first === undefined || more.length + rows.length + pictures.length + files.length > 0) return false;
  if (form !== undefined || first.kind !== 'plain') return false;
  const text = first.spans.map((span) => (typeof span === 'string' ? span : undefined));
  return !text.includes(undefined) && text.join('').length <= maxSentenceLength;
}
