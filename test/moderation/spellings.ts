/** Ways to write a word so that a person still reads it and a plain search does not find it. */

type Spelling = { readonly name: string; readonly write: (word: string) => string };

const cyrillic: Readonly<Record<string, string>> = {
  a: 'а',
  c: 'с',
  e: 'е',
  i: 'і',
  o: 'о',
  p: 'р',
  s: 'ѕ',
  x: 'х',
  y: 'у',
  h: 'һ',
};
const greek: Readonly<Record<string, string>> = {
  a: 'α',
  e: 'ε',
  i: 'ι',
  k: 'κ',
  n: 'η',
  o: 'ο',
  p: 'ρ',
  t: 'τ',
  u: 'υ',
  x: 'χ',
};
const leet: Readonly<Record<string, string>> = { a: '4', e: '3', i: '1', l: '1', o: '0', s: '5', t: '7', b: '8' };
const signs: Readonly<Record<string, string>> = { a: '@', s: '$', i: '!', l: '|', e: '€', y: '¥' };
const smallCaps: Readonly<Record<string, string>> = {
  a: 'ᴀ',
  b: 'ʙ',
  c: 'ᴄ',
  d: 'ᴅ',
  e: 'ᴇ',
  h: 'ʜ',
  i: 'ɪ',
  k: 'ᴋ',
  l: 'ʟ',
  n: 'ɴ',
  o: 'ᴏ',
  r: 'ʀ',
  u: 'ᴜ',
  y: 'ʏ',
};

function swapped(letters: Readonly<Record<string, string>>): (word: string) => string {
  return (word) => word.replaceAll(/[a-z]/gu, (letter) => letters[letter] ?? letter);
}

/** `first` is the code point of the alphabet's a. */
function alphabetAt(first: number): (word: string) => string {
  return (word) => word.replaceAll(/[a-z]/gu, (letter) => String.fromCodePoint(first + letter.charCodeAt(0) - 97));
}

/** Between the letters of each word; words stay apart by three spaces. */
function between(mark: string, gap = '   '): (word: string) => string {
  return (word) =>
    word
      .split(' ')
      .map((part) => Array.from(part).join(mark))
      .join(gap);
}

function everyLetter(change: (letter: string, place: number) => string): (word: string) => string {
  return (word) => Array.from(word, (letter, place) => (letter === ' ' ? letter : change(letter, place))).join('');
}

function onceInside(
  change: (letter: string) => string,
  isRight: (letter: string) => boolean,
): (word: string) => string {
  return (word) => {
    const place = Array.from(word).findIndex((letter, at) => at > 0 && at < word.length - 1 && isRight(letter));
    return place < 0 ? word : word.slice(0, place) + change(word.charAt(place)) + word.slice(place + 1);
  };
}

export const spellings: readonly Spelling[] = [
  { name: 'plain', write: (word) => word },
  { name: 'capitals', write: (word) => word.toUpperCase() },
  {
    name: 'alternating case',
    write: everyLetter((letter, place) => (place % 2 === 0 ? letter : letter.toUpperCase())),
  },
  { name: 'leetspeak', write: swapped(leet) },
  {
    name: 'signs',
    write: onceInside(
      (letter) => signs[letter] ?? letter,
      (letter) => letter in signs,
    ),
  },
  {
    name: 'masked vowel',
    write: onceInside(
      () => '*',
      (letter) => 'aeiou'.includes(letter),
    ),
  },
  { name: 'spaced', write: between(' ', ' ') },
  { name: 'widely spaced', write: between('  ', '     ') },
  { name: 'dotted', write: between('.') },
  { name: 'hyphened', write: between('-') },
  { name: 'underscored', write: between('_') },
  { name: 'slashed', write: between('/') },
  { name: 'starred', write: between('*') },
  { name: 'with emoji', write: between('✨') },
  { name: 'dots and spaces', write: between(' . ', ' ') },
  { name: 'zero-width space', write: between('\u200b', ' ') },
  { name: 'word joiner', write: between('\u2060', ' ') },
  { name: 'soft hyphen', write: between('\u00ad', ' ') },
  { name: 'combining stroke', write: everyLetter((letter) => `${letter}\u0336`) },
  { name: 'stacked marks', write: everyLetter((letter) => `${letter}\u0301\u0323\u0330`) },
  { name: 'accents', write: swapped({ a: 'á', e: 'ê', i: 'ï', o: 'ò', u: 'ü', c: 'ç', y: 'ý' }) },
  { name: 'Cyrillic', write: swapped(cyrillic) },
  { name: 'Greek', write: swapped(greek) },
  { name: 'small capitals', write: swapped(smallCaps) },
  { name: 'fullwidth', write: alphabetAt(0xff41) },
  { name: 'bold', write: alphabetAt(0x1d41a) },
  { name: 'bold script', write: alphabetAt(0x1d4ea) },
  { name: 'fraktur', write: alphabetAt(0x1d586) },
  { name: 'double-struck', write: alphabetAt(0x1d552) },
  { name: 'monospace', write: alphabetAt(0x1d68a) },
  { name: 'circled', write: alphabetAt(0x24d0) },
  { name: 'negative circled', write: alphabetAt(0x1f150) },
  { name: 'negative squared', write: alphabetAt(0x1f170) },
  { name: 'regional indicators', write: alphabetAt(0x1f1e6) },
  { name: 'doubled letters', write: everyLetter((letter) => letter + letter) },
  { name: 'drawn out', write: everyLetter((letter) => letter.repeat(4)) },
  { name: 'written as one', write: (word) => word.replaceAll(' ', '') },
  { name: 'hashtag', write: (word) => `#${word.replaceAll(' ', '')}` },
  { name: 'quoted', write: (word) => `"${word}"!!!` },
  { name: 'leet and spaced', write: (word) => between(' ', ' ')(swapped(leet)(word)) },
  { name: 'Cyrillic and dotted', write: (word) => between('.')(swapped(cyrillic)(word)) },
  { name: 'bold and drawn out', write: (word) => alphabetAt(0x1d41a)(everyLetter((letter) => letter.repeat(3))(word)) },
];
