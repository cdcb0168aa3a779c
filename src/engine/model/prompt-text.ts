/**
 * What the original CLIP tokenizer does to a text before it looks at words: ftfy's repairs and HTML entities. Phones type
 * curly quotes and full-width letters, and CLIP's vocabulary was learned without them.
 *
 * Repairs follow ftfy 6's documented steps; of its mojibake repair only the common case is done, UTF-8 read as Latin-1 or
 * Windows-1252.
 */

/** @returns the text with quotes straight, widths halved, ligatures split, entities resolved and controls gone. */
export function cleanPromptText(text: string): string {
  const repaired = dropControls(halveWidths(splitLigatures(straightenQuotes(repairMojibake(resolveEntities(text))))));
  return resolveEntities(repaired).normalize('NFC').replaceAll(/\s+/gu, ' ').trim();
}

const entities: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: ' ',
};

function resolveEntities(text: string): string {
  return text.replaceAll(/&(?:#(\d{1,7})|#x([\da-f]{1,6})|([a-z]{2,6}));/gi, (whole, decimal, hex, name) => {
    if (typeof name === 'string') return entities[name.toLowerCase()] ?? whole;
    const codePoint = decimal === undefined ? Number.parseInt(hex, 16) : Number.parseInt(decimal, 10);
    const isScalar = codePoint > 0 && codePoint <= 0x10ffff && !(codePoint >= 0xd800 && codePoint <= 0xdfff);
    return isScalar ? String.fromCodePoint(codePoint) : whole;
  });
}

function straightenQuotes(text: string): string {
  return text.replaceAll(/[\u02bc\u2018-\u201b]/g, "'").replaceAll(/[\u201c-\u201f]/g, '"');
}

const ligatures: Readonly<Record<string, string>> = {
  Ĳ: 'IJ',
  ĳ: 'ij',
  ŉ: "'n",
  Ǆ: 'DŽ',
  ǅ: 'Dž',
  ǆ: 'dž',
  ﬀ: 'ff',
  ﬁ: 'fi',
  ﬂ: 'fl',
  ﬃ: 'ffi',
  ﬄ: 'ffl',
  ﬅ: 'ſt',
  ﬆ: 'st',
};

function splitLigatures(text: string): string {
  return text.replaceAll(/[ĲĳŉǄǅǆﬀ-ﬆ]/g, (ligature) => ligatures[ligature] ?? ligature);
}

/** Full-width Latin and the ideographic space to their usual width; half-width Katakana to full width. */
function halveWidths(text: string): string {
  return text.replaceAll(/[\u3000\uff01-\uffef]+/g, (run) => run.normalize('NFKC'));
}

/** Controls that nobody sees; tabs and line ends stay, for white space is collapsed later. */
function dropControls(text: string): string {
  // oxlint-disable-next-line no-control-regex -- control characters are what this removes
  return text.replaceAll(/[\0-\x08\x0b\x0e-\x1f\x7f\u206a-\u206f\ufeff\ufff9-\ufffc]/g, '');
}

const windows1252 = new Map(
  Array.from('€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ', (character, i): [string, number] => [
    character,
    0x80 + i,
  ]),
);

/** Repairs runs that decode as UTF-8 when their characters are taken for bytes; any other run was meant as it is. */
function repairMojibake(text: string): string {
  return text.replaceAll(/[\u0080-\u00ff€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]{2,}/g, (run) => {
    const bytes = Uint8Array.from(run, (character) => windows1252.get(character) ?? character.charCodeAt(0));
    try {
      return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    } catch {
      return run;
    }
  });
}
