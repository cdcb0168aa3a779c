import type { IncomingMessage } from 'node:http';
import { parseMultipart } from './multipart.ts';
import type { WireFile } from './record.ts';

/** A request's body, taken apart but not understood. */
export interface WireBody {
  /** Parsed JSON; `undefined` for other kinds and for an empty body. */
  json: unknown;
  /** Text fields of a form, multipart or not. */
  fields: Map<string, string>;
  files: WireFile[];
}

/** The body is not what its content type says. */
export class UnreadableBody extends Error {}

/** The client gave up before it had sent the body, which it may. */
export class CutBody extends Error {}

/** @throws {UnreadableBody} {CutBody} */
export async function readBody(request: IncomingMessage): Promise<WireBody> {
  const type = request.headers['content-type'] ?? '';
  const bytes = await readBytes(request);
  const body: WireBody = { json: undefined, fields: new Map(), files: [] };
  if (bytes.length === 0) return body;
  if (type.startsWith('multipart/form-data')) {
    try {
      return { ...body, ...parseMultipart(bytes, type) };
    } catch (cause) {
      throw new UnreadableBody('The multipart body is broken.', { cause });
    }
  }
  const text = bytes.toString('utf8');
  if (type.startsWith('application/x-www-form-urlencoded'))
    return { ...body, fields: new Map(new URLSearchParams(text)) };
  if (!type.startsWith('application/json')) throw new UnreadableBody(`Unexpected content type ${type}.`);
  return { ...body, json: parsedJson(text) };
}

/** @throws {UnreadableBody} */
export function parsedJson(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return value;
  } catch (cause) {
    throw new UnreadableBody('The body is not JSON.', { cause });
  }
}

async function readBytes(request: IncomingMessage): Promise<Buffer> {
  const pieces: Buffer[] = [];
  try {
    for await (const piece of request) {
      if (Buffer.isBuffer(piece)) pieces.push(piece);
    }
  } catch (cause) {
    throw new CutBody('The connection ended within the body.', { cause });
  }
  return Buffer.concat(pieces);
}
