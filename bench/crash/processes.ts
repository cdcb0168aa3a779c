/** The programs of the crash harness as this one sees them: what they say, and how they are ended. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

import { Fault } from '../../src/errors.ts';

/** Where and how often a bot passes a fault point before it dies there. */
export interface Death {
  readonly point: string;
  readonly passes: number;
}

/** What a bot is told, as its only argument in JSON. */
export interface BotOrders {
  readonly dataDir: string;
  readonly chatOrigin: string;
  readonly pictureMs: number;
  readonly death: Death | undefined;
}

/** What a bot says, one JSON object a line. */
export type BotWord =
  | { readonly kind: 'ready' }
  | { readonly kind: 'engine'; readonly pid: number }
  | { readonly kind: 'point'; readonly name: string };

export interface Bot {
  readonly isAlive: boolean;
  /** Of the engine's process that was started last. */
  readonly enginePid: number | undefined;
  kill(signal: 'SIGKILL' | 'SIGTERM'): Promise<void>;
  /** Resolves when it has ended, by itself or not. */
  readonly ended: Promise<void>;
}

/** Starts the chat; it ends with this process. */
export async function startChatProcess(): Promise<{ readonly origin: string; stop(): void }> {
  const child = spawn(process.execPath, [fileURLToPath(new URL('../../test/fakes/chat-process.ts', import.meta.url))], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const [origin] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  return { origin, stop: () => void child.kill('SIGKILL') };
}

/**
 * Starts a bot and waits until it works, or until it died on the way.
 * @param program file of the bot's program; it gets the orders in JSON as its only argument.
 * @param onPoint told of every fault point when it is passed for the first time.
 * @throws Fault where it ended by itself in another way than by a kill.
 */
export async function startBot(program: URL, orders: object, onPoint: (name: string) => void): Promise<Bot> {
  const child = spawn(process.execPath, [fileURLToPath(program), JSON.stringify(orders)], {
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const complaints: string[] = [];
  child.stderr.on('data', (chunk: Buffer) => complaints.push(chunk.toString()));
  const { promise: ready, resolve: isReady } = Promise.withResolvers<void>();
  let enginePid: number | undefined;
  createInterface({ input: child.stdout }).on('line', (line) => {
    const word = JSON.parse(line) as BotWord;
    switch (word.kind) {
      case 'ready':
        return isReady();
      case 'engine':
        enginePid = word.pid;
        return undefined;
      case 'point':
        return onPoint(word.name);
    }
  });
  const ended = endOf(child, complaints);
  ended.catch(() => {});
  await Promise.race([ready, ended]);
  return {
    get isAlive() {
      return child.exitCode === null && child.signalCode === null;
    },
    get enginePid() {
      return enginePid;
    },
    ended,
    async kill(signal) {
      child.kill(signal);
      await ended;
    },
  };
}

async function endOf(child: ChildProcess, complaints: readonly string[]): Promise<void> {
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
  if (signal !== 'SIGKILL' && code !== 0) {
    throw new Fault(`The bot ended with ${code ?? signal}:\n${complaints.join('').slice(-4000)}`);
  }
}
