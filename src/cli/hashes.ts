import { text } from 'node:stream/consumers';

import type { Command } from 'commander';

import { exportRemoved, importRemoved } from '../moderation/removed.ts';
import { checkWritable, readInput, writeWhole } from './files.ts';
import { printJson } from './output.ts';
import { interruptible, withToolStore } from './tool-store.ts';
import { checkCommunity } from './whose.ts';

interface Flags {
  readonly community?: string;
  readonly json?: true;
}

/** `cowbot hashes …`: what removed pictures are known again by, from one community or bot to another. */
export function addHashesCommand(program: Command): void {
  const hashes = program
    .command('hashes')
    .description('pass on what removed pictures are known again by; no picture can be made from it');
  hashes
    .command('export')
    .description('the list of one community or (none named) of everywhere, a line a picture')
    .argument('[file]', 'where to; left out: standard output')
    .option('--community <id>')
    .option('--json', 'with a file: one JSON object that counts')
    .action(exportTo);
  hashes
    .command('import')
    .description("take over another list, into a community's or (none named) for everywhere; a running bot sees it")
    .argument('<file>', '- for standard input')
    .option('--community <id>')
    .option('--json', 'one JSON object that counts')
    .action(importFrom);
}

async function exportTo(file: string | undefined, { community, json }: Flags): Promise<void> {
  if (file !== undefined) await checkWritable(file, 'file');
  const list = await withToolStore(async (store) => {
    if (community !== undefined) await checkCommunity(store, community);
    return exportRemoved(store, community ?? null);
  });
  if (file === undefined) {
    process.stdout.write(list);
    return;
  }
  await interruptible((signal) => writeWhole(file, list, signal));
  const exported = linesOf(list);
  if (json) printJson({ file, community: community ?? null, exported });
  else console.log(`${file}: ${exported} pictures`);
}

async function importFrom(file: string, { community, json }: Flags): Promise<void> {
  const list = file === '-' ? await text(process.stdin) : new TextDecoder().decode(await readInput(file, 'file'));
  const added = await withToolStore(async (store) => {
    if (community !== undefined) await checkCommunity(store, community);
    return importRemoved(store, list, { communityId: community ?? null, at: Date.now() });
  });
  const read = linesOf(list);
  if (json) printJson({ file, community: community ?? null, read, imported: added });
  else console.log(`${added} of ${read} pictures were new`);
}

function linesOf(list: string): number {
  return list.split('\n').filter((line) => line.trim() !== '').length;
}
