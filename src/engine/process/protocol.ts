/**
 * What the engine's process and its host say to each other, over the child's IPC channel with structured clones: typed
 * arrays arrive as typed arrays.
 */
import { z } from 'zod';

import { Fault, Refusal } from '../../errors.ts';
import type { ModelCard } from '../card.ts';
import type { EngineRequest, EngineResult, Progress } from '../request.ts';
import type { Device } from '../runtime.ts';

export interface EngineSettings {
  readonly modelDir: string;
  readonly device: Device;
  readonly threads?: number | undefined;
}

export type ToEngine =
  | { readonly kind: 'load'; readonly settings: EngineSettings }
  | { readonly kind: 'generate'; readonly id: number; readonly request: EngineRequest }
  | { readonly kind: 'cancel'; readonly id: number };

export type FromEngine =
  | { readonly kind: 'loaded'; readonly card: ModelCard }
  | { readonly kind: 'load-failed'; readonly error: CarriedError }
  | { readonly kind: 'progress'; readonly id: number; readonly progress: Progress }
  | { readonly kind: 'done'; readonly id: number; readonly result: EngineResult }
  | { readonly kind: 'failed'; readonly id: number; readonly error: CarriedError }
  | { readonly kind: 'cancelled'; readonly id: number };

/** An error as it crosses the boundary: structured clones keep the words of our own classes, not the classes. */
export type CarriedError =
  | { readonly kind: 'refusal'; readonly code: string; readonly message: string; readonly details: Refusal['details'] }
  | { readonly kind: 'fault'; readonly message: string; readonly mayPass: boolean };

export function carryError(error: unknown): CarriedError {
  if (error instanceof Refusal)
    return { kind: 'refusal', code: error.code, message: error.message, details: error.details };
  if (error instanceof Fault) return { kind: 'fault', message: error.message, mayPass: error.mayPass };
  return {
    kind: 'fault',
    message: `The engine failed: ${error instanceof Error ? error.message : String(error)}`,
    mayPass: false,
  };
}

export function revive(carried: CarriedError): Refusal | Fault {
  return carried.kind === 'refusal'
    ? new Refusal(carried.code, carried.message, carried.details)
    : new Fault(carried.message, { mayPass: carried.mayPass });
}

const fromEngine = z.custom<FromEngine>((value) =>
  hasKind(value, ['loaded', 'load-failed', 'progress', 'done', 'failed', 'cancelled']),
);
const toEngine = z.custom<ToEngine>((value) => hasKind(value, ['load', 'generate', 'cancel']));

/** @returns nothing for what is no message of ours. Both ends are this program, so the kind decides. */
export function parseFromEngine(value: unknown): FromEngine | undefined {
  return fromEngine.safeParse(value).data;
}

export function parseToEngine(value: unknown): ToEngine | undefined {
  return toEngine.safeParse(value).data;
}

function hasKind(value: unknown, kinds: readonly string[]): boolean {
  return typeof value === 'object' && value !== null && 'kind' in value && kinds.some((kind) => kind === value.kind);
}
