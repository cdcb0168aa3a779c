import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { beforeAll, describe, expect, it } from 'vitest';

import { readModelFolder } from '../../../src/engine/model/folder.ts';
import { openTokenizer, type EncodePrompt } from '../../../src/engine/model/tokenizer.ts';

interface RecordedIds {
  readonly ids: readonly number[];
  readonly other?: Readonly<Record<string, readonly number[]>>;
}

/** Made with transformers and ftfy; origin in `test/fixtures/recorded/README.md`. */
const { strings }: { strings: readonly { text: string; pad0: RecordedIds; pad49407: RecordedIds }[] } = JSON.parse(
  readFileSync(new URL('../../fixtures/recorded/clip-tokens.json', import.meta.url), 'utf8'),
);

/** The original CLIP tokenizer mends texts with ftfy first; ours follows it. */
function original({ ids, other }: RecordedIds): readonly number[] {
  return other?.['ftfy'] ?? ids;
}

describe.each([
  ['tiny-sd21, from vocab.json and merges.txt', '../../fixtures/recorded/models/tiny-sd21', 'pad0'],
  ['tiny-sd15, from vocab.json and merges.txt', '../../fixtures/recorded/models/tiny-sd15', 'pad49407'],
  ['calf, from tokenizer.json', '../../../models/calf', 'pad49407'],
] as const)('%s', (_name, dir, padding) => {
  let encode: EncodePrompt;
  beforeAll(async () => {
    const folder = await readModelFolder(fileURLToPath(new URL(dir, import.meta.url)));
    encode = await openTokenizer(folder.tokenizer);
  });

  it('knows all the recorded texts', () => {
    expect(strings).toHaveLength(68);
  });

  it.each(strings.map((entry, index) => ({ index, ...entry })))('text $index: $text', (entry) => {
    expect(encode(entry.text)).toEqual(original(entry[padding]));
  });
});
