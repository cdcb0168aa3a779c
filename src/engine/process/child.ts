/** The engine's process: loads one model, then paints one request after another as its host says. */
import os from 'node:os';
import { setImmediate as turn } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';

import { Fault } from '../../errors.ts';
import { cardOf } from '../card.ts';
import { loadModel } from '../model/load.ts';
import { createPainter, type Painter } from '../painter.ts';
import { carryError, parseToEngine, type EngineSettings, type FromEngine, type ToEngine } from './protocol.ts';

const cancelled = new Set<number>();
let painter: Painter | undefined;

class Cancelled extends Error {
  override readonly name = 'Cancelled';
}

yieldToBot();
new Worker(new URL('orphan-guard.ts', import.meta.url), { workerData: process.ppid }).unref();
process.on('disconnect', () => process.exit(0));
// A Ctrl-C in the terminal reaches the whole group; whether to stop is the host's decision.
process.on('SIGINT', () => {});
process.on('message', (message) => {
  const parsed = parseToEngine(message);
  if (parsed !== undefined) void handle(parsed);
});

/** On a CPU the networks take every core there is: whoever asks for pictures must be answered nevertheless. */
function yieldToBot(): void {
  try {
    os.setPriority(os.constants.priority.PRIORITY_BELOW_NORMAL);
  } catch {
    // Not allowed to: then all are equal.
  }
}

async function handle(message: ToEngine): Promise<void> {
  switch (message.kind) {
    case 'load':
      return load(message.settings);
    case 'generate':
      return generate(message);
    case 'cancel':
      cancelled.add(message.id);
  }
}

async function load({ modelDir, device, threads }: EngineSettings): Promise<void> {
  try {
    const model = await loadModel(modelDir, { device, threads });
    painter = createPainter(model, () => performance.now());
    send({ kind: 'loaded', card: cardOf(model) });
  } catch (error) {
    send({ kind: 'load-failed', error: carryError(error) });
  }
}

async function generate({ id, request }: Extract<ToEngine, { kind: 'generate' }>): Promise<void> {
  try {
    if (painter === undefined) throw new Fault('Expected a loaded model before the first request.');
    const result = await painter.paint(request, {
      async beforeCall() {
        // A turn of the event loop lets a cancel in: a network call blocks the thread.
        await turn();
        if (cancelled.has(id)) throw new Cancelled();
      },
      onProgress: (progress) => send({ kind: 'progress', id, progress }),
    });
    send({ kind: 'done', id, result });
  } catch (error) {
    send(error instanceof Cancelled ? { kind: 'cancelled', id } : { kind: 'failed', id, error: carryError(error) });
  } finally {
    cancelled.delete(id);
  }
}

function send(message: FromEngine): void {
  // The channel may close under a running request; the disconnect handler ends the process then.
  if (process.connected) process.send?.(message, undefined, {}, () => {});
}
