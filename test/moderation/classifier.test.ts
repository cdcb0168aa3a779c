import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import { load } from 'nsfwjs/core';
import { MobileNetV2MidModel } from 'nsfwjs/models/mobilenet_v2_mid';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { loadQuick } from '../../src/moderation/checks/process/classifier.ts';
import { classifiedSidePx as side, type Scores } from '../../src/moderation/checks/process/messages.ts';

/** What the package itself says. */
async function loadReference(): Promise<(rgb: Uint8Array) => Promise<Scores>> {
  const wasm = createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm');
  setWasmPaths(path.dirname(wasm) + path.sep);
  await tf.setBackend('wasm');
  const model = await load('MobileNetV2Mid', { size: 224, modelDefinitions: [MobileNetV2MidModel] });
  return async (rgb) => {
    const pixels = tf.tensor3d(rgb, [side, side, 3], 'int32');
    const found = await model.classify(pixels);
    pixels.dispose();
    const score = (name: string): number => found.find(({ className }) => className === name)?.probability ?? 0;
    return {
      drawing: score('Drawing'),
      hentai: score('Hentai'),
      neutral: score('Neutral'),
      porn: score('Porn'),
      sexy: score('Sexy'),
    };
  };
}

test('the translated network says of each photo what the original says', async () => {
  const [reference, quick] = await Promise.all([loadReference(), loadQuick()]);
  const files = readdirSync('test/fixtures/photos').filter((name) => !name.endsWith('.md'));
  for (const file of files) {
    const square = sharp(`test/fixtures/photos/${file}`).removeAlpha().toColourspace('srgb');
    const rgb = new Uint8Array(await square.resize(side, side, { fit: 'fill' }).raw().toBuffer());
    const [expected, found] = [await reference(rgb), await quick(rgb)];
    for (const [name, score] of Object.entries(expected)) {
      expect(Reflect.get(found, name), `${file}: ${name}`).toBeCloseTo(score, 3);
    }
  }
});
