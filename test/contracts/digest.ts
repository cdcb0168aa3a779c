/** What a bot keeps, for tests that nothing of it has changed. */
import { createHash } from 'node:crypto';
import { mkdir, readdir } from 'node:fs/promises';
import path from 'node:path';
import { sql } from 'kysely';
import type { Store } from '../../src/store/store.ts';

/**
 * Of each table the number and a hash of its rows, and the names of the files beside the database. Without `acts`: that
 * something was asked is written down for a day, whatever comes of it, so that nothing is done or refused twice.
 */
export async function digestOf({ db }: Store, dataDir: string): Promise<Readonly<Record<string, string>>> {
  const digest: Record<string, string> = { blobs: (await filesIn(path.join(dataDir, 'blobs'))).join('\n') };
  for (const { name } of await db.introspection.getTables()) {
    if (name === 'acts') continue;
    const { rows } = await sql`select * from ${sql.table(name)}`.execute(db);
    const lines = rows.map((row) => JSON.stringify(row)).toSorted();
    digest[name] = `${rows.length} ${createHash('sha256').update(lines.join('\n')).digest('hex')}`;
  }
  return digest;
}

async function filesIn(folder: string): Promise<readonly string[]> {
  await mkdir(folder, { recursive: true });
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => path.join(parentPath, name))
    .toSorted();
}
