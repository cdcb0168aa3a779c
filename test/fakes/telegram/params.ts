import type { z } from 'zod';
import type { WireBody } from '../wire/body.ts';
import type { WireFile } from '../wire/record.ts';
import { badRequest } from './errors.ts';

/**
 * A call's parameters, from the query, a form or JSON. In forms everything is text and objects are JSON; JSON bodies may
 * hold real objects. core.telegram.org/bots/api#making-requests
 */
export class Params {
  readonly values: ReadonlyMap<string, unknown>;
  readonly files: readonly WireFile[];
  readonly #used = new Set<string>();

  constructor(query: URLSearchParams, { json, fields, files }: WireBody) {
    const body = typeof json === 'object' && json !== null ? Object.entries(json) : [];
    this.values = new Map<string, unknown>([...query, ...fields, ...body]);
    this.files = files;
  }

  has(name: string): boolean {
    return this.#value(name) !== undefined;
  }

  text(name: string): string | undefined {
    const value = this.#value(name);
    if (value === undefined) return undefined;
    if (typeof value === 'string') return value;
    if (typeof value === 'number' || typeof value === 'boolean') return String(value);
    throw badRequest(`can't parse ${name}: expected a string`);
  }

  integer(name: string): number | undefined {
    const text = this.text(name);
    if (text === undefined || text === '') return undefined;
    const value = Number(text);
    if (!Number.isSafeInteger(value)) throw badRequest(`can't parse ${name}: expected an integer`);
    return value;
  }

  flag(name: string): boolean {
    return ['true', '1', 'yes'].includes((this.text(name) ?? '').toLowerCase());
  }

  /** An object or list that fits `schema`. @throws {TelegramRefusal} */
  object<T extends z.ZodType>(name: string, schema: T): z.output<T> | undefined {
    let value = this.#value(name);
    if (value === undefined || value === '') return undefined;
    if (typeof value === 'string') {
      try {
        value = JSON.parse(value);
      } catch {
        throw badRequest(`can't parse ${name} JSON object`);
      }
    }
    const result = schema.safeParse(value);
    if (result.success) return result.data;
    const issue = result.error.issues[0];
    throw badRequest(`can't parse ${name}: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`);
  }

  /** The uploaded file that a parameter means: sent under its name, or by `attach://`. */
  upload(reference: string | undefined, name: string): WireFile | undefined {
    const field = reference?.startsWith('attach://') === true ? reference.slice('attach://'.length) : name;
    const file = this.files.find((one) => one.field === field);
    if (file === undefined && reference?.startsWith('attach://') === true)
      throw badRequest(`attached file "${field}" not found`);
    return file;
  }

  /** Names that no one has asked for: the service ignores them, a bot that sends them is mistaken. */
  get unused(): string[] {
    return [...this.values.keys()].filter((name) => !this.#used.has(name));
  }

  #value(name: string): unknown {
    this.#used.add(name);
    return this.values.get(name) ?? undefined;
  }
}
