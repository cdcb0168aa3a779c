import type { Command } from 'commander';

import { findModelDir } from '../../models/catalogue.ts';
import { readConfig } from '../config.ts';
import { cardOf, type ModelCard } from '../engine/card.ts';
import { loadModel, type LoadedModel } from '../engine/model/load.ts';
import { chooseDevice, listProviders, parseDevice } from '../engine/runtime.ts';
import { printJson } from './output.ts';
import { modelsDir } from './places.ts';
import { lookAround, type Surroundings, surroundingsText } from './surroundings.ts';

interface Diagnosis extends Surroundings {
  readonly node: string;
  readonly device: string;
  readonly providers: readonly string[];
  readonly model: ModelCard;
  readonly loadMs: number;
  /** One UNet call at the model's own canvas, batch 1, warm. */
  readonly unetCallMs: number;
}

/** `cowbot doctor`: what this machine and this model can do, with one network call timed. */
export function addDoctorCommand(program: Command): void {
  program
    .command('doctor')
    .description('show device, model, data, Discord and Telegram, with what is missing and how to mend it')
    .option('--model <folder or name>', 'model to look at')
    .option('--device <name>', 'auto, cpu, cuda, dml, coreml or webgpu')
    .option('--json', 'one JSON object')
    .action(async (flags: { model?: string; device?: string; json?: true }) => {
      const config = readConfig(process.env);
      const machine = await diagnose(flags.model ?? config.model, flags.device ?? config.device);
      const diagnosis = { ...machine, ...(await lookAround(config)) };
      if (flags.json) printJson(diagnosis);
      else console.log(textOf(diagnosis));
    });
}

async function diagnose(modelName: string, deviceName: string): Promise<Omit<Diagnosis, keyof Surroundings>> {
  const device = chooseDevice(parseDevice(deviceName));
  const startedMs = performance.now();
  const model = await loadModel(findModelDir(modelName, modelsDir), { device });
  try {
    const loadMs = performance.now() - startedMs;
    const unetCallMs = await timeUnetCall(model);
    return { node: process.version, device, providers: listProviders(), model: cardOf(model), loadMs, unetCallMs };
  } finally {
    await model.close();
  }
}

async function timeUnetCall(model: LoadedModel): Promise<number> {
  const { canvasSize, factor, latentChannels } = cardOf(model);
  const cells = canvasSize / factor;
  const embedding = await model.networks.encodeText(model.encodePrompt('a photo'));
  const sample = new Float32Array(latentChannels * cells * cells).fill(0.1);
  const call = async (): Promise<unknown> => model.networks.predict(sample, cells, cells, 401, [embedding]);
  // The first call of a shape allocates, and on CUDA searches for its convolutions.
  await call();
  const startedMs = performance.now();
  await call();
  return performance.now() - startedMs;
}

function textOf({ node, device, providers, model, loadMs, unetCallMs, ...around }: Diagnosis): string {
  const kind =
    model.embeddingWidth === 768 ? 'like SD 1.x' : model.embeddingWidth === 1024 ? 'like SD 2.x' : 'of its own size';
  return [
    `node        ${node}`,
    `device      ${device} (this installation has ${providers.join(', ')})`,
    `model       ${model.name} ${model.fingerprint}, licence ${model.licence ?? 'not stated in its folder'}`,
    `kind        ${model.prediction} prediction, text width ${model.embeddingWidth ?? 'unknown'} (${kind}), ${model.precision}`,
    `sizes       canvas ${model.canvasSize}, seed square ${model.seedSize}, sides in multiples of ${model.sizeMultiple} px`,
    `recommends  ${
      Object.entries(model.recommended)
        .map(([name, value]) => `${name} ${value}`)
        .join(', ') || 'nothing'
    }`,
    ...(model.samplesItself
      ? ['note        its encoder draws noise of its own: the same seed will not give the same picture']
      : []),
    `speed       loaded in ${loadMs.toFixed(0)} ms, one network call takes ${unetCallMs.toFixed(1)} ms`,
    ...surroundingsText(around),
  ].join('\n');
}
