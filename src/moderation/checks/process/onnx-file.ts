/** A network as the bytes of an ONNX file: of its format (onnx.proto, github.com/onnx/onnx) what the classifier needs. */

/** float32 or int64 by its data; `shape` in numbers of elements, row by row. */
export interface Tensor {
  readonly shape: readonly number[];
  readonly data: Float32Array | BigInt64Array;
}

/** `inputs`: names of values; '' where one is left out. Its output's name is its own. */
export interface Step {
  readonly name: string;
  readonly op: string;
  readonly inputs: readonly string[];
  readonly attributes?: Readonly<Record<string, number | string | readonly number[]>>;
}

/** @property input of float32. @property steps in an order in which each finds its inputs made; the last is the output. */
export interface Graph {
  readonly input: { readonly name: string; readonly shape: readonly number[] };
  readonly constants: ReadonlyMap<string, Tensor>;
  readonly steps: readonly Step[];
  readonly output: { readonly name: string; readonly shape: readonly number[] };
}

const irVersion = 8;
const operatorsVersion = 17;
const elementTypes = { float32: 1, int64: 7 } as const;
const attributeTypes = { whole: 2, text: 3, wholes: 7 } as const;

export function onnxFile({ input, constants, steps, output }: Graph): Uint8Array {
  const graph = [
    ...steps.map((step) => part(1, stepOf(step))),
    part(2, 'graph'),
    ...[...constants].map(([name, tensor]) => part(5, tensorOf(name, tensor))),
    part(11, valueOf(input)),
    part(12, valueOf(output)),
  ];
  const operators = [part(1, ''), whole(2, operatorsVersion)];
  return Buffer.concat([whole(1, irVersion), part(8, Buffer.concat(operators)), part(7, Buffer.concat(graph))]);
}

function stepOf({ name, op, inputs, attributes = {} }: Step): Uint8Array {
  return Buffer.concat([
    ...inputs.map((input) => part(1, input)),
    part(2, name),
    part(4, op),
    ...Object.entries(attributes).map(([key, value]) => part(5, Buffer.concat([part(1, key), ...attributeOf(value)]))),
  ]);
}

function attributeOf(value: number | string | readonly number[]): Uint8Array[] {
  if (typeof value === 'number') return [whole(3, value), whole(20, attributeTypes.whole)];
  if (typeof value === 'string') return [part(4, value), whole(20, attributeTypes.text)];
  return [...value.map((one) => whole(8, one)), whole(20, attributeTypes.wholes)];
}

function tensorOf(name: string, { shape, data }: Tensor): Uint8Array {
  return Buffer.concat([
    ...shape.map((size) => whole(1, size)),
    whole(2, data instanceof Float32Array ? elementTypes.float32 : elementTypes.int64),
    part(8, name),
    part(9, new Uint8Array(data.buffer, data.byteOffset, data.byteLength)),
  ]);
}

function valueOf({ name, shape }: { readonly name: string; readonly shape: readonly number[] }): Uint8Array {
  const sizes = shape.map((size) => part(1, whole(1, size)));
  const tensor = Buffer.concat([whole(1, elementTypes.float32), part(2, Buffer.concat(sizes))]);
  return Buffer.concat([part(1, name), part(2, part(1, tensor))]);
}

/** A field that is a number from 0 on (https://protobuf.dev/programming-guides/encoding). */
function whole(field: number, value: number): Uint8Array {
  return Uint8Array.from([...digits(field * 8), ...digits(value)]);
}

/** A field that is text, bytes or a message of its own. */
function part(field: number, content: string | Uint8Array): Uint8Array {
  const bytes = Buffer.from(content);
  return Buffer.concat([Uint8Array.from([...digits(field * 8 + 2), ...digits(bytes.length)]), bytes]);
}

/** Seven bits a byte, the lowest first; all but the last say that there are more. */
function digits(value: number): number[] {
  return value < 128 ? [value] : [(value % 128) + 128, ...digits(Math.floor(value / 128))];
}
