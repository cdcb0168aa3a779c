/**
 * The checks in a process of their own: the classifier keeps a processor busy for some 50 ms a picture, and what brings
 * it down must not bring down the bot.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { Fault } from '../../../errors.ts';
import type { Answer, Outcomes, Question, Task } from './messages.ts';

type Waiting = { resolve: (outcome: Outcomes[Task['kind']]) => void; reject: (reason: unknown) => void };

/** The process starts with the first question, stays warm, and never keeps its owner alive by itself. */
export class CheckProcess {
  readonly #silenceMs: number;
  readonly #waiting = new Map<number, Waiting>();
  #child: ChildProcess | undefined;
  #watchdog: NodeJS.Timeout | undefined;
  #asked = 0;
  #closed = false;

  /** `silenceMs`: how long nothing may come back while questions wait, before the process counts as hung. */
  constructor(silenceMs: number) {
    this.#silenceMs = silenceMs;
  }

  /** For tests and metrics; `undefined` while none runs. */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /**
   * @throws Fault (`mayPass`) when the process dies, hangs or fails; the next question gets a fresh one.
   * @throws the signal's reason.
   */
  async ask<Kind extends Task['kind']>(
    task: Extract<Task, { kind: Kind }>,
    signal: AbortSignal | undefined,
  ): Promise<Outcomes[Kind]> {
    signal?.throwIfAborted();
    if (this.#closed) throw new Fault('The process of the checks is closed.');
    const { promise, resolve, reject } = Promise.withResolvers<Outcomes[Task['kind']]>();
    const id = (this.#asked += 1);
    this.#waiting.set(id, { resolve, reject });
    const abort = (): void => reject(signal?.reason);
    signal?.addEventListener('abort', abort, { once: true });
    this.#send({ id, task });
    try {
      // The process answers each task in its own kind (child.ts).
      return (await promise) as Outcomes[Kind];
    } finally {
      signal?.removeEventListener('abort', abort);
      this.#waiting.delete(id);
      if (this.#waiting.size === 0) this.#rest();
    }
  }

  /** Ends the process; questions under way fail. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#drop(new Fault('The process of the checks was closed.'));
  }

  #send(question: Question): void {
    const child = (this.#child ??= this.#start());
    child.ref();
    child.channel?.ref();
    if (this.#waiting.size === 1) this.#watch();
    child.send(question, (failure) => {
      if (failure !== null) this.#lose(child, failure);
    });
  }

  #start(): ChildProcess {
    const child = fork(new URL('child.ts', import.meta.url), {
      serialization: 'advanced',
      // tfjs and the model's library greet on standard output, where results belong.
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      execArgv: [],
      // It needs no settings, least of all the tokens among them.
      env: {},
    });
    child.on('message', (answer: Answer) => this.#hear(answer));
    child.on('error', (cause) => this.#lose(child, cause));
    child.on('exit', (code, signal) => this.#lose(child, `exit ${code ?? signal}`));
    return child;
  }

  #hear(answer: Answer): void {
    const waiting = this.#waiting.get(answer.id);
    this.#waiting.delete(answer.id);
    if (this.#waiting.size > 0) this.#watch();
    if ('outcome' in answer) waiting?.resolve(answer.outcome);
    else waiting?.reject(new Fault('A check failed.', { cause: answer.failure, mayPass: true }));
  }

  #watch(): void {
    clearTimeout(this.#watchdog);
    this.#watchdog = setTimeout(() => {
      void this.#drop(
        new Fault(`The process of the checks said nothing for ${this.#silenceMs} ms.`, { mayPass: true }),
      );
    }, this.#silenceMs);
  }

  #rest(): void {
    clearTimeout(this.#watchdog);
    this.#child?.unref();
    this.#child?.channel?.unref();
  }

  #lose(child: ChildProcess, cause: unknown): void {
    if (this.#child !== child) return;
    void this.#drop(new Fault('The process of the checks died.', { cause, mayPass: true }));
  }

  /** Gives the process up together with everybody who waits for it. */
  async #drop(reason: Fault): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    clearTimeout(this.#watchdog);
    for (const { reject } of this.#waiting.values()) reject(reason);
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    // At rest it keeps nobody alive, so its end would not be waited for.
    child.ref();
    const ended = once(child, 'exit');
    // A hung or stopped process hears nothing milder.
    child.kill('SIGKILL');
    await ended;
  }
}
