/**
 * Runs in a worker thread of the engine's process: ends the process once its parent is gone. The main thread cannot do
 * it, for it hears of a broken channel only between network calls, and a hung call has no end.
 */
import { workerData } from 'node:worker_threads';

const parentPid: unknown = workerData;
const pollMs = 500;

setInterval(() => {
  if (process.ppid !== parentPid) process.kill(process.pid, 'SIGKILL');
}, pollMs);
