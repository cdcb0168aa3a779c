import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const read = (file: string): string => readFileSync(new URL(`../${file}`, import.meta.url), 'utf8');
const namesIn = (text: string, pattern: RegExp): readonly string[] =>
  [...new Set(Array.from(text.matchAll(pattern), ([, name = '']) => name))].toSorted();

it('.env.example names every setting, and no other', () => {
  const settings = namesIn(read('src/config.ts'), /^ {2}([A-Z][A-Z\d_]+):/gm);
  expect(settings.length).toBeGreaterThan(20);
  expect(namesIn(read('.env.example'), /^([A-Z][A-Z\d_]+)=/gm)).toEqual(settings);
});
