/**
 * The caller's side of the engine's process: starts it, keeps it warm, hands it one request at a time, and outlives
 * whatever happens to it. A native crash, an out-of-memory kill or a hang fails the request at hand with a plain reason;
 * the next request finds a fresh process.
 */
import { fork, type ChildProcess } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';

import { unlessAborted } from '../../abort.ts';
import { Fault } from '../../errors.ts';
import type { ModelCard } from '../card.ts';
import type { Engine, EngineCallOptions, EngineRequest, EngineResult } from '../request.ts';
import { parseFromEngine, revive, type EngineSettings, type FromEngine, type ToEngine } from './protocol.ts';

export interface EngineHostOptions extends EngineSettings {
  /** A network call, or the loading of the model, that takes longer counts as hung. */
  readonly callTimeoutMs?: number;
  /** Wait before the second start after a crash; doubles with every further crash, up to `maxBackoffMs`. */
  readonly backoffMs?: number;
  readonly maxBackoffMs?: number;
  /** What runs in the process: `child.ts`, or another program that speaks `protocol.ts`. */
  readonly program?: URL;
  /** Told of every start and end of the process. */
  readonly onProcess?: (event: EngineProcessEvent) => void;
}

export type EngineProcessEvent =
  | { readonly kind: 'started'; readonly pid: number }
  | { readonly kind: 'ended'; readonly pid: number; readonly reason: string };

export interface EngineHost extends Engine {
  /** Starts the process if need be. @throws Refusal where the model cannot be used, Fault where the process ended. */
  card(signal?: AbortSignal): Promise<ModelCard>;
  /** Of the running process; for operators and tests. */
  readonly pid: number | undefined;
}

const defaults = { callTimeoutMs: 120_000, backoffMs: 250, maxBackoffMs: 30_000 };
/** Loading a full-size model from a slow disk takes longer than any call. */
const loadTimeoutFactor = 5;

interface Running {
  readonly child: ChildProcess;
  readonly card: Promise<ModelCard>;
  /** The request at hand. */
  waiting: Waiting | undefined;
  readonly ended: Promise<string>;
  endedBecause: string | undefined;
}

/** A field and not a promise's reaction: reactions stay for the life of the process, and would keep every result alive. */
interface Waiting {
  hear(message: FromEngine): void;
  ended(reason: string): void;
}

export function createEngineHost(options: EngineHostOptions): EngineHost {
  const callTimeoutMs = options.callTimeoutMs ?? defaults.callTimeoutMs;
  let running: Promise<Running> | undefined;
  let pid: number | undefined;
  let crashes = 0;
  let notBeforeMs = 0;
  let nextId = 1;
  let closed = false;
  /** Requests run one after another: the end of the line. */
  let tail: Promise<void> = Promise.resolve();
  const closing = new AbortController();

  const stopOf = (signal: AbortSignal | undefined): AbortSignal =>
    signal === undefined ? closing.signal : AbortSignal.any([signal, closing.signal]);

  const launch = async (): Promise<Running> => {
    const { signal } = closing;
    const waitMs = notBeforeMs - performance.now();
    if (waitMs > 0) await delay(waitMs, undefined, { signal }).catch(() => signal.throwIfAborted());
    const started = start(options, callTimeoutMs * loadTimeoutFactor);
    void started.ended.then((reason) => {
      running = undefined;
      pid = undefined;
      options.onProcess?.({ kind: 'ended', pid: started.child.pid ?? 0, reason });
      const { backoffMs = defaults.backoffMs, maxBackoffMs = defaults.maxBackoffMs } = options;
      notBeforeMs = crashes === 0 ? 0 : performance.now() + Math.min(maxBackoffMs, backoffMs * 2 ** (crashes - 1));
      crashes += 1;
    });
    pid = started.child.pid;
    options.onProcess?.({ kind: 'started', pid: pid ?? 0 });
    return started;
  };

  /** One process, however many ask for it at once: a caller who gives up leaves the start to the others. */
  const ensureRunning = async (stop: AbortSignal): Promise<Running> => {
    stop.throwIfAborted();
    running ??= launch().catch((error: unknown) => {
      running = undefined;
      throw error;
    });
    const process = await unlessAborted(running, stop);
    await unlessAborted(process.card, stop);
    return process;
  };

  const paint = async (
    request: EngineRequest,
    stop: AbortSignal,
    onProgress: EngineCallOptions['onProgress'],
  ): Promise<EngineResult> => {
    stop.throwIfAborted();
    onProgress?.({ phase: 'load', done: 0, total: 0, remainingMs: undefined });
    const process = await ensureRunning(stop);
    const id = nextId;
    nextId += 1;
    const result = await converse(process, { kind: 'generate', id, request }, { stop, onProgress, callTimeoutMs });
    crashes = 0;
    return result;
  };

  /** Who gives up while still in line hears of it at once; who is being served, when the engine has let go. */
  const inLine = async <T>(stop: AbortSignal, work: () => Promise<T>): Promise<T> => {
    const ahead = tail;
    const turn = ahead.then(work);
    tail = turn.then(
      () => {},
      () => {},
    );
    await unlessAborted(ahead, stop);
    return turn;
  };

  return {
    async generate(request, callOptions = {}) {
      if (closed) throw new Fault('The engine was closed.');
      const stop = stopOf(callOptions.signal);
      return inLine(stop, async () => paint(request, stop, callOptions.onProgress));
    },
    async card(signal) {
      const { card } = await ensureRunning(stopOf(signal));
      return card;
    },
    get pid() {
      return pid;
    },
    async close() {
      closed = true;
      closing.abort(new Fault('The engine was closed.'));
      const last = await running?.catch(() => undefined);
      last?.child.kill('SIGKILL');
      await last?.ended;
    },
  };
}

/** Forks the process and has it load the model. */
function start(
  { modelDir, device, threads, program = new URL('child.ts', import.meta.url) }: EngineHostOptions,
  loadTimeoutMs: number,
): Running {
  const child = fork(program, {
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    // A coverage or inspector flag of the parent is none of the child's business.
    execArgv: [],
  });
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) => resolve(signal === null ? `exit status ${code}` : `signal ${signal}`));
  });
  const { promise: card, resolve: loaded, reject: failed } = Promise.withResolvers<ModelCard>();
  // Nobody may be waiting for the card when the process ends.
  card.catch(() => {});
  const running: Running = { child, card, waiting: undefined, ended, endedBecause: undefined };
  const watchdog = setTimeout(() => child.kill('SIGKILL'), loadTimeoutMs);
  child.on('message', (value) => {
    const message = parseFromEngine(value);
    if (message === undefined) return;
    if (message.kind === 'loaded') loaded(message.card);
    else if (message.kind === 'load-failed') {
      failed(revive(message.error));
      child.kill('SIGKILL');
    } else running.waiting?.hear(message);
  });
  void ended.then((reason) => {
    running.endedBecause = reason;
    failed(crashFault(reason));
    running.waiting?.ended(reason);
  });
  void card.then(
    () => clearTimeout(watchdog),
    () => clearTimeout(watchdog),
  );
  tell(child, { kind: 'load', settings: { modelDir, device, threads } });
  return running;
}

/** One request: progress on the way, a cancel where it is asked for, a kill where a call hangs. */
async function converse(
  running: Running,
  message: Extract<ToEngine, { kind: 'generate' }>,
  {
    stop,
    onProgress,
    callTimeoutMs,
  }: { stop: AbortSignal; onProgress: EngineCallOptions['onProgress']; callTimeoutMs: number },
): Promise<EngineResult> {
  const { promise, resolve, reject } = Promise.withResolvers<EngineResult>();
  let hung = false;
  const watchdog = setTimeout(() => {
    hung = true;
    running.child.kill('SIGKILL');
  }, callTimeoutMs);
  const cancel = (): void => tell(running.child, { kind: 'cancel', id: message.id });
  const waiting: Waiting = {
    hear(answer) {
      if (!('id' in answer) || answer.id !== message.id) return;
      watchdog.refresh();
      switch (answer.kind) {
        case 'progress':
          return onProgress?.(answer.progress);
        case 'done':
          return resolve(answer.result);
        case 'failed':
          return reject(revive(answer.error));
        case 'cancelled':
          return reject(stop.reason);
      }
    },
    ended(reason) {
      if (stop.aborted) reject(stop.reason);
      else if (hung) {
        reject(
          new Fault(`The engine did not answer for ${callTimeoutMs / 1000} s and was stopped.`, { mayPass: true }),
        );
      } else reject(crashFault(reason));
    },
  };
  running.waiting = waiting;
  stop.addEventListener('abort', cancel, { once: true });
  try {
    if (running.endedBecause !== undefined) waiting.ended(running.endedBecause);
    tell(running.child, message);
    if (stop.aborted) cancel();
    return await promise;
  } finally {
    clearTimeout(watchdog);
    stop.removeEventListener('abort', cancel);
    running.waiting = undefined;
  }
}

function crashFault(reason: string): Fault {
  return new Fault(`The engine's process ended (${reason}); it starts again with the next picture.`, { mayPass: true });
}

function tell(child: ChildProcess, message: ToEngine): void {
  // The process may have ended meanwhile; `ended` says so to whoever waits.
  if (child.connected) child.send(message, () => {});
}
