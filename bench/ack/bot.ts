/** The bot as an operator starts it, in a process of its own, and what it says of itself. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

import { Fault } from '../../src/errors.ts';

export interface Bot {
  /** A number that its `/metrics` have; 0 where it has none of that name. */
  metric(name: string): Promise<number>;
  close(): Promise<void>;
}

const closeWithinMs = 20_000;

/** @param nodeFlags of Node itself, for profiles. @throws Fault with its log where it does not come up. */
export async function startBot(
  dataDir: string,
  env: Readonly<Record<string, string>>,
  nodeFlags: readonly string[],
): Promise<Bot> {
  const cli = fileURLToPath(new URL('../../src/cli.ts', import.meta.url));
  const child = spawn(process.execPath, [...nodeFlags, cli, 'start'], {
    env: {
      PATH: process.env['PATH'],
      COWBOT_DATA: dataDir,
      COWBOT_PORT: '0',
      COWBOT_DEVICE: 'cpu',
      COWBOT_DRAIN_SECONDS: '0',
      ...env,
    },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const port = await portOf(child);
  return {
    async metric(name) {
      const response = await fetch(`http://127.0.0.1:${port}/metrics`);
      const line = (await response.text()).split('\n').find((one) => one.startsWith(`${name} `));
      return Number(line?.slice(name.length) ?? 0);
    },
    async close() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), closeWithinMs);
      await ended;
      clearTimeout(timer);
    },
  };
}

async function portOf(child: ChildProcess): Promise<number> {
  if (child.stderr === null) throw new Fault('Expected a pipe for the log.');
  let log = '';
  for await (const line of createInterface({ input: child.stderr })) {
    log += `${line}\n`;
    const [, port] = /"port":(\d+).*The bot is up/.exec(line) ?? [];
    if (port === undefined) continue;
    child.stderr.resume();
    return Number(port);
  }
  throw new Fault(`The bot ended before it was up:\n${log}`);
}
