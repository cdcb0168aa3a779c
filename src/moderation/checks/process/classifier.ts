/** The classifier of the checks: runs in their process only, and is loaded there when the first picture comes. */
import { createRequire } from 'node:module';
import path from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import { load, type NSFWJS } from 'nsfwjs/core';
import { InceptionV3Model } from 'nsfwjs/models/inception_v3';
import { MobileNetV2MidModel } from 'nsfwjs/models/mobilenet_v2_mid';
import { secondOpinionFrom } from '../thresholds.ts';
import { classifiedSidePx, type Scores } from './messages.ts';

export type Classify = (rgb: Uint8Array) => Promise<Scores>;

/**
 * A quick model looks at everything. What it finds suspicious a slow one looks at as well, and the milder of the two is
 * believed: each has false alarms of its own (the quick one at blurred paintings, the slow one at parties), and they share
 * few.
 * @returns a function of 299 * 299 * 3 bytes, 8 bit sRGB, row by row.
 */
export async function loadClassifier(): Promise<Classify> {
  await startBackend();
  const quick = await load('MobileNetV2Mid', { size: 224, modelDefinitions: [MobileNetV2MidModel] });
  let slow: Promise<NSFWJS> | undefined;
  return async (rgb) => {
    const first = await classify(quick, rgb);
    if (sexualIn(first) < secondOpinionFrom) return first;
    slow ??= load('InceptionV3', { size: classifiedSidePx, modelDefinitions: [InceptionV3Model] });
    const second = await classify(await slow, rgb);
    return sexualIn(second) < sexualIn(first) ? second : first;
  };
}

/** From the package's own files; nothing is fetched. */
async function startBackend(): Promise<void> {
  const wasm = createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm');
  setWasmPaths(path.dirname(wasm) + path.sep);
  tf.enableProdMode();
  if (!(await tf.setBackend('wasm'))) throw new Error('The WebAssembly backend did not start.');
}

function sexualIn({ porn, hentai, sexy }: Scores): number {
  return porn + hentai + sexy;
}

async function classify(model: NSFWJS, rgb: Uint8Array): Promise<Scores> {
  const pixels = tf.tensor3d(rgb, [classifiedSidePx, classifiedSidePx, 3], 'int32');
  try {
    const found = new Map((await model.classify(pixels)).map(({ className, probability }) => [className, probability]));
    const score = (name: Parameters<typeof found.get>[0]): number => found.get(name) ?? 0;
    return {
      drawing: score('Drawing'),
      hentai: score('Hentai'),
      neutral: score('Neutral'),
      porn: score('Porn'),
      sexy: score('Sexy'),
    };
  } finally {
    pixels.dispose();
  }
}
