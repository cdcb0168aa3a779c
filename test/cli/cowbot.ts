import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** What a command said, and its exit status. */
export interface Said {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the command line as a shell would, with these settings and none of this process's own. */
export async function cowbot(args: readonly string[], env: Readonly<Record<string, string>>): Promise<Said> {
  const cli = fileURLToPath(new URL('../../src/cli.ts', import.meta.url));
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [cli, ...args],
      { env: { PATH: process.env['PATH'], NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'], ...env } },
      (error, stdout, stderr) => {
        resolve({ status: error === null ? 0 : Number(error.code ?? -1), stdout, stderr });
      },
    );
  });
}

/** The objects that a command printed with `--json`. */
export function objects({ stdout }: Said): readonly Record<string, unknown>[] {
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}
