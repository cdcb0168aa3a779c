import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, it } from 'vitest';
import { withTables } from '../tools/readme-tables.ts';

const readme = await readFile(path.join(import.meta.dirname, '../README.md'), 'utf8');

it('has the commands and settings that there are; `npm run readme` writes them anew', () => {
  expect(withTables(readme)).toBe(readme);
});

it('says where the tables were to go', () => {
  expect(() => withTables('# Another text')).toThrow('in the README');
});
