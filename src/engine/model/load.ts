/** Opens a model folder for painting: configuration, schedule, tokenizer, networks, fingerprint. */
import { createHash } from 'node:crypto';
import { open, readFile, stat } from 'node:fs/promises';
import path from 'node:path';

import { createNoiseSchedule, type NoiseSchedule } from '../cow/schedule.ts';
import type { RuntimeOptions } from '../runtime.ts';
import { networkNames, readModelFolder, type ModelFolder } from './folder.ts';
import { openNetworks, type Networks } from './networks.ts';
import { openTokenizer, type EncodePrompt } from './tokenizer.ts';

export interface LoadedModel {
  readonly folder: ModelFolder;
  readonly schedule: NoiseSchedule;
  readonly networks: Networks;
  readonly encodePrompt: EncodePrompt;
  readonly fingerprint: string;
  close(): Promise<void>;
}

/** @throws Refusal with one clear list where the folder, a graph or the tokenizer cannot be used. */
export async function loadModel(dir: string, options: RuntimeOptions): Promise<LoadedModel> {
  const folder = await readModelFolder(dir);
  const schedule = createNoiseSchedule(folder.schedule);
  const [encodePrompt, fingerprint] = await Promise.all([openTokenizer(folder.tokenizer), fingerprintOf(folder)]);
  const networks = await openNetworks(folder, options);
  return { folder, schedule, networks, encodePrompt, fingerprint, close: async () => networks.close() };
}

const sampledBytes = 2 ** 20;

/**
 * Tells one model from another: SHA-256 over each network's length and its first and last megabyte. The whole of a
 * full-size model would take half a minute at every start.
 */
export async function fingerprintOf({ dir, networks }: Pick<ModelFolder, 'dir' | 'networks'>): Promise<string> {
  const hash = createHash('sha256');
  for (const name of networkNames) {
    const { size } = await stat(networks[name]);
    hash.update(`${name} ${size}\n`);
    const file = await open(networks[name]);
    try {
      const buffer = Buffer.alloc(Math.min(sampledBytes, size));
      for (const position of [0, Math.max(0, size - buffer.length)]) {
        const { bytesRead } = await file.read(buffer, 0, buffer.length, position);
        hash.update(buffer.subarray(0, bytesRead));
      }
    } finally {
      await file.close();
    }
  }
  hash.update(await readFile(path.join(dir, 'scheduler', 'scheduler_config.json')));
  return hash.digest('hex').slice(0, 16);
}
