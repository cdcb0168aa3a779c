/**
 * CLIP's tokenizer from a model's own files: `tokenizer.json`, or `vocab.json` and `merges.txt` where an export has none.
 *
 * The padding differs between models and changes the picture: SD 1.x pads with `<|endoftext|>` (49407), SD 2.x with `!`
 * (0). A pad token is a special token, so that with SD 2.x every `!` of a prompt becomes id 0, as in the original.
 */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';

import { Tokenizer } from '@huggingface/tokenizers';
import { z } from 'zod';

import { Refusal } from '../../errors.ts';
import type { ModelFolder } from './folder.ts';
import { cleanPromptText } from './prompt-text.ts';

/** @returns token ids, exactly the model's length: begin, words, end, padding. Longer texts are cut, the end token stays. */
export type EncodePrompt = (text: string) => number[];

const beginToken = '<|startoftext|>';
const endToken = '<|endoftext|>';

const addedToken = z.looseObject({ id: z.number().int(), content: z.string() });
const tokenizerFile = z.looseObject({
  added_tokens: z.array(addedToken).default([]),
  model: z.looseObject({ vocab: z.record(z.string(), z.number()) }),
});
type TokenizerFile = z.infer<typeof tokenizerFile>;

/** @throws Refusal where the files cannot be read or lack CLIP's tokens. */
export async function openTokenizer({ dir, padToken, maxLength }: ModelFolder['tokenizer']): Promise<EncodePrompt> {
  const file = await readTokenizerFile(dir);
  // A pad token of its own may be no word of the vocabulary.
  const vocab = {
    ...file.model.vocab,
    ...Object.fromEntries(file.added_tokens.map(({ content, id }) => [content, id])),
  };
  const begin = idOf(beginToken, vocab);
  const end = idOf(endToken, vocab);
  const pad = idOf(padToken, vocab);
  const tokenizer = createTokenizer(withSpecialToken(file, padToken, pad), path.basename(dir));
  return (text) => {
    const { ids } = tokenizer.encode(cleanPromptText(text), { add_special_tokens: false });
    const kept = ids.slice(0, maxLength - 2);
    return [begin, ...kept, end, ...Array<number>(maxLength - 2 - kept.length).fill(pad)];
  };
}

async function readTokenizerFile(dir: string): Promise<TokenizerFile> {
  try {
    if (existsSync(path.join(dir, 'tokenizer.json'))) return tokenizerFile.parse(await readJson(dir, 'tokenizer.json'));
    const vocab = z.record(z.string(), z.number()).parse(await readJson(dir, 'vocab.json'));
    const merges = await readFile(path.join(dir, 'merges.txt'), 'utf8');
    return describeClip(
      vocab,
      merges.split('\n').filter((line) => line !== '' && !line.startsWith('#version')),
    );
  } catch (cause) {
    if (cause instanceof Refusal) throw cause;
    throw notClip(path.basename(dir), cause);
  }
}

function createTokenizer(file: TokenizerFile, folder: string): Tokenizer {
  try {
    return new Tokenizer(file, { unk_token: endToken });
  } catch (cause) {
    throw notClip(folder, cause);
  }
}

function notClip(folder: string, cause: unknown): Refusal {
  return new Refusal('model.tokenizer', `The files in ${folder}/ do not describe a CLIP tokenizer.`, {}, { cause });
}

async function readJson(dir: string, file: string): Promise<unknown> {
  return JSON.parse(await readFile(path.join(dir, file), 'utf8'));
}

function idOf(token: string, vocab: Readonly<Record<string, number>>): number {
  const id = vocab[token];
  if (id === undefined) throw new Refusal('model.tokenizer', `The vocabulary has no token ${token}.`);
  return id;
}

function withSpecialToken(file: TokenizerFile, content: string, id: number): TokenizerFile {
  if (file.added_tokens.some((token) => token.content === content)) return file;
  return { ...file, added_tokens: [...file.added_tokens, specialToken(content, id)] };
}

function specialToken(content: string, id: number): z.infer<typeof addedToken> {
  return { id, content, single_word: false, lstrip: false, rstrip: false, normalized: false, special: true };
}

/** The original CLIP tokenizer in the words of a `tokenizer.json`. */
function describeClip(vocab: Record<string, number>, merges: string[]): TokenizerFile {
  return {
    added_tokens: [beginToken, endToken].map((token) => specialToken(token, idOf(token, vocab))),
    normalizer: {
      type: 'Sequence',
      normalizers: [
        { type: 'NFC' },
        { type: 'Replace', pattern: { Regex: '\\s+' }, content: ' ' },
        { type: 'Lowercase' },
      ],
    },
    pre_tokenizer: {
      type: 'Sequence',
      pretokenizers: [
        {
          type: 'Split',
          pattern: { Regex: "'s|'t|'re|'ve|'m|'ll|'d|[\\p{L}]+|[\\p{N}]|[^\\s\\p{L}\\p{N}]+" },
          behavior: 'Removed',
          invert: true,
        },
        { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true },
      ],
    },
    post_processor: null,
    decoder: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true },
    model: {
      type: 'BPE',
      unk_token: endToken,
      continuing_subword_prefix: '',
      end_of_word_suffix: '</w>',
      fuse_unk: false,
      vocab,
      merges,
    },
  };
}
