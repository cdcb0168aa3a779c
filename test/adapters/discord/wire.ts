import { createServer, request as forward } from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * `stuck`: a request gets no answer. `deaf`: it is done, and its answer gets lost on the way.
 */
export type Stall = 'stuck' | 'deaf';

/** A wire to a server that tests can cut without closing it. */
export interface StallingWire {
  readonly origin: string;
  /** From now on for requests whose path holds `part`. */
  stall(part: string, how: Stall, times?: number): void;
  close(): Promise<void>;
}

export async function openStallingWire(target: string): Promise<StallingWire> {
  const stalls: { part: string; how: Stall; left: number }[] = [];
  const take = (path: string): Stall | undefined => {
    const found = stalls.find(({ part, left }) => left > 0 && path.includes(part));
    if (found !== undefined) found.left -= 1;
    return found?.how;
  };
  const server = createServer((incoming, outgoing) => {
    const stall = take(incoming.url ?? '');
    if (stall === 'stuck') return;
    const { method, headers } = incoming;
    const passed = forward(new URL(incoming.url ?? '/', target), { method, headers }, (answer) => {
      answer.on('error', () => outgoing.destroy());
      if (stall === 'deaf') answer.resume();
      else answer.pipe(outgoing.writeHead(answer.statusCode ?? 500, answer.headers));
    });
    passed.on('error', () => outgoing.destroy());
    incoming.pipe(passed);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${port}`,
    stall: (part, how, times = Infinity) => void stalls.push({ part, how, left: times }),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
