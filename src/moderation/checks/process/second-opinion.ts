/** The slow classifier: loaded when a picture looks suspicious for the first time. */
import { createRequire } from 'node:module';
import path from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import { load, type NSFWJS } from 'nsfwjs/core';
import { InceptionV3Model } from 'nsfwjs/models/inception_v3';
import type { Classify } from './classifier.ts';
import { classifiedSidePx } from './messages.ts';

export async function loadSecondOpinion(): Promise<Classify> {
  await startBackend();
  const model = await load('InceptionV3', { size: classifiedSidePx, modelDefinitions: [InceptionV3Model] });
  return async (rgb) => classify(model, rgb);
}

/** From the package's own files; nothing is fetched. */
async function startBackend(): Promise<void> {
  const wasm = createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm');
  setWasmPaths(path.dirname(wasm) + path.sep);
  tf.enableProdMode();
  if (!(await tf.setBackend('wasm'))) throw new Error('The WebAssembly backend did not start.');
}

async function classify(model: NSFWJS, rgb: Uint8Array): ReturnType<Classify> {
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
