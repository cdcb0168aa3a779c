import { createHash } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';

import type { Command } from 'commander';

import { catalogue, type CatalogueEntry } from '../../models/catalogue.ts';
import { printJson } from './output.ts';
import { modelsDir } from './places.ts';

interface ModelRow {
  readonly name: string;
  readonly isInstalled: boolean;
  /** Files that are not what they should be; empty where nothing was checked or all is well. */
  readonly damaged: readonly string[];
  readonly licence: string;
  readonly about: string;
  readonly howToGet: string | undefined;
}

/** `cowbot models`: what is here, what is known, and how to get it. */
export function addModelsCommand(program: Command): void {
  program
    .command('models')
    .description('list known models, whether they are here, their licences and how to get them')
    .option('--check', 'compare the files of models whose checksums are known')
    .option('--json', 'one JSON object a line')
    .action(async (flags: { check?: true; json?: true }) => {
      for (const entry of catalogue) {
        const row = await describe(entry, flags.check === true);
        if (row.damaged.length > 0) process.exitCode = 1;
        if (flags.json) printJson(row);
        else console.log(lineOf(row));
      }
    });
}

async function describe(entry: CatalogueEntry, isChecked: boolean): Promise<ModelRow> {
  const dir = path.join(modelsDir, entry.name);
  const isInstalled = existsSync(dir);
  const damaged: string[] = [];
  if (isInstalled && isChecked) {
    for (const [file, expected] of Object.entries(entry.sha256 ?? {})) {
      if ((await sha256(path.join(dir, file))) !== expected) damaged.push(file);
    }
  }
  const { name, licence, about, howToGet } = entry;
  return { name, isInstalled, damaged, licence, about, howToGet };
}

async function sha256(file: string): Promise<string | undefined> {
  if (!existsSync(file)) return undefined;
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}

function lineOf({ name, isInstalled, damaged, licence, about, howToGet }: ModelRow): string {
  const state = damaged.length > 0 ? `damaged: ${damaged.join(', ')}` : isInstalled ? 'here' : 'not here';
  const hint = isInstalled || howToGet === undefined ? '' : `\n${''.padEnd(12)}get it: ${howToGet}`;
  return `${name.padEnd(12)}${state}; ${about}; licence ${licence}${hint}`;
}
