/**
 * Words and phrases to look for, each letter in any of the spellings that read as it. All patterns share one trie,
 * which a word walks once with every state at the same time: there is no going back, so no pattern is slow on any text.
 */
import { fold } from './fold.ts';

/** Characters that are written in place of a letter. `*` and `#` mask vowels, `|` is a folded capital I. */
const spellings: Readonly<Record<string, string>> = {
  a: '4@*#',
  b: '8',
  c: '¢',
  e: '3€*#',
  g: '96',
  i: '1!|*#',
  l: '1!|£',
  n: 'ñ',
  o: '0*#',
  s: '5$z',
  t: '7+',
  u: 'v*#',
  y: '¥',
  z: '2',
  а: 'a4@',
  в: 'b8',
  е: 'e3',
  з: '3',
  к: 'k',
  м: 'm',
  н: 'h',
  о: 'o0',
  р: 'p',
  с: 'c',
  т: 't',
  у: 'y',
  х: 'x',
};

/** Scripts that do not part words by spaces: their patterns are looked for anywhere. */
const unparted = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/u;

/**
 * `likeIt`: also with repeated letters and with other characters for letters, which is how words are hidden. `exact`:
 * neither, for what makes a word harmless.
 */
export type Spelling = 'likeIt' | 'exact';

/** Longer than every pattern, short enough that words of any length are searched in proportion to it. */
const longestPart = 32;

/** Fewer letters of a run are a word by chance. */
const shortestInRun = 3;

/** What was found: the words from `first` up to but without `after`. */
export type Found<Tag> = { readonly tag: Tag; readonly first: number; readonly after: number };

/** A pattern as it is written: one or more words, `*` for any letters, none included. */
export type WrittenPattern<Tag> = { readonly text: string; readonly tag: Tag };

/** One letter of the patterns that begin alike. */
type Node<Tag> = {
  readonly letter: string;
  /** All that may stand for the letter; none at a root. */
  readonly characters: string;
  readonly repeats: boolean;
  /** A `*` follows the letter: anything may come here. */
  readonly star: boolean;
  readonly children: Node<Tag>[];
  /** `children` by every character that may stand for their letter. */
  readonly byCharacter: Map<string, Node<Tag>[]>;
  /** Of the patterns that are complete here. */
  readonly tags: Tag[];
  /** Phrases whose first word is complete here. */
  readonly phrases: { tag: Tag; rest: readonly Node<null>[] }[];
};

function createNode<Tag>(letter: string, characters: string, repeats: boolean, star: boolean): Node<Tag> {
  return { letter, characters, repeats, star, children: [], byCharacter: new Map(), tags: [], phrases: [] };
}

/**
 * A letter may be repeated in what is found, never left out: "nude" finds "nuuude", "teen" does not find "ten". A
 * phrase is found with its words written as one too.
 */
export class PatternIndex<Tag> {
  readonly #root = createNode<Tag>('', '', false, false);
  /** Of the patterns that open with a `*`. */
  readonly #anywhereRoot = createNode<Tag>('', '', false, true);
  readonly #substrings: { text: string; tag: Tag }[] = [];

  readonly #spelling: Spelling;

  constructor(patterns: readonly WrittenPattern<Tag>[], spelling: Spelling = 'likeIt') {
    this.#spelling = spelling;
    for (const { text, tag } of patterns) this.#put(fold(text).trim(), tag);
  }

  /** What one word alone stands for. */
  tagsOf(word: string): Tag[] {
    return this.#walk(word).flatMap(({ node, after }) => (after === word.length ? node.tags : []));
  }

  /** What letters stand for that were written apart: all together where that is one short word, else their parts too. */
  tagsOfRun(letters: string): Tag[] {
    const whole = this.tagsOf(letters);
    const isOneWord = whole.length > 0 && letters.length < 2 * shortestInRun;
    return isOneWord ? whole : [...whole, ...this.tagsInside(letters, shortestInRun)];
  }

  /** What the parts of a word stand for that have `shortest` letters or more; patterns that open with a `*` apart. */
  tagsInside(word: string, shortest: number): Tag[] {
    const found: Tag[] = [];
    for (let from = 0; from + shortest <= word.length; from += 1) {
      for (const { node, after } of walk([this.#root], word.slice(from, from + longestPart))) {
        if (after >= shortest) found.push(...node.tags);
      }
    }
    return found;
  }

  find(words: readonly string[]): Found<Tag>[] {
    const found: Found<Tag>[] = [];
    for (const [first, word] of words.entries()) {
      for (const { node, after } of this.#walk(word)) {
        if (after !== word.length) continue;
        for (const tag of node.tags) found.push({ tag, first, after: first + 1 });
        for (const { tag, rest } of node.phrases) {
          if (rest.every((next, place) => isWord(next, words[first + 1 + place]))) {
            found.push({ tag, first, after: first + 1 + rest.length });
          }
        }
      }
    }
    return found;
  }

  /** For scripts that do not part words. `compact`: letters and digits only. */
  findAnywhere(compact: string): Tag[] {
    if (!unparted.test(compact)) return [];
    return this.#substrings.filter(({ text }) => compact.includes(text)).map(({ tag }) => tag);
  }

  /** The same text without what `findAnywhere` would find. */
  withoutAnywhere(compact: string): string {
    if (!unparted.test(compact)) return compact;
    return this.#substrings.reduce((left, { text }) => left.replaceAll(text, ' '), compact);
  }

  #walk(word: string): End<Tag>[] {
    return walk([this.#root, this.#anywhereRoot], word);
  }

  #put(text: string, tag: Tag): void {
    if (unparted.test(text)) {
      this.#substrings.push({ text: text.replaceAll(/[\s*]/gu, ''), tag });
      return;
    }
    const words = text.split(/\s+/u);
    this.#grow(words.join('')).tags.push(tag);
    const [first = '', ...others] = words;
    if (others.length > 0)
      this.#grow(first).phrases.push({ tag, rest: others.map((word) => rootOfWord(word, this.#spelling)) });
  }

  #grow(word: string): Node<Tag> {
    return word.startsWith('*')
      ? grow(this.#anywhereRoot, word.slice(1), this.#spelling)
      : grow(this.#root, word, this.#spelling);
  }
}

/** A trie of one word alone; its only leaf has the only tag. */
function rootOfWord(word: string, spelling: Spelling): Node<null> {
  const root = createNode<null>('', '', false, word.startsWith('*'));
  grow(root, word.replace(/^\*+/u, ''), spelling).tags.push(null);
  return root;
}

function isWord(root: Node<null>, word: string | undefined): boolean {
  return (
    word !== undefined && walk([root], word).some(({ node, after }) => after === word.length && node.tags.length > 0)
  );
}

/** The node of the pattern's last letter. */
function grow<Tag>(root: Node<Tag>, word: string, spelling: Spelling): Node<Tag> {
  let node = root;
  for (const [, letter = '', stars = ''] of word.matchAll(/([^*])(\**)/g)) {
    node = childOf(node, letter, stars !== '', spelling);
  }
  return node;
}

function childOf<Tag>(parent: Node<Tag>, letter: string, star: boolean, spelling: Spelling): Node<Tag> {
  const known = parent.children.find((child) => child.letter === letter && child.star === star);
  if (known !== undefined) return known;
  const like = spelling === 'likeIt';
  const characters = letter + (like ? (spellings[letter] ?? '') : letter === 'i' ? '|' : '');
  const child = createNode<Tag>(letter, characters, like, star);
  parent.children.push(child);
  for (const character of child.characters) {
    const alike = parent.byCharacter.get(character);
    if (alike === undefined) parent.byCharacter.set(character, [child]);
    else alike.push(child);
  }
  return child;
}

/** A node that a walk reached with the characters up to but without `after`. */
type End<Tag> = { readonly node: Node<Tag>; readonly after: number };

/** Every node with tags or phrases on the way, in the order of `after`. */
function walk<Tag>(roots: readonly Node<Tag>[], word: string): End<Tag>[] {
  const ends: End<Tag>[] = [];
  let active: readonly Node<Tag>[] = roots;
  for (let place = 0; place < word.length && active.length > 0; place += 1) {
    const character = word.charAt(place);
    const next: Node<Tag>[] = [];
    for (const node of active) {
      // Staying at a letter: it was repeated.
      if ((node.star || (node.repeats && node.characters.includes(character))) && !next.includes(node)) next.push(node);
      for (const child of node.byCharacter.get(character) ?? []) if (!next.includes(child)) next.push(child);
    }
    for (const node of next) if (node.tags.length + node.phrases.length > 0) ends.push({ node, after: place + 1 });
    active = next;
  }
  return ends;
}
