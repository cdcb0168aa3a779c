/** Ages under eighteen, in digits or in words. */
import { PatternIndex, type WrittenPattern } from './text/pattern.ts';
import type { Readings } from './text/readings.ts';
import { adultAgeYears } from './thresholds.ts';
import { patternsIn } from './words/list.ts';

/** Number words from one on, in the languages of the word lists; the place is the value. */
const numberWords: readonly string[] = [
  'one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen',
  'eins zwei drei vier funf sechs sieben acht neun zehn elf zwolf dreizehn vierzehn funfzehn sechzehn siebzehn',
  'ein zwei drei vier fuenf sechs sieben acht neun zehn elf zwoelf dreizehn vierzehn fuenfzehn sechszehn siebzehn',
  'uno dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince dieciseis diecisiete',
  'un deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize dixsept',
  'uno due tre quattro cinque sei sette otto nove dieci undici dodici tredici quattordici quindici sedici diciassette',
  'um dois tres quatro cinco seis sete oito nove dez onze doze treze catorze quinze dezesseis dezessete',
  'один два три четыре пять шесть семь восемь девять десять одиннадцать двенадцать тринадцать четырнадцать пятнадцать шестнадцать семнадцать',
];

const ordinals =
  'first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth sixteenth seventeenth';

/** After a number they make it an age; `10 years` alone is a span of time. */
const unitsAfter = `
  year old*, years old*, year olds, yr old*, yrs old*, yr olds, y old, yo, y o, yos, yrold*, yrsold*, yearold*, yearsold*, years of age, year of age, years young,
  month old*, months old*, week old*, weeks old*, day old*, days old*, mo old,
  jahre, jahren, jahr alt, jahre alt, jahrig*, jaehrig*, j alt, anos, años, año, anitos, ans, an, anni, anno, anos de idade,
  лет, год, года, годик*, летн*, летии, летняя, летняя`;

/** In front of a number they make it an age. */
const ageBefore = `age, aged, ages, age of, aged about, alter, alter von, edad, edad de, age de, agee de, eta, eta di, idade, idade de, возраст, в возрасте`;

/** In front of a number up to eighteen they make somebody younger than that. */
const belowBefore = `under, below, younger than, less than, under the age of, below the age of, not yet, nearly, almost, unter, junger als, menor de, menores de, moins de, meno di, menos de, младше, до`;

/** Somebody, where a number right behind is an age: "girl, 14". */
const somebody = `girl, boy, female, male, woman, man, teen, daughter, son, sister, brother, student, she is, he is, shes, hes, im, i am`;

const belowEighteenWords = 'eighteen, achtzehn, dieciocho, dix huit, diciotto, dezoito';

const schoolYear = 'grade*, grader*, birthday, form pupil, klasse, klassler*';

function index(list: string): PatternIndex<true> {
  return new PatternIndex(patternsIn(list).map((text) => ({ text, tag: true })));
}

export type MinorAgeFinder = (readings: Readings) => boolean;

/** A finder of ages under `adultAgeYears`; it says yes for a thing's age too, so ask it only beside something sexual. */
export function createMinorAgeFinder(): MinorAgeFinder {
  const numbers = new PatternIndex([...numberWords.flatMap(valued), ...valued(ordinals)]);
  const eighteen = index(belowEighteenWords);
  const lists = {
    units: index(unitsAfter),
    before: index(ageBefore),
    below: index(belowBefore),
    somebody: index(somebody),
    schoolYear: index(schoolYear),
  };

  const valueOf = (word: string): number | undefined => {
    const digits = asDigits(word);
    if (digits !== undefined) return Number(digits);
    return numbers.tagsOf(word)[0] ?? (eighteen.tagsOf(word).length > 0 ? adultAgeYears : undefined);
  };

  const isAgeAt = (words: readonly string[], place: number): boolean => {
    const value = valueOf(words[place] ?? '');
    if (value === undefined || value > adultAgeYears) return false;
    if (standsBefore(lists.below, words, place)) return true;
    if (value === adultAgeYears) return false;
    return (
      standsAfter(lists.units, words, place) ||
      standsBefore(lists.before, words, place) ||
      standsAfter(lists.schoolYear, words, place) ||
      (asDigits(words[place] ?? '') !== undefined && value > 2 && standsBefore(lists.somebody, words, place))
    );
  };

  /** "12yo", "twelveyearold": number and unit in one word. */
  const isAgeWord = (word: string): boolean => {
    for (let cut = 1; cut < Math.min(word.length, 14); cut += 1) {
      const value = valueOf(word.slice(0, cut));
      if (value === undefined || value >= adultAgeYears) continue;
      if (lists.units.tagsOf(word.slice(cut)).length > 0) return true;
    }
    return /^(?:u|sub)-?1[0-8]$/u.test(word) || /^(?:[1-9]|1[0-2])th(?:grade|grader)/u.test(word);
  };

  return ({ sequences, compact, long, runs, mended }) =>
    sequences.some((words) => words.some((word, place) => isAgeWord(word) || isAgeAt(words, place))) ||
    [...long, ...runs, ...mended].some(isAgeWord) ||
    isCjkAge(compact);
}

function valued(words: string): WrittenPattern<number>[] {
  return words.split(' ').map((text, place) => ({ text, tag: place + 1 }));
}

/** "l2" and "1o" are twelve and ten; at least one digit must be one. Ordinals count: "12th". */
function asDigits(word: string): string | undefined {
  const found = /^([\dlio|]{1,2})(?:st|nd|rd|th|er|ter|te)?$/u.exec(word)?.[1];
  if (found === undefined || !/\d/u.test(found)) return undefined;
  return found.replaceAll(/[li|]/gu, '1').replaceAll('o', '0');
}

function standsAfter(list: PatternIndex<true>, words: readonly string[], place: number): boolean {
  return list.find(words.slice(place + 1, place + 4)).some(({ first }) => first === 0);
}

function standsBefore(list: PatternIndex<true>, words: readonly string[], place: number): boolean {
  const before = words.slice(Math.max(0, place - 4), place);
  return list.find(before).some(({ after }) => after === before.length);
}

const chineseDigits = '〇一二三四五六七八九';

/** "12岁", "十二歲": ten is 十, twelve 十二. */
function isCjkAge(compact: string): boolean {
  for (const [, digits, words] of compact.matchAll(
    /(?:(\d{1,3})|([一二三四五六七八九十]{1,3}))(?:周岁|岁|歲|才|歳|살)/gu,
  )) {
    const value = digits === undefined ? chineseNumber(words ?? '') : Number(digits);
    if (value < adultAgeYears) return true;
  }
  return false;
}

function chineseNumber(words: string): number {
  const [tens, ones] = words.includes('十') ? words.split('十') : ['0', words];
  const digit = (text: string | undefined, ifNone: number): number =>
    text === undefined || text === '' ? ifNone : Math.max(0, chineseDigits.indexOf(text));
  return (tens === '0' ? 0 : digit(tens, 1)) * 10 + digit(ones, 0);
}
