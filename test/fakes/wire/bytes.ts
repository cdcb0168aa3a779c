import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

/** How a file server misbehaves for one file. All off: it sends the bytes at once with the right length. */
export interface Misbehaviour {
  /** Before the headers. */
  delayMs?: number;
  /** The body comes in pieces of `pieceBytes` (1 KiB), with this pause before each. */
  pieceDelayMs?: number;
  pieceBytes?: number;
  /** The Content-Length it claims. Smaller than the body: the rest is cut off. Greater: the connection ends too early. */
  claimedBytes?: number;
  /** After the file's own bytes zeros follow without end, with no Content-Length. */
  endless?: boolean;
  redirectTo?: string;
  /** Instead of the file, an empty answer with this status. */
  status?: number;
}

/** Sends `bytes` the way `misbehaviour` says; returns when all is sent or the other side has gone. */
export async function sendBytes(
  response: ServerResponse,
  bytes: Uint8Array,
  contentType: string,
  misbehaviour: Misbehaviour = {},
): Promise<void> {
  const {
    delayMs = 0,
    pieceDelayMs,
    pieceBytes = 1024,
    claimedBytes,
    endless = false,
    redirectTo,
    status,
  } = misbehaviour;
  if (delayMs > 0) await sleep(delayMs);
  if (redirectTo !== undefined) {
    response.writeHead(302, { location: redirectTo }).end();
    return;
  }
  if (status !== undefined) {
    response.writeHead(status, { 'content-type': 'text/plain' }).end();
    return;
  }
  response.writeHead(200, {
    'content-type': contentType,
    ...(endless ? {} : { 'content-length': claimedBytes ?? bytes.length }),
  });
  const body = bytes.subarray(0, claimedBytes ?? bytes.length);
  if (pieceDelayMs === undefined) await written(response, body);
  else {
    for (let at = 0; at < body.length && !response.destroyed; at += pieceBytes) {
      await sleep(pieceDelayMs);
      await written(response, body.subarray(at, at + pieceBytes));
    }
  }
  if (endless) return flood(response);
  if (claimedBytes !== undefined && claimedBytes > bytes.length) response.destroy();
  else response.end();
}

async function flood(response: ServerResponse): Promise<void> {
  const zeros = new Uint8Array(65_536);
  while (!response.destroyed) await written(response, zeros);
}

function written(response: ServerResponse, piece: Uint8Array): Promise<void> {
  return new Promise((resolve) => {
    if (response.destroyed) return resolve();
    const gone = (): void => resolve();
    response.once('close', gone);
    response.write(piece, () => {
      response.off('close', gone);
      resolve();
    });
  });
}
