import { createServer } from 'node:http';
import type { RequestListener, Server } from 'node:http';

/** A server on a free port of 127.0.0.1. */
export interface Listening {
  server: Server;
  port: number;
  /** `http://127.0.0.1:PORT` */
  origin: string;
  /** Cuts what is open and resolves when the port is free. */
  close(): Promise<void>;
}

export async function serve(listener: RequestListener): Promise<Listening> {
  const server = createServer(listener);
  // Clients keep connections; a server that ends one between two requests makes the next fail at random.
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('Expected a TCP address.');
  return {
    server,
    port: address.port,
    origin: `http://127.0.0.1:${address.port}`,
    close: () =>
      new Promise<void>((resolve, reject) => {
        server.close((error) => (error === undefined ? resolve() : reject(error)));
        server.closeAllConnections();
      }),
  };
}
