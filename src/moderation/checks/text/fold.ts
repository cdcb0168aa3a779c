/** Undoes what makes a letter look different without changing what a person reads. */
import { resolveConfusablesTransformer } from 'obscenity';

/** Invisible: zero-width characters, joiners, variation selectors, soft hyphens, tags, direction marks. */
const invisible = /[\p{Default_Ignorable_Code_Point}\p{Cf}]/gu;

/** Combining marks, but for the tilde over an n: Spanish "niña" (girl) is not the name "Nina". */
const marks = /(?<![nN])\u0303|(?!\u0303)\p{M}/gu;

const apostrophes = /['’‘`´ʼ＇]/gu;

/** First code points of decimal digits that NFKC leaves as they are: Arabic, Persian, Devanagari, Bengali, Thai. */
const digitZeros = [0x660, 0x6f0, 0x966, 0x9e6, 0xe50];

/** First letters of the alphabets in signs that NFKC leaves as they are: regional indicators, negative circles and squares. */
const signAlphabets = [0x1f1e6, 0x1f150, 0x1f170];

/** Seen in prompts and missing in the library's table, or read there as another letter. */
const moreLookAlikes: Readonly<Record<string, string>> = {
  ᴜ: 'u',
  ꜱ: 's',
  ʏ: 'y',
  ı: 'i',
  ο: 'o',
  ν: 'v',
  υ: 'u',
  χ: 'x',
  γ: 'y',
  η: 'n',
  ι: 'i',
  κ: 'k',
  τ: 't',
  ε: 'e',
  α: 'a',
  ρ: 'p',
  в: 'b',
  н: 'h',
  т: 't',
  м: 'm',
  к: 'k',
  у: 'y',
  х: 'x',
  ѕ: 's',
  і: 'i',
  ӏ: 'l',
  ԁ: 'd',
  һ: 'h',
  ո: 'n',
  ս: 'u',
  օ: 'o',
};

/**
 * Compatibility forms (fullwidth, mathematical, circled letters), marks, invisible characters, other digits and case
 * are gone. A capital I becomes `|`: it may stand for an i or, in "Ioli", for an l.
 */
export function fold(text: string): string {
  return text
    .replace(invisible, '')
    .normalize('NFKC')
    .replace(/\p{RI}|[\u{1f150}-\u{1f189}]|\p{Nd}/gu, foldSign)
    .normalize('NFD')
    .replace(marks, '')
    .normalize('NFC')
    .replace(apostrophes, '')
    .replaceAll('🔞', ' nsfw ')
    .replaceAll('I', '|')
    .toLowerCase()
    .replaceAll('ß', 'ss');
}

function foldSign(sign: string): string {
  const code = sign.codePointAt(0) ?? 0;
  const zero = digitZeros.find((first) => code >= first && code < first + 10);
  if (zero !== undefined) return String(code - zero);
  const first = signAlphabets.find((first) => code >= first && code < first + 26);
  return first === undefined ? sign : String.fromCodePoint(97 + code - first);
}

/** Turns every look-alike of a Latin letter in folded text into that letter. Building one takes a millisecond; keep it. */
export function createLatiniser(): (folded: string) => string {
  const { transform } = resolveConfusablesTransformer();
  return (folded) =>
    folded.replace(/(?!ñ)[^\p{ASCII}]/gu, (letter) => {
      const known = moreLookAlikes[letter];
      if (known !== undefined) return known;
      const code = transform(letter.codePointAt(0) ?? 0);
      return code === undefined ? letter : String.fromCodePoint(code).toLowerCase();
    });
}
