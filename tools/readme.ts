/** Writes the tables of the README anew: `npm run readme`. */
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { withTables } from './readme-tables.ts';

const readme = fileURLToPath(new URL('../README.md', import.meta.url));
await writeFile(readme, withTables(await readFile(readme, 'utf8')));
