/** Requests and masks for tests, and a painter without a process around it. */
import type { Branch } from '../../src/engine/cow/guidance.ts';
import type { LoopTools } from '../../src/engine/cow/loop.ts';
import type { Rectangle } from '../../src/engine/cow/masks.ts';
import { seededNoise, type NoiseSource } from '../../src/engine/cow/noise.ts';
import type { CowParameters } from '../../src/engine/cow/parameters.ts';
import { createTimesteps } from '../../src/engine/cow/schedule.ts';
import { promptOf } from '../../src/engine/embeddings.ts';
import { createMeter } from '../../src/engine/meter.ts';
import type { LoadedModel } from '../../src/engine/model/load.ts';
import type { TextEmbedding } from '../../src/engine/model/networks.ts';
import { createPainter, createPredict, type Painter } from '../../src/engine/painter.ts';
import {
  parametersOf,
  type EngineRequest,
  type EngineResult,
  type Progress,
  type SeedSquare,
} from '../../src/engine/request.ts';

/** 255 = kept. */
export function ellipse(width: number, height: number, share = 0.8): Uint8Array {
  return Uint8Array.from({ length: width * height }, (_, i) => {
    const x = ((i % width) + 0.5 - width / 2) / ((width / 2) * share);
    const y = (Math.floor(i / width) + 0.5 - height / 2) / ((height / 2) * share);
    return x * x + y * y <= 1 ? 255 : 0;
  });
}

export function everything(width: number, height: number): Uint8Array {
  return new Uint8Array(width * height).fill(255);
}

/** A square of one colour with a gradient over it, so that its latents are not flat. */
export function flatSquare(at: Rectangle, colour: readonly [number, number, number], keep: Uint8Array): SeedSquare {
  const rgb = Uint8Array.from({ length: at.width * at.height * 3 }, (_, i) => {
    const row = Math.floor(i / 3 / at.width);
    return (colour[i % 3] ?? 0) / 2 + (row / at.height) * 100;
  });
  return { ...at, rgb, keep };
}

export async function paintWith(model: LoadedModel, request: EngineRequest): Promise<EngineResult> {
  return paint(
    createPainter(model, () => performance.now()),
    request,
  );
}

export async function paint(
  painter: Painter,
  request: EngineRequest,
  onProgress: (progress: Progress) => void = () => {},
): Promise<EngineResult> {
  return painter.paint(request, { beforeCall: async () => {}, onProgress });
}

export interface ToolsOfModel {
  readonly tools: LoopTools;
  readonly noise: NoiseSource;
  readonly parameters: CowParameters;
}

/** What the loop needs, on a real model, for tests that start it from latents of their own. */
export async function toolsOf(model: LoadedModel, request: EngineRequest): Promise<ToolsOfModel> {
  const parameters = parametersOf(request, {});
  const prompts = new Map<Branch, TextEmbedding>();
  for (const branch of ['text', 'empty', 'negative', 'suppress', 'diverse'] as const) {
    const ids = model.encodePrompt(promptOf(branch, request.prompt, parameters));
    prompts.set(branch, await model.networks.encodeText(ids));
  }
  const meter = createMeter({
    plan: [],
    speeds: new Map(),
    nowMs: () => performance.now(),
    beforeCall: async () => {},
    onProgress: () => {},
  });
  const noise = seededNoise(request.seed);
  return {
    noise,
    parameters,
    tools: {
      timesteps: createTimesteps(model.schedule, parameters.steps, parameters.reading),
      prediction: model.schedule.predictionType,
      noise,
      enterPhase: () => {},
      predict: createPredict(model, prompts, meter),
    },
  };
}
