import type { WireFile } from './record.ts';

/**
 * Takes a whole multipart/form-data body apart (RFC 7578). Header values may stand without quotes and hold spaces: grammY
 * sends file names so, and the real service takes them.
 *
 * @throws {SyntaxError}
 */
export function parseMultipart(body: Buffer, contentType: string): { fields: Map<string, string>; files: WireFile[] } {
  const match = /boundary=(?:"([^"]+)"|([^;\s]+))/.exec(contentType);
  const boundary = match?.[1] ?? match?.[2];
  if (boundary === undefined) throw new SyntaxError('A multipart body needs a boundary.');
  const fields = new Map<string, string>();
  const files: WireFile[] = [];
  for (const part of partsOf(body, `--${boundary}`)) {
    const headEnd = part.indexOf('\r\n\r\n');
    if (headEnd < 0) throw new SyntaxError('A part has no end of its headers.');
    const head = part.subarray(0, headEnd).toString('utf8');
    const bytes = part.subarray(headEnd + 4);
    const disposition = /^content-disposition:\s*form-data(.*)$/im.exec(head)?.[1] ?? '';
    const name = attribute(disposition, 'name');
    if (name === undefined) throw new SyntaxError('A part has no name.');
    const filename = attribute(disposition, 'filename');
    const type = /^content-type:\s*(.+)$/im.exec(head)?.[1]?.trim() ?? 'application/octet-stream';
    if (filename === undefined) fields.set(name, bytes.toString('utf8'));
    else files.push({ field: name, name: filename, contentType: type, bytes: new Uint8Array(bytes) });
  }
  return { fields, files };
}

/** What stands between the delimiters, without the line breaks that belong to them. */
function partsOf(body: Buffer, delimiter: string): Buffer[] {
  if (body.indexOf(delimiter) !== 0) throw new SyntaxError('The body does not start with its boundary.');
  const parts: Buffer[] = [];
  let start = Buffer.byteLength(delimiter);
  while (body.subarray(start, start + 2).toString() !== '--') {
    const end = body.indexOf(`\r\n${delimiter}`, start);
    if (end < 0) throw new SyntaxError('The last boundary is missing.');
    parts.push(body.subarray(start + 2, end));
    start = end + 2 + Buffer.byteLength(delimiter);
  }
  return parts;
}

function attribute(disposition: string, name: string): string | undefined {
  const match = new RegExp(String.raw`;\s*${name}=(?:"((?:[^"\\]|\\.)*)"|([^;]*))`, 'i').exec(disposition);
  // Form data percent-encodes quotes and line breaks of names.
  return (match?.[1] ?? match?.[2]?.trim())?.replaceAll('%22', '"');
}
