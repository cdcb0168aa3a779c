/** Networks in TensorFlow.js's graph format, translated for the engine's runtime, which is several times as quick. */
import { z } from 'zod';

import { Fault } from '../../../errors.ts';
import { onnxFile, type Step, type Tensor } from './onnx-file.ts';

/** Texts are in base 64, whole numbers are texts. */
const attribute = z.object({
  s: z.base64().optional(),
  list: z.object({ s: z.array(z.base64()).optional(), i: z.array(z.coerce.number()).optional() }).optional(),
});

const graphModel = z.object({
  modelTopology: z.object({
    node: z.array(
      z.object({
        name: z.string(),
        op: z.string(),
        input: z.array(z.string()).default([]),
        attr: z.record(z.string(), attribute).default({}),
      }),
    ),
  }),
  weightsManifest: z.tuple([
    z.object({
      weights: z.array(
        z.object({
          name: z.string(),
          shape: z.array(z.number()),
          quantization: z.object({ min: z.number(), scale: z.number(), dtype: z.literal('uint8') }),
        }),
      ),
    }),
  ]),
});

type Node = z.infer<typeof graphModel>['modelTopology']['node'][number];

/**
 * @property model `model.json` of a network of float32 for pictures. @property weights what its manifest lists, one byte
 * a number. @property sidePx of the square that it was trained on. @property classes how many it tells apart.
 */
export interface GraphModel {
  readonly model: unknown;
  readonly weights: Uint8Array;
  readonly sidePx: number;
  readonly classes: number;
}

/**
 * The network as an ONNX file with the input `pixels`, float32 [1, givenSidePx, givenSidePx, 3] from 0 to 255, and the
 * output `scores`, float32 [1, classes]. The square is scaled as nsfwjs does it (bilinear, corner to corner).
 * @throws Fault where it has a layer that is not known here.
 */
export function toOnnx({ model, weights, sidePx, classes }: GraphModel, givenSidePx: number): Uint8Array {
  const { modelTopology, weightsManifest } = graphModel.parse(model);
  const constants = new Map<string, Tensor>([
    ['size', { shape: [4], data: BigInt64Array.from([1, 3, sidePx, sidePx].map(BigInt)) }],
    ['white', scalar(255)],
    ['none', scalar(0)],
    ['six', scalar(6)],
  ]);
  let at = 0;
  for (const { name, shape, quantization } of weightsManifest[0].weights) {
    const { min, scale } = quantization;
    const data = new Float32Array(shape.reduce((product, size) => product * size, 1));
    for (let place = 0; place < data.length; place += 1) data[place] = (weights[at + place] ?? 0) * scale + min;
    constants.set(name, { shape, data });
    at += data.length;
  }
  const steps: Step[] = [
    { name: 'planes', op: 'Transpose', inputs: ['pixels'], attributes: { perm: [0, 3, 1, 2] } },
    {
      name: 'scaled',
      op: 'Resize',
      inputs: ['planes', '', '', 'size'],
      attributes: { mode: 'linear', coordinate_transformation_mode: 'align_corners' },
    },
  ];
  for (const node of modelTopology.node) steps.push(...stepsOf(node, constants));
  const last = steps.at(-1)?.name ?? 'scaled';
  steps.push({ name: 'scores', op: 'Identity', inputs: [last] });
  const input = { name: 'pixels', shape: [1, givenSidePx, givenSidePx, 3] };
  return onnxFile({ input, constants, steps, output: { name: 'scores', shape: [1, classes] } });
}

/** Layouts differ: here the channels come last, there they come first. */
function stepsOf({ name, op, input, attr }: Node, constants: Map<string, Tensor>): Step[] {
  const step = (op: string, inputs: readonly string[], attributes: Step['attributes'] = {}): Step => ({
    name,
    op,
    inputs,
    attributes,
  });
  const [x = '', weights = '', bias = ''] = input;
  switch (op) {
    case 'Const':
      return [];
    case 'Placeholder':
      return [step('Div', ['scaled', 'white'])];
    case '_FusedConv2D':
    case 'FusedDepthwiseConv2dNative': {
      const filters = constantOf(constants, weights);
      const [height = 1, width = 1, channels = 1] = filters.shape;
      const isDepthwise = op === 'FusedDepthwiseConv2dNative';
      // Depthwise, each channel has a filter of its own, which reads no other.
      const { data } = filters;
      constants.set(weights, outputsFirst(isDepthwise ? { shape: [height, width, 1, channels], data } : filters));
      const attributes = { ...windowOf(attr), group: isDepthwise ? channels : 1 };
      const fused = (attr['fused_ops']?.list?.s ?? []).map(text).join();
      if (fused === 'BiasAdd') return [step('Conv', [x, weights, bias], attributes)];
      if (fused !== 'BiasAdd,Relu6') throw unknown(`${op} with ${fused}`);
      const sum = `${name}/sum`;
      return [{ ...step('Conv', [x, weights, bias], attributes), name: sum }, step('Clip', [sum, 'none', 'six'])];
    }
    case 'AvgPool':
      return [step('AveragePool', [x], { ...windowOf(attr), kernel_shape: inner(attr['ksize']) })];
    case 'Squeeze':
      return [step('Flatten', [x])];
    case '_FusedMatMul':
      return [step('Gemm', [x, weights, bias])];
    case 'AddV2':
      return [step('Add', input)];
    case 'Mul':
    case 'Sub':
    case 'Softmax':
    case 'Identity':
      return [step(op, input)];
    default:
      throw unknown(op);
  }
}

function unknown(layer: string): Fault {
  return new Fault(`The classifier has a layer that is not known here: ${layer}.`);
}

function scalar(value: number): Tensor {
  return { shape: [], data: Float32Array.of(value) };
}

function constantOf(constants: ReadonlyMap<string, Tensor>, name: string): Tensor {
  const found = constants.get(name);
  if (found === undefined) throw new Fault(`The classifier lacks the weights ${name}.`);
  return found;
}

function text(base64: string): string {
  return Buffer.from(base64, 'base64').toString();
}

function windowOf(attr: Node['attr']): { readonly strides: readonly number[]; readonly auto_pad: string } {
  const padding = text(attr['padding']?.s ?? '');
  return { strides: inner(attr['strides']), auto_pad: padding === 'SAME' ? 'SAME_UPPER' : 'VALID' };
}

/** Of batch, height, width and channels those two that a window moves along. */
function inner(one: Node['attr'][string] | undefined): readonly number[] {
  return (one?.list?.i ?? []).slice(1, 3);
}

/** Filters of a convolution: how many are high and wide, how many channels they read, and how many they make. */
function outputsFirst({ shape, data }: Tensor): Tensor {
  const [height = 1, width = 1, channels = 1, outputs = 1] = shape;
  const turned = new Float32Array(data.length);
  const places = height * width;
  for (let place = 0; place < places; place += 1) {
    for (let channel = 0; channel < channels; channel += 1) {
      const from = (place * channels + channel) * outputs;
      for (let output = 0; output < outputs; output += 1) {
        turned[(output * channels + channel) * places + place] = Number(data[from + output]);
      }
    }
  }
  return { shape: [outputs, channels, height, width], data: turned };
}
