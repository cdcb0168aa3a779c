/**
 * What a picture costs and where: phases, network calls and their share, overhead outside them, memory over many
 * pictures, the first picture after a cold start, and the loop beside the same number of bare network calls.
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';

import { loadModel, type LoadedModel } from '../src/engine/model/load.ts';
import { createPainter } from '../src/engine/painter.ts';
import { createEngineHost } from '../src/engine/process/host.ts';
import type { EngineRequest, EngineResult, Phase } from '../src/engine/request.ts';
import { parseDevice, type Device } from '../src/engine/runtime.ts';
import { median, printRows, round } from './table.ts';

interface Setup {
  readonly modelDir: string;
  readonly device: Device;
  readonly size: number;
  readonly pictures: number;
}

export async function run(flags: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...flags],
    options: {
      json: { type: 'boolean', default: false },
      model: { type: 'string', default: 'models/calf' },
      device: { type: 'string', default: 'cpu' },
      size: { type: 'string', default: '256' },
      pictures: { type: 'string', default: '50' },
    },
  });
  const setup: Setup = {
    modelDir: values.model,
    device: parseDevice(values.device),
    size: Number(values.size),
    pictures: Number(values.pictures),
  };
  const request = requestOf(setup.size);
  const coldMs = await measureColdStart(setup, request);
  const model = await loadModel(setup.modelDir, { device: setup.device });
  const painter = createPainter(model, () => performance.now());
  const paint = async (seed: number): Promise<EngineResult> =>
    painter.paint({ ...request, seed }, { beforeCall: async () => {}, onProgress: () => {} });
  for (let seed = 0; seed < 5; seed += 1) await paint(seed);

  const results: EngineResult[] = [];
  const bareMs: number[] = [];
  const startRssMiB = rssMiB();
  for (let seed = 0; seed < setup.pictures; seed += 1) {
    results.push(withoutPixels(await paint(seed)));
    // Side by side, picture by picture, so that a machine that slows down slows both.
    bareMs.push(await timeBareCalls(model, request, results[0]));
  }
  const rssGrowthMiB = rssMiB() - startRssMiB;
  await model.close();
  report(setup, model, results, { coldMs, bareMs, rssGrowthMiB }, values.json);
}

/** A square kept in the paper's place; what is in it does not change what it costs. */
function requestOf(size: number): EngineRequest {
  const side = size / 2;
  const rgb = Uint8Array.from({ length: side * side * 3 }, (_, i) => (i * 7 + (i >> 5)) % 256);
  const keep = Uint8Array.from({ length: side * side }, (_, i) => {
    const [x, y] = [(i % side) / side - 0.5, Math.floor(i / side) / side - 0.5];
    return x * x + y * y < 0.16 ? 255 : 0;
  });
  const square = { rgb, keep, x: size / 4, y: 0, width: side, height: side };
  return { prompt: 'a knight in a snowy forest', seeds: [square], width: size, height: size, seed: 1 };
}

/** From nothing to a picture: process, model, first calls of every shape. */
async function measureColdStart({ modelDir, device }: Setup, request: EngineRequest): Promise<number> {
  const startedMs = performance.now();
  const host = createEngineHost({ modelDir, device });
  try {
    await host.generate(request);
    return performance.now() - startedMs;
  } finally {
    await host.close();
  }
}

/** As many UNet calls, of the same shapes, as the picture makes, with nothing between them. */
async function timeBareCalls(
  { networks, folder }: LoadedModel,
  request: EngineRequest,
  like: EngineResult,
): Promise<number> {
  const embedding = await networks.encodeText(Array<number>(77).fill(49407));
  const cells = (request.width ?? 0) / folder.factor;
  const { levels, branches } = shapeOf(like);
  const sample = (side: number): Float32Array =>
    new Float32Array(branches * folder.latentChannels * side * side).fill(0.5);
  const embeddings = Array.from({ length: branches }, () => embedding);
  const startedMs = performance.now();
  for (let call = 0; call < levels.seed; call += 1)
    await networks.predict(sample(cells / 2), cells / 2, cells / 2, 401, embeddings);
  for (let call = 0; call < levels.canvas; call += 1)
    await networks.predict(sample(cells), cells, cells, 401, embeddings);
  return performance.now() - startedMs;
}

function shapeOf({ parameters, cost }: EngineResult): { levels: { seed: number; canvas: number }; branches: number } {
  const seed = Math.trunc(parameters.back * parameters.steps);
  const unetCalls = (cost.invert?.calls ?? 0) + (cost.cycles?.calls ?? 0) + (cost.final?.calls ?? 0);
  return { levels: { seed, canvas: unetCalls - seed }, branches: parameters.guidance === 1 ? 1 : 2 };
}

function withoutPixels(result: EngineResult): EngineResult {
  return { ...result, pictures: [] };
}

/** Pages that the collector holds are not growth. */
function rssMiB(): number {
  globalThis.gc?.();
  const kib = /VmRSS:\s+(\d+)/.exec(readStatus())?.[1];
  return kib === undefined ? process.memoryUsage().rss / 2 ** 20 : Number(kib) / 1024;
}

function readStatus(): string {
  try {
    return readFileSync('/proc/self/status', 'utf8');
  } catch {
    return '';
  }
}

const phases: readonly Phase[] = ['text', 'encode', 'invert', 'cycles', 'final', 'decode'];

function report(
  { size, pictures }: Setup,
  model: LoadedModel,
  results: readonly EngineResult[],
  extra: { coldMs: number; bareMs: readonly number[]; rssGrowthMiB: number },
  json: boolean,
): void {
  const of = (pick: (result: EngineResult) => number): number => median(results.map(pick));
  const network = (result: EngineResult): number =>
    phases.reduce((sum, phase) => sum + (result.cost[phase]?.networkMs ?? 0), 0);
  const unet = (result: EngineResult): number =>
    (['invert', 'cycles', 'final'] as const).reduce((sum, phase) => sum + (result.cost[phase]?.networkMs ?? 0), 0);
  const loop = (result: EngineResult): number =>
    (['invert', 'cycles', 'final'] as const).reduce((sum, phase) => sum + (result.cost[phase]?.totalMs ?? 0), 0);
  printRows(
    [
      {
        model: model.folder.name,
        size,
        pictures,
        totalMs: round(of((result) => result.totalMs)),
        unetMs: round(of(unet)),
        networkShare: round(
          of((result) => network(result) / result.totalMs),
          4,
        ),
        overheadShare: round(
          of((result) => 1 - network(result) / result.totalMs),
          4,
        ),
        loopMs: round(of(loop)),
        bareMs: round(median(extra.bareMs)),
        loopOverBare: round(median(results.map((result, i) => loop(result) / extra.bareMs[i])), 3),
        coldMs: round(extra.coldMs, 0),
        rssGrowthMiB: round(extra.rssGrowthMiB),
      },
    ],
    json,
  );
  if (json) return;
  console.log();
  printRows(
    phases.map((phase) => ({
      phase,
      calls: of((result) => result.cost[phase]?.calls ?? 0),
      totalMs: round(
        of((result) => result.cost[phase]?.totalMs ?? 0),
        2,
      ),
      networkMs: round(
        of((result) => result.cost[phase]?.networkMs ?? 0),
        2,
      ),
    })),
    false,
  );
}
