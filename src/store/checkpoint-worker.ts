/** The thread of checkpoints.ts: a second connection to the same database. Runs in a worker only. */
import { DatabaseSync } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';
import { isSqliteBusy } from './trouble.ts';

/**
 * `copy`: write a long log back while others write on. `restart`: write the rest back and begin the log anew, while nobody
 * writes. `empty`: the same, and leave nothing of the old log in its file.
 */
export type CheckpointTask = 'copy' | 'restart' | 'empty';

/** `isReady`: after `copy`, whether it is worth a `restart`; after the others, whether the log begins anew. */
export type CheckpointAnswer =
  | { readonly isReady: boolean }
  /** `errcode` of SQLite: an error's own fields are lost on the way between threads. */
  | { readonly failure: string; readonly errcode: unknown };

/** Pages (4 KiB) from which on a log is written back: the fewer times, the fewer pages are written twice. */
const longLog = 3_000;
/** A rest that is written back in a moment. */
const shortRest = 200;
/** Each copies what came during the one before; with more, the writers are faster than the disk. */
const mostRounds = 3;

/** For another program's lock; writers wait as well. */
const waitMs = 20;

/** In pages; `copied` of them are in the database. */
interface Log {
  readonly pages: number;
  readonly copied: number;
}

/** https://sqlite.org/pragma.html#pragma_wal_checkpoint: `noop` only looks, `passive` waits for nobody. */
function checkpoint(mode: 'noop' | 'passive' | 'truncate'): Log & { readonly isDone: boolean } {
  const { busy, log, checkpointed } = database.prepare(`pragma wal_checkpoint(${mode})`).get() ?? {};
  return { pages: Number(log), copied: Number(checkpointed), isDone: busy === 0 && log === checkpointed };
}

function copy(): boolean {
  let log: Log = checkpoint('noop');
  if (log.pages < longLog) return false;
  for (let round = 0; round < mostRounds && log.pages - log.copied > shortRest; round += 1) {
    // Another program reads what was so before: the log has to stay for as long.
    if (!checkpoint('passive').isDone) return false;
    log = checkpoint('noop');
  }
  return true;
}

/**
 * Whoever writes first into a log that begins anew also writes its header, and waits for the disk: better this thread
 * than that of the event loop. What is written is the database's first page as it was.
 */
function begin(): void {
  const { user_version: version } = database.prepare('pragma user_version').get() ?? {};
  try {
    database.exec(`pragma user_version = ${Number(version)}`);
  } catch (error) {
    if (!isSqliteBusy(error)) throw error;
  }
}

function work(task: CheckpointTask): boolean {
  if (task === 'copy') return copy();
  const { isDone } = checkpoint(task === 'empty' ? 'truncate' : 'passive');
  if (isDone) begin();
  return isDone;
}

const port = parentPort;
if (port === null) throw new Error('checkpoint-worker.ts runs in a worker thread only.');
const { file, logBytes } = workerData as { readonly file: string; readonly logBytes: number };
// Not by `openSqlite`: closing any handle of the file lets go of this process's locks on it
// (https://sqlite.org/howtocorrupt.html#_posix_advisory_locks_canceled_by_a_separate_thread_doing_close_).
const database = new DatabaseSync(file, { timeout: waitMs });
database.exec(`pragma synchronous = normal; pragma wal_autocheckpoint = 0; pragma journal_size_limit = ${logBytes}; `);
port.on('message', (task: CheckpointTask | 'close') => {
  if (task === 'close') {
    database.close();
    return port.close();
  }
  let answer: CheckpointAnswer;
  try {
    answer = { isReady: work(task) };
  } catch (error) {
    answer = { failure: String(error), errcode: error instanceof Error ? Reflect.get(error, 'errcode') : undefined };
  }
  port.postMessage(answer);
});
