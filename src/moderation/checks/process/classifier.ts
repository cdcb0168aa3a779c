/** The classifier of the checks: runs in their process only, and is loaded there when the first picture comes. */
import { createRequire } from 'node:module';
import path from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import { load, type NSFWJS } from 'nsfwjs/core';
import { MobileNetV2MidModel } from 'nsfwjs/models/mobilenet_v2_mid';
import { classifiedSidePx, type Scores } from './messages.ts';

export type Classify = (rgb: Uint8Array) => Promise<Scores>;

/** @returns a function of 224 * 224 * 3 bytes, 8 bit sRGB, row by row. */
export async function loadClassifier(): Promise<Classify> {
  const model = await loadModel();
  return async (rgb) => classify(model, rgb);
}

/** From the packages' own files; nothing is fetched. */
async function loadModel(): Promise<NSFWJS> {
  const wasm = createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm');
  setWasmPaths(path.dirname(wasm) + path.sep);
  tf.enableProdMode();
  if (!(await tf.setBackend('wasm'))) throw new Error('The WebAssembly backend did not start.');
  return load('MobileNetV2Mid', { size: classifiedSidePx, modelDefinitions: [MobileNetV2MidModel] });
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
