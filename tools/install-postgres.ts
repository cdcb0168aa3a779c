import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';

/** Before all tests: the tests of the PostgreSQL store need its programs, and a bare machine has none. */
export default function installPostgres(): void {
  if (hasPostgres() || process.getuid?.() !== 0 || spawnSync('apt-get', ['--version']).status !== 0) return;
  console.error('Installing PostgreSQL for the tests (apt-get) …');
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  execFileSync('apt-get', ['update', '-qq'], { env, stdio: 'inherit' });
  execFileSync('apt-get', ['install', '-y', '-qq', 'postgresql', 'libpq-dev'], { env, stdio: 'inherit' });
}

function hasPostgres(): boolean {
  const { status, stdout } = spawnSync('pg_config', ['--bindir'], { encoding: 'utf8' });
  return status === 0 && existsSync(path.join(stdout.trim(), 'postgres'));
}
