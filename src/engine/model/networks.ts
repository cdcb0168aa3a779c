/**
 * A model's four networks behind plain arrays. What an export calls its inputs, of which type and rank they are, is read
 * from the graphs themselves: `input_ids` int32 or int64, `timestep` a scalar or one a sample, half or single precision,
 * an autoencoder that hands out its posterior or one that samples by itself.
 */
import { Fault, Refusal } from '../../errors.ts';
import { concatenate } from '../cow/latents.ts';
import { inputTypes, openNetwork, outputTypes, type Network, type Port, type RuntimeOptions } from '../runtime.ts';
import type { ModelFolder, NetworkName } from './folder.ts';

/** What the UNet attends to for one prompt: the last hidden states, [tokens, width]. */
export interface TextEmbedding {
  readonly data: Float32Array;
  readonly tokens: number;
  readonly width: number;
}

/** The autoencoder's answer for one picture, before the scaling factor. */
export type Encoded =
  /** Mean and log-variance of the posterior, [C, h, w] each. */
  | { readonly kind: 'posterior'; readonly mean: Float32Array; readonly logVariance: Float32Array }
  /** Sampled inside the graph, with noise that nobody can seed. */
  | { readonly kind: 'sample'; readonly latents: Float32Array };

export interface Networks {
  /** Whether the encoder draws its own noise, so that the same seed does not give the same picture. */
  readonly samplesItself: boolean;
  /** Element type of the UNet's input: `float32` or `float16`. */
  readonly precision: string;
  encodeText(ids: readonly number[]): Promise<TextEmbedding>;
  /**
   * @param sample [n, C, h, w], n = embeddings.length.
   * @param embeddings one a sample.
   * @returns [n, C, h, w].
   */
  predict(
    sample: Float32Array,
    height: number,
    width: number,
    timestep: number,
    embeddings: readonly TextEmbedding[],
  ): Promise<Float32Array>;
  /** @param picture [3, height, width], -1..1. */
  encodePicture(picture: Float32Array, height: number, width: number): Promise<Encoded>;
  /** @param latents [C, height, width], already divided by the scaling factor. @returns [3, H, W], -1..1 and a little beyond. */
  decodePicture(latents: Float32Array, height: number, width: number): Promise<Float32Array>;
  close(): Promise<void>;
}

/** Inputs of each network that we know how to fill. */
const expectedInputs: Readonly<Record<NetworkName, readonly string[]>> = {
  text_encoder: ['input_ids'],
  unet: ['sample', 'timestep', 'encoder_hidden_states'],
  vae_encoder: ['sample'],
  vae_decoder: ['latent_sample'],
};

const outputs: Readonly<Record<NetworkName, readonly string[]>> = {
  text_encoder: ['last_hidden_state'],
  unet: ['out_sample'],
  vae_encoder: ['latent_parameters', 'latent_sample'],
  vae_decoder: ['sample'],
};

/**
 * Opens all four and checks their signatures against each other.
 * @throws Refusal `model.signature` with one line for every input or output that is missing or unknown.
 */
export async function openNetworks(folder: ModelFolder, options: RuntimeOptions): Promise<Networks> {
  const open = async (name: NetworkName): Promise<Network> => openNetwork(folder.networks[name], options);
  const opened: Partial<Record<NetworkName, Network>> = {};
  try {
    const text = (opened.text_encoder = await open('text_encoder'));
    const unet = (opened.unet = await open('unet'));
    const encoder = (opened.vae_encoder = await open('vae_encoder'));
    const decoder = (opened.vae_decoder = await open('vae_decoder'));
    const problems = [
      ...signatureProblems('text_encoder', text),
      ...signatureProblems('unet', unet),
      ...signatureProblems('vae_encoder', encoder),
      ...signatureProblems('vae_decoder', decoder),
      ...widthProblems(folder, text, unet),
    ];
    if (problems.length > 0) {
      throw new Refusal(
        'model.signature',
        [
          `The networks of ${folder.name} are not Stable Diffusion's:`,
          ...problems.map((problem) => `- ${problem}`),
        ].join('\n'),
        { problems: problems.length },
      );
    }
    return wrap(folder.latentChannels, { text, unet, encoder, decoder });
  } catch (error) {
    await Promise.all(Object.values(opened).map(async (network) => network.close()));
    throw error;
  }
}

function signatureProblems(name: NetworkName, network: Network): string[] {
  const expected = expectedInputs[name];
  const has = network.inputs.map((input) => input.name);
  const missing = expected.filter((input) => !has.includes(input)).map((input) => `${name}: input ${input} is missing`);
  const unknown = has
    .filter((input) => !expected.includes(input))
    .map((input) => `${name}: input ${input} is unknown${hintFor(input)}`);
  const produced = network.outputs.filter((output) => outputs[name].includes(output.name));
  const missingOutput = produced.length > 0 ? [] : [`${name}: output ${outputs[name].join(' or ')} is missing`];
  return [
    ...missing,
    ...unknown,
    ...missingOutput,
    ...typeProblems(name, 'input', network.inputs, inputTypes),
    ...typeProblems(name, 'output', produced, outputTypes),
  ];
}

function typeProblems(name: NetworkName, side: string, ports: readonly Port[], types: readonly string[]): string[] {
  return ports
    .filter((port) => !types.includes(port.type))
    .map((port) => `${name}: ${side} ${port.name} is ${port.type}; cowbot knows ${types.join(', ')}`);
}

function hintFor(input: string): string {
  if (input === 'text_embeds' || input === 'time_ids') return ' (an SDXL model; cowbot paints with SD 1.x and 2.x)';
  if (input === 'timestep_cond') return ' (a latent consistency model; cowbot needs an ordinary UNet)';
  return '';
}

function widthProblems(folder: ModelFolder, text: Network, unet: Network): string[] {
  const made = text.outputs.find((port) => port.name === 'last_hidden_state')?.shape.at(-1);
  const wanted = portOf(unet, 'encoder_hidden_states')?.shape.at(-1) ?? folder.embeddingWidth;
  if (typeof made !== 'number' || typeof wanted !== 'number' || made === wanted) return [];
  return [`unet attends to embeddings ${wanted} wide and the text encoder makes them ${made} wide`];
}

function portOf(network: Network, name: string): Port | undefined {
  return network.inputs.find((input) => input.name === name);
}

interface Opened {
  readonly text: Network;
  readonly unet: Network;
  readonly encoder: Network;
  readonly decoder: Network;
}

function wrap(channels: number, { text, unet, encoder, decoder }: Opened): Networks {
  // Rank 1 in exports of optimum before 1.24 and of the older scripts: one a sample suits `[batch]` and `[steps]` alike.
  const timestepRank = portOf(unet, 'timestep')?.shape.length ?? 0;
  const samplesItself = !encoder.outputs.some((output) => output.name === 'latent_parameters');
  return {
    samplesItself,
    precision: portOf(unet, 'sample')?.type ?? 'float32',
    async encodeText(ids) {
      const feed = { data: Float32Array.from(ids), shape: [1, ids.length] };
      const { data, shape } = await text.run({ input_ids: feed }, 'last_hidden_state');
      return { data, tokens: ids.length, width: shape[shape.length - 1] };
    },
    async predict(sample, height, width, timestep, embeddings) {
      const count = embeddings.length;
      const [first] = embeddings;
      const { data } = await unet.run(
        {
          sample: { data: sample, shape: [count, channels, height, width] },
          timestep:
            timestepRank === 0
              ? { data: Float32Array.of(timestep), shape: [] }
              : { data: new Float32Array(count).fill(timestep), shape: [count] },
          encoder_hidden_states: {
            data: concatenate(embeddings.map((embedding) => embedding.data)),
            shape: [count, first.tokens, first.width],
          },
        },
        'out_sample',
      );
      return data;
    },
    async encodePicture(picture, height, width) {
      const feeds = { sample: { data: picture, shape: [1, 3, height, width] } };
      if (samplesItself) {
        const { data } = await encoder.run(feeds, 'latent_sample');
        return { kind: 'sample', latents: data };
      }
      const { data } = await encoder.run(feeds, 'latent_parameters');
      const [mean, logVariance] = splitEvenly(data, 2);
      return { kind: 'posterior', mean, logVariance };
    },
    async decodePicture(latents, height, width) {
      const feeds = { latent_sample: { data: latents, shape: [1, channels, height, width] } };
      const { data } = await decoder.run(feeds, 'sample');
      return data;
    },
    async close() {
      await Promise.all([text.close(), unet.close(), encoder.close(), decoder.close()]);
    },
  };
}

function splitEvenly(data: Float32Array, parts: number): Float32Array[] {
  if (data.length % parts !== 0)
    throw new Fault(`Expected an output that divides by ${parts}, got ${data.length} values.`);
  const size = data.length / parts;
  return Array.from({ length: parts }, (_, i) => data.subarray(i * size, (i + 1) * size));
}
