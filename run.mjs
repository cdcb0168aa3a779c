// Starts a program of this project with the Node version that the lock file names, and installs what is missing first.
// Plain JavaScript without dependencies: it has to run on the Node 20 of a stock distribution, before any install.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const root = path.dirname(fileURLToPath(import.meta.url));
installIfMissing();
start(nodeBinary());

/** `npm ci` writes node_modules/.package-lock.json last: absent or older than the lock file means an unfinished or outdated install. */
function installIfMissing() {
  const installed = path.join(root, 'node_modules', '.package-lock.json');
  const wanted = path.join(root, 'package-lock.json');
  if (existsSync(installed) && statSync(installed).mtimeMs >= statSync(wanted).mtimeMs) return;
  console.error('cowbot: installing what is missing (npm ci, about a minute) …');
  const npm = process.env.npm_execpath;
  const viaThisNode = npm !== undefined && /\.c?js$/.test(npm);
  const done = spawnSync(
    viaThisNode ? process.execPath : 'npm',
    [...(viaThisNode ? [npm] : []), 'ci', '--no-audit', '--no-fund', '--loglevel=error'],
    {
      cwd: root,
      stdio: ['ignore', 2, 2],
      shell: process.platform === 'win32' && !viaThisNode,
    },
  );
  if (done.status !== 0) {
    console.error('cowbot: the install failed; mend what npm says above and run the same command again.');
    process.exit(1);
  }
}

/** npm 10 leaves no `.bin/node` for these packages, so the binary is looked up by package name. */
function nodeBinary() {
  const { platform, arch } = process;
  const os = platform === 'win32' ? 'win' : platform;
  const name = `${os === 'darwin' && arch === 'arm64' ? 'node-bin' : 'node'}-${os}-${arch}`;
  try {
    const folder = path.dirname(createRequire(import.meta.url).resolve(`${name}/package.json`));
    return path.join(folder, 'bin', os === 'win' ? 'node.exe' : 'node');
  } catch {
    if (Number.parseInt(process.versions.node, 10) >= 24) return process.execPath;
    console.error(`cowbot: Node 24 or newer is needed, and no package of it exists for ${platform} ${arch}.`);
    process.exit(1);
  }
}

function start(binary) {
  const env = {
    ...process.env,
    PATH: path.dirname(binary) + path.delimiter + process.env.PATH,
    // Every process of the project starts in half the time once the sources have been compiled.
    NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE ?? path.join(root, 'node_modules', '.cache', 'compiled'),
  };
  const child = spawn(binary, process.argv.slice(2), { stdio: 'inherit', env });
  // A terminal sends Ctrl-C to the whole group, so that the child may hear of it twice; a script sends it here only.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('exit', (code, signal) => {
    process.exitCode = signal === null ? (code ?? 1) : 1;
  });
}
