import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

/** Runs `failing` in a process that says last words. */
async function ended(failing: string): Promise<{ status: number; lines: readonly string[] }> {
  const source = (name: string) => fileURLToPath(new URL(`../../src/${name}.ts`, import.meta.url));
  const program = `
    const { createLog } = await import(${JSON.stringify(source('log'))});
    const { sayLastWords } = await import(${JSON.stringify(source('cli/last-words'))});
    sayLastWords(createLog('info'));
    const failure = Object.assign(new TypeError('lost bot123:SECRET'), { requestBody: 'a private prompt' });
    ${failing}`;
  return new Promise((resolve) => {
    execFile(process.execPath, ['--input-type=module', '-e', program], (error, _stdout, stderr) => {
      resolve({ status: Number(error?.code ?? 0), lines: stderr.trimEnd().split('\n') });
    });
  });
}

it.each([
  ['thrown', 'setImmediate(() => { throw failure; });', 'uncaughtException'],
  ['rejected', 'void Promise.reject(failure); setTimeout(() => {}, 60_000);', 'unhandledRejection'],
])('says in one line what was %s and nobody caught, and none of what hung on it', async (_how, failing, origin) => {
  const { status, lines } = await ended(failing);
  expect(status).toBe(1);
  expect(lines).toHaveLength(1);
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({ level: 60, origin, err: { type: 'TypeError' } });
  expect(lines[0]).toContain('lost bot[redacted]');
  expect(lines[0]).not.toMatch(/SECRET|private prompt/);
});
