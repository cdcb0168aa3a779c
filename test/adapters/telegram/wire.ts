/** A wire between the adapter and the fake, on which the calls of one chat can get stuck, lost or refused. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';

export type WireTrouble =
  | { readonly kind: 'stuck' }
  | { readonly kind: 'deaf'; times: number }
  | { readonly kind: 'busy'; times: number; readonly retryAfterS: number };

export interface Wire {
  readonly origin: string;
  readonly setTrouble: (chat: string, trouble: WireTrouble) => void;
  readonly close: () => Promise<void>;
}

export async function openWire(to: string): Promise<Wire> {
  const troubles = new Map<string, WireTrouble>();
  const server = createServer((request, response) => {
    void pass(to, troubles, request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('Expected a port.');
  return {
    origin: `http://127.0.0.1:${address.port}`,
    setTrouble: (chat, trouble) => troubles.set(chat, trouble),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function pass(
  to: string,
  troubles: ReadonlyMap<string, WireTrouble>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(Buffer.from(part));
  const body = Buffer.concat(parts);
  const trouble = troubles.get(chatOf(body));
  if (trouble?.kind === 'stuck') return;
  if (trouble?.kind === 'busy' && trouble.times-- > 0) {
    const { retryAfterS } = trouble;
    const answer = {
      ok: false,
      error_code: 429,
      description: 'Too Many Requests',
      parameters: { retry_after: retryAfterS },
    };
    response.writeHead(429, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
    return;
  }
  const answer = await fetch(`${to}${request.url}`, {
    method: request.method ?? 'GET',
    headers: { 'content-type': request.headers['content-type'] ?? 'application/json' },
    ...(body.length === 0 ? {} : { body }),
  });
  const bytes = Buffer.from(await answer.arrayBuffer());
  if (trouble?.kind === 'deaf' && trouble.times-- > 0) return;
  response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? '' }).end(bytes);
}

/** In JSON, or in a multipart form. */
function chatOf(body: Buffer): string {
  const [, json, form] = /"chat_id":"?(-?\d+)|name="chat_id"\r\n\r\n(-?\d+)/.exec(body.toString('latin1')) ?? [];
  return json ?? form ?? '';
}
