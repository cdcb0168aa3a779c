/** Pictures into latents and back, with the posterior's noise drawn outside the graph. */
import { Fault } from '../errors.ts';
import { concatenate, type Latents } from './cow/latents.ts';
import type { NoiseSource } from './cow/noise.ts';
import type { Meter } from './meter.ts';
import type { ModelFolder } from './model/folder.ts';
import type { Encoded, Networks } from './model/networks.ts';
import { toPixels, toPlanes } from './pixels.ts';

interface Picture {
  readonly rgb: Uint8Array;
  readonly width: number;
  readonly height: number;
}

type Autoencoder = Pick<ModelFolder, 'factor' | 'latentChannels' | 'scalingFactor'>;

/**
 * One posterior, one sample of it a picture of the request.
 * @returns [pictures, C, h, w], multiplied by the scaling factor.
 */
export async function encode(
  picture: Picture,
  pictures: number,
  noiseName: string,
  noise: NoiseSource,
  { networks, folder }: { readonly networks: Networks; readonly folder: Autoencoder },
  meter: Meter,
): Promise<Latents> {
  const { width, height } = picture;
  const planes = toPlanes(picture.rgb, width, height);
  const call = { kind: 'encode', work: width * height } as const;
  const encoded = await meter.call(call, async () => networks.encodePicture(planes, height, width));
  const samples = Array.from({ length: pictures }, (_, i) =>
    sample(encoded, (length) => noise(noiseName, i, length), folder.scalingFactor),
  );
  return {
    data: finite(concatenate(samples), 'encoded photo'),
    pictures,
    channels: folder.latentChannels,
    height: height / folder.factor,
    width: width / folder.factor,
  };
}

/** The first picture of `latents`, decoded. @returns [H, W, 3]. */
export async function decode(
  latents: Latents,
  { networks, folder }: { readonly networks: Networks; readonly folder: Autoencoder },
  meter: Meter,
): Promise<Uint8Array> {
  const { height, width } = latents;
  const { factor, scalingFactor } = folder;
  const scaled = latents.data.map((value) => value / scalingFactor);
  const call = { kind: 'decode', work: height * width * factor ** 2 } as const;
  const planes = await meter.call(call, async () => networks.decodePicture(scaled, height, width));
  return toPixels(finite(planes, 'decoded picture'), width * factor, height * factor);
}

/** `scaling * (mean + exp(logvar / 2) * noise)`, log-variance clamped to -30..20 (AutoencoderKL). */
function sample(encoded: Encoded, drawNoise: (length: number) => Float32Array, scalingFactor: number): Float32Array {
  switch (encoded.kind) {
    case 'sample':
      return encoded.latents.map((value) => value * scalingFactor);
    case 'posterior': {
      const { mean, logVariance } = encoded;
      const noise = drawNoise(mean.length);
      return mean.map((value, i) => {
        const deviation = Math.exp(Math.min(20, Math.max(-30, logVariance[i])) / 2);
        return scalingFactor * (value + deviation * noise[i]);
      });
    }
  }
}

/** @throws Fault where a value is NaN or infinite: going on would only make a black picture of it. */
export function finite(values: Float32Array, what: string): Float32Array {
  // Zero times anything finite is zero: one pass without a branch, for this is asked after every network call.
  let sum = 0;
  for (let i = 0; i < values.length; i += 1) sum += values[i] * 0;
  if (sum !== 0) {
    throw new Fault(
      `The ${what} holds values that are no numbers (NaN or infinity). Half-precision exports of some models do this; a float32 export of the same model does not.`,
    );
  }
  return values;
}
