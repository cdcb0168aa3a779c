import { spawn } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../../', import.meta.url));
export const astronaut = path.join(root, 'test/fixtures/photos/astronaut.png');
export const cat = path.join(root, 'test/fixtures/photos/chelsea.png');

export interface Finished {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CliRun {
  readonly pid: number;
  readonly finished: Promise<Finished>;
  kill(signal: NodeJS.Signals): void;
}

/** The real command line in a process of its own. */
export function startCli(args: readonly string[], cwd: string, env: Readonly<Record<string, string>> = {}): CliRun {
  const child = spawn(process.execPath, [path.join(root, 'src/cli.ts'), ...args], {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  return {
    pid: child.pid ?? 0,
    finished: new Promise((resolve) => child.on('close', (status) => resolve({ status, stdout, stderr }))),
    kill: (signal) => child.kill(signal),
  };
}

export async function runCli(
  args: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>> = {},
): Promise<Finished> {
  return startCli(args, cwd, env).finished;
}

/** A folder of its own for a test, gone afterwards. */
export async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'cowbot-cli-'));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

export async function filesIn(folder: string): Promise<string[]> {
  return (await readdir(folder)).toSorted();
}
