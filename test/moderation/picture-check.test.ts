import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import sharp from 'sharp';
import { afterEach, describe, expect, test } from 'vitest';
import { type Checker, createChecker } from '../../src/moderation/checks/checker.ts';
import { type CheckedPicture, verdictOn } from '../../src/moderation/checks/picture.ts';

const checkers: Checker[] = [];

function openChecker(options?: Parameters<typeof createChecker>[0]): Checker {
  const checker = createChecker(options);
  checkers.push(checker);
  return checker;
}

afterEach(async () => {
  await Promise.all(checkers.splice(0).map((checker) => checker.close()));
});

async function readPicture(file: string): Promise<CheckedPicture> {
  const { data, info } = await sharp(file)
    .removeAlpha()
    .toColourspace('srgb')
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, rgb: new Uint8Array(data) };
}

const grey: CheckedPicture = { width: 40, height: 30, rgb: new Uint8Array(40 * 30 * 3).fill(128) };
const unchecked = { kind: 'hold', reasons: [expect.objectContaining({ code: 'picture.unchecked' })] };

function pidOf(checker: Checker): number {
  if (checker.pid === undefined) throw new Error('No process is running.');
  return checker.pid;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function waitUntilGone(pid: number): Promise<void> {
  while (isAlive(pid)) await sleep(20);
}

const photos = readdirSync('test/fixtures/photos').filter((name) => !name.endsWith('.md'));
const recorded = readdirSync('test/fixtures/recorded/cases').flatMap((name) =>
  ['image.png', 'output.png'].map((file) => `test/fixtures/recorded/cases/${name}/${file}`),
);

test('holds none of the pictures here, at any strictness', async () => {
  const checker = openChecker();
  const held: string[] = [];
  const files = [...photos.map((name) => `test/fixtures/photos/${name}`), ...recorded];
  for (const file of files) {
    const picture = await readPicture(file);
    for (const strictness of ['off', 'normal', 'strict'] as const) {
      const verdict = await checker.checkPicture(picture, { strictness });
      if (verdict.kind !== 'allow') held.push(`${file} (${strictness}): ${verdict.reasons[0]?.code}`);
    }
  }
  process.stdout.write(`false alarms: ${held.length} of ${files.length} pictures\n`);
  expect(files.length).toBeGreaterThan(10);
  expect(held).toEqual([]);
});

describe('scores', () => {
  const scores = { drawing: 0, hentai: 0, neutral: 0, porn: 0, sexy: 0 };

  test.each([
    [{ neutral: 1 }, 'allow', 'allow'],
    [{ porn: 0.5, neutral: 0.5 }, 'allow', 'hold'],
    [{ porn: 0.4, hentai: 0.4, neutral: 0.2 }, 'hold', 'hold'],
    [{ sexy: 0.7, neutral: 0.3 }, 'allow', 'hold'],
    [{ sexy: 0.95, neutral: 0.05 }, 'hold', 'hold'],
  ])('%j: %s normally, %s strictly', (given, normal, strict) => {
    expect(verdictOn({ ...scores, ...given }, 'normal').kind).toBe(normal);
    expect(verdictOn({ ...scores, ...given }, 'strict').kind).toBe(strict);
  });
});

describe('the process', () => {
  test('is not started for a community without checks', async () => {
    const checker = openChecker();
    expect(await checker.checkPicture(grey, { strictness: 'off' })).toEqual({ kind: 'allow' });
    expect(checker.pid).toBeUndefined();
  });

  test('that is killed leaves its pictures held, and the next one is checked by a fresh process', async () => {
    const faults: unknown[] = [];
    const checker = openChecker({ onFault: (cause) => faults.push(cause) });
    await checker.checkPicture(grey, { strictness: 'normal' });
    const first = pidOf(checker);
    process.kill(first, 'SIGSTOP');
    const waiting = [
      checker.checkPicture(grey, { strictness: 'normal' }),
      checker.checkPicture(grey, { strictness: 'normal' }),
    ];
    await sleep(50);
    process.kill(first, 'SIGKILL');
    expect(await Promise.all(waiting)).toEqual([unchecked, unchecked]);
    expect(faults).toHaveLength(2);
    expect(await checker.checkPicture(grey, { strictness: 'normal' })).toEqual({ kind: 'allow' });
    expect(pidOf(checker)).not.toBe(first);
  });

  test('that hangs is killed, and its pictures are held', async () => {
    const checker = openChecker({ silenceMs: 6000 });
    await checker.checkPicture(grey, { strictness: 'normal' });
    const hung = pidOf(checker);
    process.kill(hung, 'SIGSTOP');
    expect(await checker.checkPicture(grey, { strictness: 'normal' })).toEqual(unchecked);
    await waitUntilGone(hung);
    expect(await checker.checkPicture(grey, { strictness: 'normal' })).toEqual({ kind: 'allow' });
  });

  test('ends when the checker closes; checks under way are held', async () => {
    const checker = openChecker();
    await checker.checkPicture(grey, { strictness: 'normal' });
    const pid = pidOf(checker);
    process.kill(pid, 'SIGSTOP');
    const waiting = checker.checkPicture(grey, { strictness: 'normal' });
    await sleep(50);
    await checker.close();
    expect(await waiting).toEqual(unchecked);
    expect(isAlive(pid)).toBe(false);
  });

  test('a check can be given up', async () => {
    const checker = openChecker();
    await checker.checkPicture(grey, { strictness: 'normal' });
    process.kill(pidOf(checker), 'SIGSTOP');
    const giveUp = new AbortController();
    const waiting = checker.checkPicture(grey, { strictness: 'normal', signal: giveUp.signal });
    giveUp.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
    process.kill(pidOf(checker), 'SIGCONT');
    expect(await checker.checkPicture(grey, { strictness: 'normal' })).toEqual({ kind: 'allow' });
  });

  test('does not outlive an owner that is killed', async () => {
    const owner = spawn(process.execPath, ['test/moderation/picture-check-owner.ts'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [said] = (await once(owner.stdout, 'data')) as [Buffer];
    const pid = Number(said.toString());
    expect(isAlive(pid)).toBe(true);
    owner.kill('SIGKILL');
    await waitUntilGone(pid);
  });

  test('does not keep its owner alive', async () => {
    const owner = spawn(process.execPath, ['test/moderation/picture-check-owner.ts', 'end'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [[said], [code]] = (await Promise.all([once(owner.stdout, 'data'), once(owner, 'exit')])) as [
      [Buffer],
      [number],
    ];
    expect(code).toBe(0);
    await waitUntilGone(Number(said.toString()));
  });

  test('closes where nothing else keeps its owner alive', async () => {
    const owner = spawn(process.execPath, ['test/moderation/picture-check-owner.ts', 'close'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let said = '';
    owner.stdout.on('data', (text: Buffer) => (said += text.toString()));
    const [code] = (await once(owner, 'close')) as [number];
    expect({ code, said }).toEqual({ code: 0, said: expect.stringMatching(/^\d+\nclosed\n$/u) });
  });
});
