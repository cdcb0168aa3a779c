/** The process of classifier.ts: loads the model, then answers one question after the other. Runs as a child only. */
import { createRequire } from 'node:module';
import path from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import { load, type NSFWJS } from 'nsfwjs/core';
import { MobileNetV2MidModel } from 'nsfwjs/models/mobilenet_v2_mid';
import { type Answer, classifiedSidePx, type Question, type Scores } from './messages.ts';

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

async function answer(loading: Promise<NSFWJS>, { id, rgb }: Question): Promise<Answer> {
  try {
    return { id, scores: await classify(await loading, rgb) };
  } catch (cause) {
    return { id, failure: String(cause) };
  }
}

// The channel closes when the owner ends, in whatever way: nobody is left to answer.
process.on('disconnect', () => process.exit());
const loading = loadModel();
let answered: Promise<unknown> = loading.catch(() => undefined);
process.on('message', (question: Question) => {
  answered = answered.then(async () => process.send?.(await answer(loading, question)));
});
