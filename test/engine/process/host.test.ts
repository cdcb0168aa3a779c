import { spawn, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

import { afterAll, afterEach, describe, expect, it, onTestFinished } from 'vitest';

import { Fault, Refusal } from '../../../src/errors.ts';
import {
  createEngineHost,
  type EngineHost,
  type EngineHostOptions,
  type EngineProcessEvent,
} from '../../../src/engine/process/host.ts';
import { loadModel } from '../../../src/engine/model/load.ts';
import type { EngineRequest, EngineResult, Progress } from '../../../src/engine/request.ts';
import { createWorkshop, tinyModel } from '../model-folders.ts';
import { ellipse, flatSquare, paintWith } from '../painting.ts';

const workshop = createWorkshop();
afterAll(() => workshop.remove());

const request: EngineRequest = {
  prompt: 'a boat on the sea',
  seed: 7,
  width: 64,
  height: 64,
  parameters: { steps: 4, cycles: 1 },
  seeds: [flatSquare({ x: 0, y: 0, width: 64, height: 64 }, [200, 120, 60], ellipse(64, 64))],
};
/** Hundreds of calls. */
const longRequest: EngineRequest = { ...request, parameters: { steps: 100, cycles: 40 } };

interface Opened {
  readonly host: EngineHost;
  readonly events: EngineProcessEvent[];
}

const hosts: Opened[] = [];
afterEach(async () => {
  for (const { host } of hosts) await host.close();
  const pids = hosts.flatMap(({ events }) => events.map(({ pid }) => pid));
  hosts.length = 0;
  // Whatever a test did to them: no process is left behind.
  const left = pids.filter(isAlive);
  if (left.length > 0) throw new Error(`Processes are left behind: ${left.join(', ')}.`);
});

function open(options: Partial<EngineHostOptions> = {}): Opened {
  const events: EngineProcessEvent[] = [];
  const host = createEngineHost({
    modelDir: tinyModel('tiny-sd21'),
    device: 'cpu',
    threads: 1,
    backoffMs: 1,
    maxBackoffMs: 5,
    onProcess: (event) => events.push(event),
    ...options,
  });
  const opened = { host, events };
  hosts.push(opened);
  return opened;
}

/** A zombie is not alive: who should have reaped it is another matter. */
function isAlive(pid: number): boolean {
  try {
    return !/^\d+ \(.*\) Z/s.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

function startsOf(events: readonly EngineProcessEvent[]): number {
  return events.filter(({ kind }) => kind === 'started').length;
}

/** The reason of a rejection. */
async function failureOf(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => expect.fail('Expected a failure.'),
    (error: unknown) => error,
  );
}

/** xorshift32: the moments of the kills are the same in every run of the test. */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

describe('a request', () => {
  it('gives what the painter gives in its own process, and counts up to its total', async () => {
    const { host } = open();
    const seen: Progress[] = [];
    const result = await host.generate(request, { onProgress: (progress) => seen.push(progress) });
    expect([...new Set(seen.map(({ phase }) => phase))]).toEqual([
      'load',
      'text',
      'encode',
      'invert',
      'cycles',
      'final',
      'decode',
    ]);
    const last = seen.at(-1);
    expect(last?.done).toBe(last?.total);
    expect(last?.remainingMs).toBe(0);
    const model = await loadModel(tinyModel('tiny-sd21'), { device: 'cpu', threads: 1 });
    const own = await paintWith(model, request);
    await model.close();
    expect(result.pictures).toEqual(own.pictures);
    expect(result.parameters).toEqual(own.parameters);
    expect(result.model).toEqual(own.model);
  });

  it('brings previews where they are asked for', async () => {
    const { host } = open();
    const seen: Progress[] = [];
    await host.generate(
      { ...request, parameters: { steps: 10, cycles: 2 }, previewEveryCalls: 2 },
      { onProgress: (progress) => seen.push(progress) },
    );
    const previews = seen.flatMap(({ preview, done }) => (preview === undefined ? [] : [{ ...preview, done }]));
    expect(previews.length).toBeGreaterThan(2);
    for (const { width, height, rgb, done } of previews) {
      expect([width, height, rgb.length, done % 2]).toEqual([8, 8, 192, 0]);
    }
  });

  it('that no model could take is refused in its own words', async () => {
    const { host } = open();
    const error = await failureOf(host.generate({ ...request, parameters: { steps: 0 } }));
    expect(error).toBeInstanceOf(Refusal);
    expect(error).toMatchObject({
      code: 'parameters.steps',
      message: 'Expected a whole number from 1 to 500 for `steps`, got 0.',
      details: { name: 'steps' },
    });
  });

  it('waits for the one before it, and both share one process', async () => {
    const { host, events } = open();
    const order: string[] = [];
    const [card] = await Promise.all([
      host.card(),
      host.generate(request).then(() => order.push('first')),
      host.generate({ ...request, seed: 8 }).then(() => order.push('second')),
      host.card(),
    ]);
    expect(card.name).toBe('tiny-sd21');
    expect(order).toEqual(['first', 'second']);
    expect(startsOf(events)).toBe(1);
  });

  it('is forgotten once it is answered: its pictures are not kept for the life of the process', async () => {
    setFlagsFromString('--expose-gc');
    const collect: () => void = runInNewContext('gc');
    const { host } = open();
    const paint = async (): Promise<WeakRef<EngineResult>> => new WeakRef(await host.generate(request));
    const held = [await paint(), await paint(), await paint(), await paint()];
    await host.card();
    collect();
    // The last one may still be on its way out of the channel's own hands.
    expect(held.slice(0, -1).filter((result) => result.deref() !== undefined)).toHaveLength(0);
  });
});

describe('a model that cannot be used', () => {
  it('is refused in its own words, each time, and leaves no process', async () => {
    const copy = workshop.copy('broken');
    copy.remove('unet/model.onnx');
    const { host, events } = open({ modelDir: copy.dir });
    for (const attempt of [host.generate(request), host.card(), host.generate(request)]) {
      const error = await failureOf(attempt);
      expect(error).toBeInstanceOf(Refusal);
      expect(error).toMatchObject({
        code: 'model.folder',
        message: expect.stringContaining('unet/model.onnx is missing'),
      });
    }
    await expect.poll(() => events.filter(({ pid }) => isAlive(pid))).toEqual([]);
  });

  it('is used once it is mended', async () => {
    const copy = workshop.copy('mended');
    const whole = readFileSync(`${copy.dir}/scheduler/scheduler_config.json`);
    copy.write('scheduler/scheduler_config.json', 'no');
    const { host } = open({ modelDir: copy.dir });
    expect(await failureOf(host.generate(request))).toBeInstanceOf(Refusal);
    copy.write('scheduler/scheduler_config.json', whole);
    await expect.poll(() => host.pid).toBeUndefined();
    expect((await host.generate(request)).pictures).toHaveLength(1);
  });
});

describe('cancelling', () => {
  it('takes effect before the next network call, and the process goes on', async () => {
    const { host, events } = open();
    const controller = new AbortController();
    const reason = new Error('enough');
    let last: Progress | undefined;
    const error = await failureOf(
      host.generate(longRequest, {
        signal: controller.signal,
        onProgress(progress) {
          last = progress;
          if (progress.phase === 'cycles' && !controller.signal.aborted) controller.abort(reason);
        },
      }),
    );
    expect(error).toBe(reason);
    // The answer may cross a call on its way; it does not let hundreds pass.
    expect(last?.done).toBeLessThan((last?.total ?? 0) / 4);
    expect((await host.generate(request)).pictures).toHaveLength(1);
    expect(startsOf(events)).toBe(1);
  });

  it('before its turn fails at once and leaves the one at work alone', async () => {
    const { host } = open();
    const controller = new AbortController();
    const first = host.generate(longRequest);
    const second = host.generate(request, { signal: controller.signal });
    const third = host.generate(request);
    controller.abort(new Error('changed my mind'));
    let firstIsDone = false;
    void first.then(() => {
      firstIsDone = true;
    });
    expect(await failureOf(second)).toMatchObject({ message: 'changed my mind' });
    expect(firstIsDone).toBe(false);
    expect((await first).pictures).toHaveLength(1);
    expect((await third).pictures).toHaveLength(1);
  });

  it('while the model loads leaves the process to the next', async () => {
    const { host, events } = open();
    const controller = new AbortController();
    const first = host.generate(request, { signal: controller.signal });
    const card = host.card();
    await expect.poll(() => host.pid).toBeDefined();
    controller.abort(new Error('too slow'));
    expect(await failureOf(first)).toMatchObject({ message: 'too slow' });
    expect((await card).name).toBe('tiny-sd21');
    expect(startsOf(events)).toBe(1);
  });

  it('of a signal that is already aborted starts nothing', async () => {
    const { host, events } = open();
    const signal = AbortSignal.abort(new Error('never'));
    expect(await failureOf(host.generate(request, { signal }))).toMatchObject({ message: 'never' });
    expect(await failureOf(host.card(signal))).toMatchObject({ message: 'never' });
    expect(events).toEqual([]);
  });
});

describe('closing', () => {
  it('ends the process, the request at work and those in line, and starts nothing more', async () => {
    const { host, events } = open();
    await host.card();
    const work = [host.generate(longRequest), host.generate(request), host.generate(request)];
    const failures = Promise.all(work.map(failureOf));
    const { pid = 0 } = host;
    await host.close();
    expect(isAlive(pid)).toBe(false);
    for (const failure of await failures) expect(failure).toMatchObject({ message: 'The engine was closed.' });
    await expect(host.generate(request)).rejects.toThrow('The engine was closed.');
    await expect(host.card()).rejects.toThrow('The engine was closed.');
    await expect(host.card(new AbortController().signal)).rejects.toThrow('The engine was closed.');
    expect(startsOf(events)).toBe(1);
    await host.close();
  });

  it('does not wait for a backoff', async () => {
    const { host, events } = open({ backoffMs: 600_000, maxBackoffMs: 600_000 });
    for (let crash = 0; crash < 2; crash += 1) {
      await host.card();
      process.kill(host.pid ?? 0, 'SIGKILL');
      await expect.poll(() => host.pid).toBeUndefined();
    }
    const waiting = failureOf(host.generate(request));
    await host.close();
    expect(await waiting).toMatchObject({ message: 'The engine was closed.' });
    expect(startsOf(events)).toBe(2);
  });
});

describe('a process that dies', () => {
  it('at a random moment of 30 requests: each ends with a result or a plain fault, and the next works', async () => {
    const { host, events } = open();
    const random = createRandom(2024);
    const outcomes: unknown[] = [];
    for (let i = 0; i < 30; i += 1) {
      let kill: NodeJS.Timeout | undefined;
      const strike = (): void => {
        const { pid } = host;
        if (pid !== undefined) process.kill(pid, 'SIGKILL');
      };
      // Every third is struck while it loads or soon after, the others at some call of theirs.
      const fatal = Math.floor(random() * 20);
      if (i % 3 === 0) kill = setTimeout(strike, random() * 600);
      const outcome = await host
        .generate(request, {
          onProgress({ phase, done }) {
            if (i % 3 !== 0 && phase !== 'load' && done === fatal) strike();
          },
        })
        .then(
          ({ pictures }) => `${pictures.length} picture`,
          (error: unknown) => (error instanceof Fault && error.mayPass ? error.message : error),
        );
      clearTimeout(kill);
      outcomes.push(outcome);
    }
    const crash = "The engine's process ended (signal SIGKILL); it starts again with the next picture.";
    expect(outcomes.filter((outcome) => outcome !== crash && outcome !== '1 picture')).toEqual([]);
    expect(outcomes.filter((outcome) => outcome === crash).length).toBeGreaterThan(10);
    expect((await host.generate(request)).pictures).toHaveLength(1);
    const ended = events.filter(({ kind }) => kind === 'ended').map(({ pid }) => pid);
    expect(ended.filter(isAlive)).toEqual([]);
    expect(events.filter(({ pid }) => isAlive(pid)).map(({ pid }) => pid)).toEqual([host.pid]);
  });

  it('while nothing is asked of it is replaced with the next request', async () => {
    const { host, events } = open();
    await host.card();
    process.kill(host.pid ?? 0, 'SIGKILL');
    await expect.poll(() => host.pid).toBeUndefined();
    expect((await host.generate(request)).pictures).toHaveLength(1);
    expect(startsOf(events)).toBe(2);
  });
});

describe('a call that hangs', () => {
  const hung = { message: 'The engine did not answer for 3 s and was stopped.', mayPass: true };

  it('in the network is ended by the watchdog', async () => {
    const copy = workshop.copy('hangs');
    copy.graph('unet', 'unet-hangs');
    const { host, events } = open({ modelDir: copy.dir, callTimeoutMs: 3000 });
    await host.card();
    const { pid = 0 } = host;
    const error = await failureOf(host.generate(request));
    expect(error).toBeInstanceOf(Fault);
    expect(error).toMatchObject(hung);
    expect(isAlive(pid)).toBe(false);
    expect(events.at(-1)).toEqual({ kind: 'ended', pid, reason: 'signal SIGKILL' });
  });

  it('because the process was stopped is ended by the watchdog, and the next request works', async () => {
    const { host } = open({ callTimeoutMs: 3000 });
    await host.card();
    const { pid = 0 } = host;
    process.kill(pid, 'SIGSTOP');
    expect(await failureOf(host.generate(request))).toMatchObject(hung);
    expect(isAlive(pid)).toBe(false);
    expect((await host.generate(request)).pictures).toHaveLength(1);
  });
});

describe('a parent that is killed', () => {
  const parents: ChildProcess[] = [];
  afterEach(() => {
    for (const parent of parents) parent.kill('SIGKILL');
    parents.length = 0;
  });

  /** Kills the parent when it prints `line`. @returns the engine's pid. */
  async function killAt(line: RegExp, modelDir: string): Promise<number> {
    const script = fileURLToPath(new URL('parent.ts', import.meta.url));
    const parent = spawn(process.execPath, [script, modelDir], { stdio: ['ignore', 'pipe', 'inherit'] });
    parents.push(parent);
    let pid = 0;
    for await (const text of createInterface({ input: parent.stdout })) {
      const started = /^(\d+) started$/.exec(text)?.[1];
      if (started !== undefined) pid = Number(started);
      if (line.test(text)) break;
    }
    // A phase is told before its first call: by now the engine is in the middle of it, where it has one that lasts.
    await delay(500);
    expect(isAlive(pid)).toBe(true);
    parent.kill('SIGKILL');
    return pid;
  }

  it.each([
    ['at its start', /started/, undefined],
    ['while nothing is asked', /loaded/, undefined],
    ['at work', /^final 3$/, undefined],
    ['in a call that has no end', /^final 2$/, 'unet-hangs'],
  ])('%s takes the engine along', async (_when, line, graph) => {
    const copy = workshop.copy(`orphan-${graph}-${line.source.replaceAll(/\W/g, '')}`);
    if (graph !== undefined) copy.graph('unet', graph);
    const pid = await killAt(line, copy.dir);
    onTestFinished(() => {
      if (isAlive(pid)) process.kill(pid, 'SIGKILL');
    });
    await expect.poll(() => isAlive(pid), { timeout: 15_000, interval: 100 }).toBe(false);
  });
});
