import type { IncomingMessage } from 'node:http';
import busboy from 'busboy';
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

/** @throws {UnreadableBody} */
export async function readBody(request: IncomingMessage): Promise<WireBody> {
  const type = request.headers['content-type'] ?? '';
  if (type.startsWith('multipart/form-data')) return multipart(request);
  const text = await readText(request);
  const body: WireBody = { json: undefined, fields: new Map(), files: [] };
  if (text === '') return body;
  if (type.startsWith('application/x-www-form-urlencoded')) {
    body.fields = new Map(new URLSearchParams(text));
    return body;
  }
  if (!type.startsWith('application/json')) throw new UnreadableBody(`Unexpected content type ${type}.`);
  body.json = parsedJson(text);
  return body;
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

async function readText(request: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of request) {
    if (Buffer.isBuffer(piece)) pieces.push(piece);
  }
  return Buffer.concat(pieces).toString('utf8');
}

function multipart(request: IncomingMessage): Promise<WireBody> {
  const { promise, resolve, reject } = Promise.withResolvers<WireBody>();
  const body: WireBody = { json: undefined, fields: new Map(), files: [] };
  const parser = busboy({ headers: request.headers, limits: { fieldSize: 16 * 2 ** 20 } });
  parser.on('field', (name, value) => body.fields.set(name, value));
  parser.on('file', (field, stream, { filename, mimeType }) => {
    const pieces: Buffer[] = [];
    stream.on('data', (piece: Buffer) => pieces.push(piece));
    stream.on('end', () =>
      body.files.push({ field, name: filename, contentType: mimeType, bytes: Buffer.concat(pieces) }),
    );
  });
  parser.on('close', () => resolve(body));
  parser.on('error', (cause) => reject(new UnreadableBody('The multipart body is broken.', { cause })));
  request.on('aborted', () => reject(new UnreadableBody('The connection ended within the body.')));
  request.pipe(parser);
  return promise;
}
