/** The ways in which a text can be meant to be read, once its letters are folded. */

export type Readings = {
  /** The whole text as lists of words: phrases are looked for in them. */
  sequences: readonly (readonly string[])[];
  /** Fragments put together, such as "nu de"; each is one word. */
  mended: readonly string[];
  /** Letters that stand alone, such as "n u d e", put together; each may be several words. */
  runs: readonly string[];
  /** In which words may be glued together, the runs among them. */
  long: readonly string[];
  /** Nothing but letters and digits, for scripts that do not part words. */
  compact: string;
};

/** In front of a word or after it these belong to the sentence, not to the spelling. */
const edges = /^[^\p{L}\p{N}@$€*#]+|[^\p{L}\p{N}@$€*#]+$/gu;
/** May stand for a letter inside a word. */
const neitherLetterNorSign = /[^\p{L}\p{M}\p{N}|@$€£¢¥*#!+]+/gu;
const separators = /[^\p{L}\p{M}\p{N}|@$€£¢¥]+/gu;

/** Words of their own though short: what stands beside them is no broken word. */
const shortWords = new Set(
  (
    '2d 3d 4k 8k hd x y a ai al am an as at au be by co da de di do du el en er es et go he hi id |d if |f il |l im |m ' +
    'in |n is |s it |t la le lo me mi my ne no of oh ok on or os ou po pt re se si so st su te to tu tv un up us uk va vi ' +
    'vs we ya yo zu c d e f g h o t в и к о с у я во да до за из им их на не ни но об он от по со то ты'
  ).split(' '),
);

const longestMended = 16;

/** Takes time in proportion to the text's length, whatever it holds. */
export function readingsOf(folded: string): Readings {
  const chunks = folded.replaceAll('()', 'o').split(/\s+/u);
  const whole = present(chunks.map((chunk) => chunk.replace(edges, '').replace(neitherLetterNorSign, '')));
  const split = present(chunks.flatMap((chunk) => chunk.split(separators)));
  const joined = present(chunks.map((chunk) => chunk.replace(separators, '')));
  const runs = letterRuns(split);
  const long = [...split, ...joined].filter((word) => word.length >= 8);
  return {
    sequences: distinct([split, joined, whole]),
    mended: [...new Set(brokenWords(split))],
    runs,
    long: [...new Set([...runs, ...long])],
    compact: joined.join(''),
  };
}

function present(words: readonly string[]): string[] {
  return words.filter((word) => word !== '');
}

function distinct(sequences: readonly string[][]): string[][] {
  return [...new Map(sequences.map((sequence) => [sequence.join(' '), sequence])).values()];
}

/** "n u d e": three or more single letters in a row, as one word. */
function letterRuns(words: readonly string[]): string[] {
  const runs: string[] = [];
  let run: string[] = [];
  for (const word of [...words, '']) {
    if (/^.$/u.test(word)) run.push(word);
    else {
      if (run.length >= 3) runs.push(run.join(''));
      run = [];
    }
  }
  return runs;
}

/** "nu de", "sch ool girl": neighbours put together where a fragment among them is no word of its own. */
function* brokenWords(words: readonly string[]): Generator<string> {
  for (const from of words.keys()) {
    for (let count = 2; count <= 5; count += 1) {
      const pieces = words.slice(from, from + count);
      if (pieces.length < count) break;
      const whole = pieces.join('');
      if (whole.length > longestMended) break;
      if (pieces.every((piece) => piece.length === 1)) continue;
      if (isFragment(pieces[0] ?? '') || isFragment(pieces.at(-1) ?? '')) yield whole;
    }
  }
}

function isFragment(word: string): boolean {
  return word.length <= 2 && !shortWords.has(word) && !/^\d+$/u.test(word);
}
