/** Text embeddings, each distinct prompt encoded once and kept over requests. */
import type { Branch } from './cow/guidance.ts';
import type { CowParameters } from './cow/parameters.ts';
import type { TextEmbedding } from './model/networks.ts';

/** 77 x 1024 floats are 300 KB: the fixed prompts and what people lately asked fit, a day's worth does not. */
const maxEmbeddings = 32;

export interface EmbeddingCache {
  has(prompt: string): boolean;
  get(prompt: string, encode: () => Promise<TextEmbedding>): Promise<TextEmbedding>;
}

/** Keeps the most recently used. */
export function createEmbeddingCache(): EmbeddingCache {
  const known = new Map<string, TextEmbedding>();
  return {
    has: (prompt) => known.has(prompt),
    async get(prompt, encode) {
      const embedding = known.get(prompt) ?? (await encode());
      known.delete(prompt);
      known.set(prompt, embedding);
      const [oldest] = known.keys();
      if (known.size > maxEmbeddings && oldest !== undefined) known.delete(oldest);
      return embedding;
    },
  };
}

/** The text behind each branch of the guidance. */
export function promptOf(branch: Branch, prompt: string, parameters: CowParameters): string {
  switch (branch) {
    case 'text':
      return prompt;
    case 'empty':
      return '';
    case 'negative':
      return parameters.negativePrompt;
    case 'suppress':
      return parameters.suppressPrompt;
    case 'diverse':
      return parameters.diversePrompt;
  }
}
