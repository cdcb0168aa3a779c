/**
 * Which network calls a job will make. The loop itself is walked with latents that hold no numbers, so that the plan
 * cannot drift from what is done: a progress bar ends at its total, and the queue charges what is painted.
 */
import { fourWayGuidance, plainGuidance, type Branch } from './cow/guidance.ts';
import type { Latents } from './cow/latents.ts';
import { levelsOf, runCow, runTextOnly, type LoopStart, type LoopTools } from './cow/loop.ts';
import { restarts } from './cow/variations.ts';
import type { PlannedCall } from './meter.ts';
import type { ModelFacts, PaintJob } from './prepare.ts';

/** Samples of one UNet call; more would not be faster, and would cost memory that a small GPU lacks. */
export const maxSamples = 8;

/** Branches that the job's guidance reads, the user's prompt among them. */
export function branchesOf(job: PaintJob): readonly Branch[] {
  const plain = plainGuidance(job.parameters.guidance).branches;
  if (job.seeds.length === 0 && job.restart === undefined) return plain;
  return [...new Set([...plain, ...fourWayGuidance(job.parameters.guidance, isEverythingKept(job)).branches])];
}

function isEverythingKept({ seeds, canvas }: PaintJob): boolean {
  const keptCells = seeds.reduce((sum, { mask }) => sum + mask.reduce((kept, cell) => kept + cell, 0), 0);
  return keptCells === canvas.width * canvas.height;
}

/** @param newPrompts distinct prompts that have no embedding yet. */
export async function planCalls(job: PaintJob, { schedule }: ModelFacts, newPrompts: number): Promise<PlannedCall[]> {
  const { canvas, pixels } = job;
  const text = Array.from({ length: newPrompts }, (): PlannedCall => ({ kind: 'text', work: 1 }));
  const decode = Array.from({ length: job.count }, (): PlannedCall => ({
    kind: 'decode',
    work: pixels.width * pixels.height,
  }));
  const encode = job.seeds.map(({ square }): PlannedCall => ({ kind: 'encode', work: square.width * square.height }));
  const unet: PlannedCall[] = [];
  const tools: LoopTools = {
    timesteps: job.timesteps,
    prediction: schedule.predictionType,
    noise: () => new Float32Array(0),
    enterPhase: () => {},
    predict: async ({ pictures, height, width }, _timestep, branches) => {
      for (const samples of chunkSizes(pictures * branches.length))
        unet.push({ kind: 'unet', work: samples * height * width });
      return branches.map(() => new Float32Array(0));
    },
  };
  const hollow: Latents = { ...canvas, data: new Float32Array(0) };
  if (job.seeds.length === 0 && job.restart === undefined) {
    await runTextOnly(job.parameters, hollow, tools);
    return [...text, ...unet, ...decode];
  }
  const seeds = job.seeds.map(({ mask, at }) => ({
    clean: { ...hollow, height: at.height, width: at.width },
    mask,
    at,
  }));
  const start = startOf(job, hollow);
  await runCow({ ...job.parameters, levels: levelsOf(job.parameters) }, seeds, start, tools);
  if (start.kind === 'canvas') encode.push({ kind: 'encode', work: pixels.width * pixels.height });
  return [...text, ...encode, ...unet, ...decode];
}

/** Where the loop begins: at the canvas, or at an older picture's latents. */
export function startOf({ restart, parameters }: PaintJob, clean: Latents): LoopStart {
  if (restart === undefined) return { kind: 'canvas', clean };
  const { level, cycles } = restarts[restart.strength];
  return { kind: 'restart', clean, level: Math.max(1, Math.trunc(level * parameters.steps)), cycles };
}

export function chunkSizes(samples: number): number[] {
  const full = Array<number>(Math.floor(samples / maxSamples)).fill(maxSamples);
  return samples % maxSamples === 0 ? full : [...full, samples % maxSamples];
}
