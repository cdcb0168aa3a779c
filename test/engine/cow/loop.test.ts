import { readFileSync } from 'node:fs';

import { describe, expect, it } from 'vitest';

import type { Branch } from '../../../src/engine/cow/guidance.ts';
import type { Latents } from '../../../src/engine/cow/latents.ts';
import {
  levelsOf,
  runCow,
  runTextOnly,
  type EncodedSeed,
  type LoopPhase,
  type LoopStart,
  type LoopTools,
} from '../../../src/engine/cow/loop.ts';
import { seededNoise } from '../../../src/engine/cow/noise.ts';
import { resolveParameters, type CowParameterWishes } from '../../../src/engine/cow/parameters.ts';
import { createNoiseSchedule, createTimesteps, type Reading } from '../../../src/engine/cow/schedule.ts';
import { parametersOfBalance } from '../../../src/engine/cow/variations.ts';
import { stableDiffusionSchedule } from '../../fakes/stub-card.ts';

const schedule = createNoiseSchedule(stableDiffusionSchedule);

interface Call {
  readonly latents: Latents;
  readonly timestep: number;
  readonly branches: readonly Branch[];
}

interface Run {
  readonly result: Latents;
  readonly draws: readonly string[];
  readonly calls: readonly Call[];
  readonly phases: readonly LoopPhase[];
  readonly tensors: ReadonlyMap<string, Float32Array>;
}

const leaning: Readonly<Record<Branch, number>> = {
  text: 0.3,
  empty: -0.1,
  negative: 0.2,
  suppress: 0.7,
  diverse: -0.4,
};

/** A network whose outputs differ by branch and depend on all it is given. */
function predictBranches({ data }: Latents, timestep: number, branches: readonly Branch[]): Float32Array[] {
  return branches.map((branch) => data.map((value) => Math.tanh(value) * 0.5 + leaning[branch] + timestep / 5000));
}

interface Tools {
  readonly tools: LoopTools;
  readonly seen: Omit<Run, 'result'>;
}

function createTools(steps: number, reading: Reading): Tools {
  const draws: string[] = [];
  const calls: Call[] = [];
  const phases: LoopPhase[] = [];
  const tensors = new Map<string, Float32Array>();
  const noise = seededNoise(5);
  return {
    seen: { draws, calls, phases, tensors },
    tools: {
      timesteps: createTimesteps(schedule, steps, reading),
      prediction: 'epsilon',
      noise(name, picture, length) {
        draws.push(picture === 0 ? name : `${name}/${picture}`);
        return noise(name, picture, length);
      },
      async predict(latents, timestep, branches) {
        calls.push({ latents: { ...latents, data: latents.data.slice() }, timestep, branches });
        return predictBranches(latents, timestep, branches);
      },
      enterPhase: (phase) => phases.push(phase),
      onTensor: (name, data) => tensors.set(name, data.slice()),
    },
  };
}

async function run(
  wishes: CowParameterWishes,
  seeds: readonly EncodedSeed[],
  start: (canvas: Latents) => LoopStart = (clean) => ({ kind: 'canvas', clean }),
  pictures = 1,
): Promise<Run> {
  const parameters = resolveParameters('paper', wishes);
  const { tools, seen } = createTools(parameters.steps, parameters.reading);
  const clean = latents(pictures, 8, 8, 'canvas');
  const result = await runCow({ ...parameters, levels: levelsOf(parameters) }, seeds, start(clean), tools);
  return { ...seen, result };
}

function latents(pictures: number, height: number, width: number, name: string): Latents {
  const noise = seededNoise(99);
  const each = Array.from({ length: pictures }, (_, picture) => [...noise(name, picture, 2 * height * width)]);
  return { data: Float32Array.from(each.flat()), pictures, channels: 2, height, width };
}

function seedAt(x: number, y: number, name = 'seed', pictures = 1): EncodedSeed {
  const mask = Uint8Array.from({ length: 16 }, (_, cell) => (cell % 3 === 0 ? 0 : 1));
  return { clean: latents(pictures, 4, 4, name), mask, at: { x, y, width: 4, height: 4 } };
}

const whole: EncodedSeed = {
  clean: latents(1, 8, 8, 'whole'),
  mask: new Uint8Array(64).fill(1),
  at: { x: 0, y: 0, width: 8, height: 8 },
};

/** The kept cells of a canvas in the order of a seed's cells, channel by channel. */
function keptOf(canvas: Float32Array, { mask, at }: EncodedSeed): number[] {
  const values: number[] = [];
  for (let channel = 0; channel < 2; channel += 1) {
    for (const [cell, kept] of mask.entries()) {
      const y = at.y + Math.floor(cell / at.width);
      if (kept === 1) values.push(canvas[channel * 64 + y * 8 + at.x + (cell % at.width)]);
    }
  }
  return values;
}

function ownKept(level: Float32Array | undefined, { mask, at }: EncodedSeed): number[] {
  const cells = at.width * at.height;
  return [...(level ?? [])].filter((_, i) => mask[i % cells] === 1);
}

describe('order of draws', () => {
  it.each(['A', 'B', 'C', 'E', 'I7', 'I25'])("is the authors', case %s", async (id) => {
    const manifest: { N: number; reading: string; cycles: number; noise_order: string[] } = JSON.parse(
      readFileSync(new URL(`../../fixtures/recorded/cases/${id}/case.json`, import.meta.url), 'utf8'),
    );
    const reading = manifest.reading === '0.17.1' ? '0.17' : '0.22';
    const { draws } = await run({ steps: manifest.N, cycles: manifest.cycles, reading }, [seedAt(2, 0)]);
    // The two posteriors are drawn where photo and canvas are encoded.
    expect(['posterior_seed', 'posterior_canvas', ...draws]).toEqual(manifest.noise_order);
  });

  it('draws nothing where eta is 0', async () => {
    const { draws } = await run({ etaCycle: 0, etaFinal: 0, cycles: 2 }, [seedAt(0, 0)]);
    expect(draws).toEqual(['cycle0.disturb', 'cycle1.disturb']);
  });

  it('draws for every picture what it would get alone', async () => {
    const { draws } = await run({ cycles: 1 }, [seedAt(0, 0, 'seed', 2)], undefined, 2);
    expect(draws.slice(0, 4)).toEqual(['cycle0.disturb', 'cycle0.disturb/1', 'cycle0.step6', 'cycle0.step6/1']);
  });
});

describe('preservation', () => {
  it('puts the seed of the level that was reached before every call of the cycle', async () => {
    const seed = seedAt(3, 2);
    const { calls, tensors } = await run({ cycles: 3 }, [seed]);
    const inCycle = calls.filter(({ branches }) => branches.length === 4);
    expect(inCycle.map(({ timestep }) => timestep)).toEqual([601, 501, 601, 501, 601, 501]);
    for (const { latents: x, timestep } of inCycle) {
      // A call at t arrives at level (t - 1) / 100, so it starts one above.
      const level = (timestep - 1) / 100 + 1;
      expect(keptOf(x.data, seed)).toEqual(ownKept(tensors.get(`seedAt${level}`), seed));
    }
    for (const cycle of [0, 1, 2]) {
      const after = tensors.get(`x.cycle${cycle}`) ?? new Float32Array(0);
      expect(keptOf(after, seed)).toEqual(ownKept(tensors.get('seedAt5'), seed));
    }
  });

  it('puts it once more at the preserve level of the last descent, and then lets go', async () => {
    const seed = seedAt(3, 2);
    const { calls, tensors, result } = await run({ cycles: 1 }, [seed]);
    const descent = calls.slice(-5);
    expect(descent.map(({ timestep }) => timestep)).toEqual([401, 301, 201, 101, 1]);
    expect(keptOf(descent[1].latents.data, seed)).toEqual(ownKept(tensors.get('seedAt4'), seed));
    for (const [i, level] of [3, 2, 1].entries()) {
      expect(keptOf(descent[i + 2].latents.data, seed)).not.toEqual(ownKept(tensors.get(`seedAt${level}`), seed));
    }
    expect(keptOf(result.data, seed)).not.toEqual(ownKept(tensors.get('seedAt0'), seed));
  });

  it('never writes beyond the kept cells', async () => {
    const seed = seedAt(3, 2);
    const none = { ...seed, mask: new Uint8Array(16) };
    const [kept, free] = [await run({ cycles: 1 }, [seed]), await run({ cycles: 1 }, [none])];
    // Before the first step nothing but the overwrite tells the two apart.
    const first = kept.calls.find(({ branches }) => branches.length === 4)?.latents.data ?? [];
    const bare = free.calls.find(({ branches }) => branches.length === 4)?.latents.data ?? [];
    const changed = [...first].flatMap((value, i) => (value === bare[i] ? [] : [i]));
    const inside = [0, 1].flatMap((channel) =>
      [...seed.mask].flatMap((bit, cell) =>
        bit === 1 ? [channel * 64 + (2 + Math.floor(cell / 4)) * 8 + 3 + (cell % 4)] : [],
      ),
    );
    expect(changed).toEqual(inside);
  });

  it.each([
    [5, 0, [3, 2, 1, 0]],
    [4, 2, [3, 2]],
    [3, 4, []],
  ])('balance %d overwrites on down to level %d', async (balance, _to, levels) => {
    const seed = seedAt(0, 0);
    const { calls, tensors, result } = await run({ cycles: 1, ...parametersOfBalance(balance) }, [seed]);
    const descent = [...calls.slice(-4).map(({ latents: x }) => x.data), result.data];
    const overwritten = descent.flatMap((x, i) => {
      const level = 4 - i;
      const own = ownKept(tensors.get(`seedAt${level}`), seed);
      return keptOf(x, seed).every((value, cell) => value === own[cell]) ? [level] : [];
    });
    expect(overwritten).toEqual([4, ...levels]);
  });

  it.each([
    [1, [7]],
    [2, [7, 6, 5]],
  ])('balance %d overwrites in the cycle at levels %s only', async (balance, levels) => {
    const seed = seedAt(0, 0);
    const { calls, tensors, result } = await run({ cycles: 1, ...parametersOfBalance(balance) }, [seed]);
    const below = calls.slice(calls.findIndex(({ branches }) => branches.length === 4));
    const overwritten = [...below.map(({ latents: x }) => x.data), result.data].flatMap((x, i) => {
      const level = 7 - i;
      const own = ownKept(tensors.get(`seedAt${level}`), seed);
      return keptOf(x, seed).every((value, cell) => value === own[cell]) ? [level] : [];
    });
    expect(overwritten).toEqual(levels);
  });
});

describe('small N', () => {
  it('overwrites before any step of the last descent where p = r (N = 5)', async () => {
    const seed = seedAt(1, 1);
    const { calls, tensors } = await run({ steps: 5, cycles: 1, overwrite: 'all' }, [seed]);
    const descent = calls.slice(-2);
    expect(descent.map(({ timestep }) => timestep)).toEqual([201, 1]);
    expect(keptOf(descent[0].latents.data, seed)).toEqual(ownKept(tensors.get('seedAt2'), seed));
    expect(keptOf(descent[1].latents.data, seed)).not.toEqual(ownKept(tensors.get('seedAt1'), seed));
  });

  it('overwrites after the last step where p = 0 (N = 2)', async () => {
    const seed = seedAt(1, 1);
    const { calls, draws, result } = await run({ steps: 2, cycles: 2 }, [seed]);
    // r = b = 1: a cycle has no step, and its disturbance no strength.
    expect(draws).toEqual(['cycle0.disturb', 'cycle1.disturb', 'final.step0']);
    // Seed and canvas are inverted one level each, then one step down.
    expect(calls.map(({ timestep }) => timestep)).toEqual([1, 1, 1]);
    expect(keptOf(result.data, seed)).toEqual(ownKept(seed.clean.data, seed));
  });

  it('gives the canvas with the photo in it for N = 1, as the authors do', async () => {
    const seed = seedAt(1, 1);
    const { calls, result } = await run({ steps: 1, cycles: 1 }, [seed]);
    expect(calls).toEqual([]);
    expect(keptOf(result.data, seed)).toEqual(ownKept(seed.clean.data, seed));
    const free = latents(1, 8, 8, 'canvas').data;
    expect([...result.data].filter((value, i) => value !== free[i])).toHaveLength(2 * 10);
  });

  it('leaves everything finite for every N from 1 to 30, in both readings', async () => {
    for (let steps = 1; steps <= 30; steps += 1) {
      for (const reading of ['0.17', '0.22'] as const) {
        const { result } = await run({ steps, cycles: 1, reading }, [seedAt(4, 4)]);
        expect([steps, reading, result.data.every((value) => Number.isFinite(value))]).toEqual([steps, reading, true]);
      }
    }
  });
});

describe('several seeds', () => {
  it('keeps each at its own place', async () => {
    const [left, right] = [seedAt(0, 0, 'left'), seedAt(4, 3, 'right')];
    const { result, tensors } = await run({ cycles: 2, ...parametersOfBalance(5) }, [left, right]);
    expect(keptOf(result.data, left)).toEqual(ownKept(left.clean.data, left));
    expect(keptOf(result.data, right)).toEqual(ownKept(right.clean.data, right));
    expect(ownKept(tensors.get('seedAt0'), left)).toEqual(ownKept(left.clean.data, left));
    expect(ownKept(tensors.get('seed1At0'), right)).toEqual(ownKept(right.clean.data, right));
  });

  it('inverts each as it would alone, though squares of one size share calls', async () => {
    const [left, right] = [seedAt(0, 0, 'left'), seedAt(4, 3, 'right')];
    const together = await run({ cycles: 1 }, [left, right]);
    const alone = await run({ cycles: 1 }, [right]);
    for (let level = 0; level <= 7; level += 1) {
      expect(together.tensors.get(`seed1At${level}`)).toEqual(alone.tensors.get(`seedAt${level}`));
    }
    expect(together.calls).toHaveLength(alone.calls.length);
  });

  it('holds for two seeds and two pictures at once', async () => {
    const seeds = (pictures: number): EncodedSeed[] => [
      seedAt(0, 0, 'left', pictures),
      seedAt(4, 3, 'right', pictures),
    ];
    const both = await run({ cycles: 2 }, seeds(2), undefined, 2);
    const first = await run({ cycles: 2 }, seeds(1));
    expect(both.result.data.slice(0, 2 * 64)).toEqual(first.result.data);
    expect(both.result.data.slice(2 * 64)).not.toEqual(first.result.data);
  });
});

describe('branches', () => {
  it('asks for four in the cycle and two elsewhere', async () => {
    const { calls } = await run({ cycles: 1 }, [seedAt(0, 0)]);
    expect(new Set(calls.map(({ branches }) => branches.join(' ')))).toEqual(
      new Set(['empty text', 'negative text suppress diverse']),
    );
  });

  it('asks for two in the cycle where everything is kept, over several seeds as well', async () => {
    const half = (x: number): EncodedSeed => ({
      clean: latents(1, 8, 4, `half ${x}`),
      mask: new Uint8Array(32).fill(1),
      at: { x, y: 0, width: 4, height: 8 },
    });
    for (const seeds of [[whole], [half(0), half(4)]]) {
      const { calls } = await run({ cycles: 1 }, seeds);
      expect(new Set(calls.map(({ branches }) => branches.join(' ')))).toEqual(
        new Set(['empty text', 'negative text']),
      );
    }
  });

  it('asks for the text alone at guidance 1', async () => {
    const { calls } = await run({ guidance: 1 }, [seedAt(0, 0)]);
    expect(new Set(calls.map(({ branches }) => branches.join(' ')))).toEqual(new Set(['text']));
  });
});

describe('restart', () => {
  const old = latents(1, 8, 8, 'old');

  it('goes up to its level from the old latents, and keeps the kept cells', async () => {
    const seed = seedAt(2, 2);
    const { calls, draws, tensors, phases } = await run({}, [seed], () => ({
      kind: 'restart',
      clean: old,
      level: 7,
      cycles: 1,
    }));
    expect(phases).toEqual(['invert', 'cycles', 'final']);
    expect(draws[0]).toBe('restart.disturb');
    const four = calls.filter(({ branches }) => branches.length === 4);
    expect(four.map(({ timestep }) => timestep)).toEqual([601, 501]);
    expect(keptOf(four[0].latents.data, seed)).toEqual(ownKept(tensors.get('seedAt7'), seed));
    expect(keptOf(four[1].latents.data, seed)).toEqual(ownKept(tensors.get('seedAt6'), seed));
  });

  it('below the cycle goes straight into the last descent, whatever cycles it is told', async () => {
    const seed = seedAt(2, 2);
    const { calls, tensors } = await run({}, [seed], () => ({ kind: 'restart', clean: old, level: 4, cycles: 3 }));
    const descent = calls.slice(-4);
    expect(descent.map(({ timestep }) => timestep)).toEqual([301, 201, 101, 1]);
    expect(keptOf(descent[0].latents.data, seed)).toEqual(ownKept(tensors.get('seedAt4'), seed));
    expect(calls.every(({ branches }) => branches.length === 2)).toBe(true);
  });

  it('goes on with further cycles where it is told', async () => {
    const { draws } = await run({}, [seedAt(2, 2)], () => ({ kind: 'restart', clean: old, level: 7, cycles: 3 }));
    expect(draws.filter((name) => name.endsWith('disturb'))).toEqual([
      'restart.disturb',
      'cycle0.disturb',
      'cycle1.disturb',
    ]);
  });

  it('works without a photo', async () => {
    const { result, calls } = await run({}, [], () => ({ kind: 'restart', clean: old, level: 7, cycles: 1 }));
    expect(result.data.every((value) => Number.isFinite(value))).toBe(true);
    expect(calls[0].timestep).toBe(601);
  });
});

describe('text only', () => {
  it('goes down the whole schedule from pure noise under plain guidance', async () => {
    const { tools, seen } = createTools(10, '0.17');
    const shape = latents(1, 8, 8, 'canvas');
    const { data } = await runTextOnly({ guidance: 7.5, etaFinal: 0.1 }, shape, tools);
    expect(seen.calls.map(({ timestep }) => timestep)).toEqual([901, 801, 701, 601, 501, 401, 301, 201, 101, 1]);
    expect(seen.calls[0].latents.data).toEqual(seededNoise(5)('start', 0, 128));
    expect(seen.calls.every(({ branches }) => branches.join(' ') === 'empty text')).toBe(true);
    expect(data).toHaveLength(128);
  });
});
