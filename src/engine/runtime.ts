/**
 * The only file that imports onnxruntime-node. Everything above it deals in Float32Array and shapes; element types are
 * converted here, driven by a session's own metadata.
 *
 * Quirks recorded: a run blocks its thread, whatever the promise says; `terminate` is ignored; models must be loaded by
 * path (external data and files above 2 GiB only work so).
 */
import { globSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

import ort from 'onnxruntime-node';

import { Fault, Refusal, shown } from '../errors.ts';

export const devices = ['auto', 'cpu', 'cuda', 'dml', 'coreml', 'webgpu'] as const;
export type Device = (typeof devices)[number];

/** One input or output as the graph declares it; symbolic dimensions are names. */
export interface Port {
  readonly name: string;
  readonly type: string;
  readonly shape: readonly (number | string)[];
}

/** A value for an input: numbers with their shape, converted to whatever element type the graph wants. */
export interface Feed {
  readonly data: Float32Array;
  readonly shape: readonly number[];
}

export interface Network {
  readonly inputs: readonly Port[];
  readonly outputs: readonly Port[];
  /** @throws Fault with the runtime's words where the native call fails. */
  run(feeds: Readonly<Record<string, Feed>>, output: string): Promise<{ data: Float32Array; shape: readonly number[] }>;
  close(): Promise<void>;
}

/** Element types that are converted from and to Float32Array. */
export const inputTypes: readonly string[] = ['float32', 'float16', 'int32', 'int64'];
export const outputTypes: readonly string[] = ['float32', 'float16'];

export interface RuntimeOptions {
  readonly device: Device;
  /** Threads of one network call; the number of cores where absent. */
  readonly threads?: number | undefined;
}

/** @throws Refusal where `name` is no device. */
export function parseDevice(name: string): Device {
  const device = devices.find((known) => known === name);
  if (device === undefined) {
    throw new Refusal('device.unknown', `Expected one of ${devices.join(', ')} for \`device\`, got ${shown(name)}.`);
  }
  return device;
}

/** Execution providers that this installation of the runtime can use. */
export function listProviders(): string[] {
  return ort.listSupportedBackends().flatMap(({ name, bundled }) => (bundled || isAdded(name) ? [name] : []));
}

/** CUDA's libraries are no part of the package: `npm run cuda` lays them beside the binding. */
function isAdded(provider: string): boolean {
  const binding = path.dirname(createRequire(import.meta.url).resolve('onnxruntime-node/package.json'));
  const library = `libonnxruntime_providers_${provider}.so`;
  return globSync(`bin/*/${process.platform}/${process.arch}/${library}`, { cwd: binding }).length > 0;
}

/** `auto` prefers a GPU that the installation brings along: CUDA where it was added, CoreML, DirectML; else the CPU. */
export function chooseDevice(device: Device): Exclude<Device, 'auto'> {
  if (device !== 'auto') return device;
  const providers = listProviders();
  return (['cuda', 'coreml', 'dml'] as const).find((provider) => providers.includes(provider)) ?? 'cpu';
}

/**
 * Loads one network.
 * @param file its path, or its bytes where it is a small one that lies in no file.
 * @throws Refusal where the device has no provider here or the graph does not load on it.
 */
export async function openNetwork(file: string | Uint8Array, options: RuntimeOptions): Promise<Network> {
  const device = chooseDevice(options.device);
  if (!listProviders().includes(device)) {
    const hint = device === 'cuda' ? ' Run `npm run cuda` once to add it.' : '';
    throw new Refusal(
      'device.missing',
      `This installation has no ${device} provider, only ${listProviders().join(', ')}.${hint}`,
    );
  }
  settleFloat16();
  const session = await createSession(file, device, options.threads);
  return {
    inputs: session.inputMetadata.map(portOf),
    outputs: session.outputMetadata.map(portOf),
    async run(feeds, output) {
      const tensors = Object.fromEntries(
        session.inputMetadata.flatMap((input) => {
          const feed = feeds[input.name];
          return feed === undefined ? [] : [[input.name, toTensor(feed, input.isTensor ? input.type : 'float32')]];
        }),
      );
      const result = await runSession(session, tensors, output);
      return { data: toFloat32(result), shape: result.dims };
    },
    close: () => session.release(),
  };
}

async function createSession(
  file: string | Uint8Array,
  device: string,
  threads: number | undefined,
): Promise<ort.InferenceSession> {
  const options: ort.InferenceSession.SessionOptions = {
    executionProviders: device === 'cpu' ? ['cpu'] : [device, 'cpu'],
    // Warnings of the graph optimizer say nothing that an operator can act on.
    logSeverityLevel: 3,
    ...(threads === undefined ? {} : { intraOpNumThreads: threads }),
  };
  if (typeof file !== 'string') return ort.InferenceSession.create(file, options);
  try {
    return await ort.InferenceSession.create(file, options);
  } catch (cause) {
    throw new Refusal(
      'model.graph',
      `${path.basename(path.dirname(file))}/${path.basename(file)} does not load on ${device}: ${reasonOf(cause, file)}`,
      {},
      { cause },
    );
  }
}

async function runSession(
  session: ort.InferenceSession,
  tensors: Record<string, ort.Tensor>,
  output: string,
): Promise<ort.Tensor> {
  try {
    const results = await session.run(tensors, [output]);
    return results[output];
  } catch (cause) {
    throw new Fault(`The network call failed: ${firstLine(cause)}`, { cause });
  }
}

/**
 * onnxruntime-common picks the array type of float16 tensors once, at the first tensor: Float16Array where there is one.
 * Node 24's native interface reads such an array as empty (tried: "not enough space: expected 393216, got 0"), so it is
 * out of sight while that choice is made, and float16 stays what it is everywhere else: bits in a Uint16Array.
 */
function settleFloat16(): void {
  const hidden = Object.getOwnPropertyDescriptor(globalThis, 'Float16Array');
  if (hidden === undefined) return;
  Reflect.deleteProperty(globalThis, 'Float16Array');
  try {
    void new ort.Tensor('float32', new Float32Array(1), [1]);
  } finally {
    Object.defineProperty(globalThis, 'Float16Array', hidden);
  }
}

function portOf(metadata: ort.InferenceSession.ValueMetadata): Port {
  if (!metadata.isTensor) return { name: metadata.name, type: 'not a tensor', shape: [] };
  return { name: metadata.name, type: metadata.type, shape: metadata.shape };
}

function toTensor({ data, shape }: Feed, type: string): ort.Tensor {
  switch (type) {
    case 'float32':
      return new ort.Tensor('float32', data, shape);
    case 'float16':
      // The binding's types know float16 only by its bits.
      return new ort.Tensor('float16', new Uint16Array(Float16Array.from(data).buffer), shape);
    case 'int32':
      return new ort.Tensor('int32', Int32Array.from(data), shape);
    case 'int64':
      return new ort.Tensor(
        'int64',
        BigInt64Array.from(data, (value) => BigInt(Math.round(value))),
        shape,
      );
    default:
      throw new Fault(`Expected an input of float32, float16, int32 or int64, got ${type}.`);
  }
}

function toFloat32({ data }: ort.Tensor): Float32Array {
  if (data instanceof Float32Array) return data;
  if (data instanceof Uint16Array)
    return Float32Array.from(new Float16Array(data.buffer, data.byteOffset, data.length));
  throw new Fault(`Expected an output of float32 or float16, got ${data.constructor.name}.`);
}

/** Without the path and the native source line that the runtime puts before its reason. */
function reasonOf(cause: unknown, file: string): string {
  return firstLine(cause, Number.POSITIVE_INFINITY)
    .replace(`Load model from ${file} failed:`, '')
    .replace(/^\/onnxruntime_src\/.*\) /, '')
    .replaceAll(file, path.basename(file))
    .slice(0, 300);
}

function firstLine(cause: unknown, maxLength = 300): string {
  return (cause instanceof Error ? cause.message : String(cause)).split('\n', 1)[0].slice(0, maxLength);
}
