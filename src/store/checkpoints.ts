import { once } from 'node:events';
import { Worker } from 'node:worker_threads';

import { Fault } from '../errors.ts';
import type { CheckpointAnswer, CheckpointTask } from './checkpoint-worker.ts';
import { sqliteTrouble } from './trouble.ts';

/** What is kept of the log's file when it begins anew. */
export const keptLogBytes = 32 * 1024 * 1024;
/** Commits between two looks at the log's length: most write a few pages, a new job some 17. */
const looksEvery = 200;

/**
 * @property file the database's path. @property alone runs something while no other statement of this process does; who
 * wants to write waits meanwhile, the event loop does not.
 */
export interface CheckpointOptions {
  readonly file: string;
  readonly alone: <T>(work: () => Promise<T>) => Promise<T>;
}

/**
 * Writes SQLite's log back into the database on a thread of its own, which starts with the first long log. While somebody
 * writes, no checkpoint ever gets to the log's end, and the log only begins anew where one did: so a long log is copied
 * beside the writers first, and they wait for the short rest.
 */
export class Checkpoints {
  readonly #options: CheckpointOptions;
  #worker: Worker | undefined;
  #commits = 0;
  /** The thread does one thing after the other. */
  #last: Promise<unknown> = Promise.resolve();
  #isBusy = false;
  #isClosed = false;

  constructor(options: CheckpointOptions) {
    this.#options = options;
  }

  /** To be called after every commit. */
  noteCommit(): void {
    this.#commits += 1;
    if (this.#commits < looksEvery || this.#isBusy || this.#isClosed) return;
    this.#commits = 0;
    this.#isBusy = true;
    // What goes wrong at the disk is heard by the next who writes; the log is written back some other time.
    void this.#inTurn(async () => this.#writeBack())
      .catch(() => {})
      .finally(() => (this.#isBusy = false));
  }

  /** Leaves nothing of the log in its file; without effect where other programs read. @throws Fault where the disk makes trouble. */
  async empty(): Promise<void> {
    const { alone } = this.#options;
    await this.#inTurn(async () => alone(async () => this.#ask('empty')));
  }

  /** Ends the thread and its connection; what runs comes to its end. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#last.catch(() => {});
    const worker = this.#worker;
    if (worker === undefined) return;
    worker.ref();
    const ended = once(worker, 'exit');
    worker.postMessage('close', []);
    await ended;
  }

  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#last.catch(() => {}).then(work);
    this.#last = done;
    return done;
  }

  async #writeBack(): Promise<void> {
    if (await this.#ask('copy')) await this.#options.alone(async () => this.#ask('restart'));
  }

  async #ask(task: CheckpointTask): Promise<boolean> {
    const worker = (this.#worker ??= this.#start());
    worker.ref();
    worker.postMessage(task, []);
    try {
      const [answer] = (await once(worker, 'message')) as [CheckpointAnswer];
      if ('isReady' in answer) return answer.isReady;
      const { failure, errcode } = answer;
      throw sqliteTrouble(Object.assign(new Error(failure), { errcode }), this.#options.file);
    } catch (error) {
      if (this.#worker === worker) throw error;
      throw new Fault("The thread that writes the database's log back died.", { cause: error, mayPass: true });
    } finally {
      worker.unref();
    }
  }

  #start(): Worker {
    const worker = new Worker(new URL('checkpoint-worker.ts', import.meta.url), {
      execArgv: [],
      workerData: { file: this.#options.file, logBytes: keptLogBytes },
    });
    worker.on('error', () => (this.#worker = undefined));
    return worker;
  }
}
