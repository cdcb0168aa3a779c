import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, chown, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Client } from 'pg';

const run = promisify(execFile);
const START_TRIES = 300;

/** A server of this test file's own, without a port: on a socket in a folder that goes with it. */
export interface PostgresServer {
  /** Makes an empty database and returns its URL. */
  newDatabase(): Promise<string>;
  stop(): Promise<void>;
}

/** Starts the system's PostgreSQL. @throws Error that says how to install it where there is none. */
export async function startPostgres(): Promise<PostgresServer> {
  const bin = await programs();
  // PostgreSQL refuses to run as root.
  const user = process.getuid?.() === 0 ? await idsOf('postgres', 'nobody') : undefined;
  const folder = await mkdtemp(path.join(tmpdir(), 'cow-pg-'));
  if (user !== undefined) await chown(folder, user.uid, user.gid);
  const data = path.join(folder, 'data');
  const as = { ...user, cwd: folder };
  await run(
    path.join(bin, 'initdb'),
    ['-A', 'trust', '-U', 'cow', '-E', 'UTF8', '--locale=C.UTF-8', '-N', '-D', data],
    as,
  );
  const options = ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off', 'listen_addresses='];
  const server = spawn(
    path.join(bin, 'postgres'),
    ['-D', data, ...[...options, `unix_socket_directories=${folder}`].flatMap((option) => ['-c', option])],
    { ...as, stdio: 'ignore' },
  );
  const urlOf = (name: string) => `postgresql://cow@localhost/${name}?host=${encodeURIComponent(folder)}`;
  let made = 0;
  await ready(server, urlOf('postgres'));
  return {
    newDatabase: async () => {
      const name = `cow_${++made}`;
      await query(urlOf('postgres'), `create database ${name}`);
      return urlOf(name);
    },
    stop: async () => {
      const exited = once(server, 'exit');
      // SIGQUIT is its immediate shutdown: nothing here is worth a checkpoint.
      if (server.exitCode === null && server.kill('SIGQUIT')) await exited;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function programs(): Promise<string> {
  try {
    const bin = (await run('pg_config', ['--bindir'])).stdout.trim();
    await access(path.join(bin, 'postgres'));
    return bin;
  } catch (cause) {
    throw new Error(
      'These tests need PostgreSQL on this machine: install it with `apt-get install postgresql libpq-dev` (Debian, ' +
        'Ubuntu) or `brew install postgresql` (macOS). No server needs to run; the tests start their own.',
      { cause },
    );
  }
}

async function idsOf(...names: readonly string[]): Promise<{ uid: number; gid: number }> {
  for (const name of names) {
    try {
      const id = async (flag: string) => Number((await run('id', [flag, name])).stdout);
      return { uid: await id('-u'), gid: await id('-g') };
    } catch {
      // No such user: the next one will do as well.
    }
  }
  throw new Error(`Expected one of the users ${names.join(', ')} to run PostgreSQL as, since root may not.`);
}

async function ready(server: ChildProcess, url: string): Promise<void> {
  for (let tries = 0; tries < START_TRIES; tries++) {
    if (server.exitCode !== null) break;
    try {
      await query(url, 'select 1');
      return;
    } catch {
      await delay(50);
    }
  }
  throw new Error('PostgreSQL did not start.');
}

async function query(url: string, text: string): Promise<void> {
  const client = new Client({ connectionString: url });
  try {
    await client.connect();
    await client.query(text);
  } finally {
    await client.end();
  }
}
