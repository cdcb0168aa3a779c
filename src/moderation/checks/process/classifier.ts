/** The classifier of the checks: runs in their process only, and is loaded there when the first picture comes. */
import { MobileNetV2MidModel } from 'nsfwjs/models/mobilenet_v2_mid';
import { openNetwork } from '../../../engine/runtime.ts';
import { secondOpinionFrom } from '../thresholds.ts';
import { toOnnx } from './graph-model.ts';
import { classifiedSidePx, type Scores } from './messages.ts';

export type Classify = (rgb: Uint8Array) => Promise<Scores>;

/**
 * A quick model looks at everything. What it finds suspicious a slow one looks at as well, and the milder of the two is
 * believed: each has false alarms of its own (the quick one at blurred paintings, the slow one at parties), and they share
 * few.
 * @returns a function of 299 * 299 * 3 bytes, 8 bit sRGB, row by row.
 */
export async function loadClassifier(): Promise<Classify> {
  const quick = await loadQuick();
  let slow: Promise<Classify> | undefined;
  return async (rgb) => {
    const first = await quick(rgb);
    if (sexualIn(first) < secondOpinionFrom) return first;
    slow ??= import('./second-opinion.ts').then(async ({ loadSecondOpinion }) => loadSecondOpinion());
    const second = await (await slow)(rgb);
    return sexualIn(second) < sexualIn(first) ? second : first;
  };
}

function sexualIn({ porn, hentai, sexy }: Scores): number {
  return porn + hentai + sexy;
}

const trainedSidePx = 224;

/** MobileNet v2 of the package nsfwjs, which itself takes four times as long for a picture. */
export async function loadQuick(): Promise<Classify> {
  const { modelJson, weightBundles } = MobileNetV2MidModel;
  const { default: model } = await modelJson();
  const bundles = await Promise.all(weightBundles.map(async (bundle) => bundle()));
  const weights = Buffer.concat(bundles.map(({ default: base64 }) => Buffer.from(base64, 'base64')));
  const file = toOnnx({ model, weights, sidePx: trainedSidePx, classes: 5 }, classifiedSidePx);
  const network = await openNetwork(file, { device: 'cpu', threads: 1 });
  return async (rgb) => {
    const pixels = { data: Float32Array.from(rgb), shape: [1, classifiedSidePx, classifiedSidePx, 3] };
    const { data } = await network.run({ pixels }, 'scores');
    // In the order of the package's classes (nsfw_classes.js).
    const [drawing = 0, hentai = 0, neutral = 0, porn = 0, sexy = 0] = data;
    return { drawing, hentai, neutral, porn, sexy };
  };
}
