/**
 * A stand-in for the engine's process: speaks its protocol, takes as long as its model folder's name says (`stub-25`:
 * 25 ms a picture), and paints one colour that follows from the seed. Real enough to be killed.
 */
import { setTimeout as delay } from 'node:timers/promises';

import { presets } from '../../src/engine/cow/parameters.ts';
import { type FromEngine, parseToEngine, type ToEngine } from '../../src/engine/process/protocol.ts';
import type { EngineResult, PaintedPicture } from '../../src/engine/request.ts';
import { stubCard as card } from './stub-card.ts';

const { canvasSize: sidePx } = card;
/** A cancel is heard between two calls. */
const longestCallMs = 50;
const fewestCalls = 5;

const cancelled = new Set<number>();
let pictureMs = 0;

process.on('disconnect', () => process.exit(0));
process.on('SIGINT', () => {});
process.on('message', (value) => {
  const message = parseToEngine(value);
  if (message !== undefined) void handle(message);
});

async function handle(message: ToEngine): Promise<void> {
  switch (message.kind) {
    case 'load':
      pictureMs = Number(message.settings.modelDir.split('-').at(-1));
      return send({ kind: 'loaded', card });
    case 'generate':
      return generate(message);
    case 'cancel':
      cancelled.add(message.id);
  }
}

async function generate({ id, request }: Extract<ToEngine, { kind: 'generate' }>): Promise<void> {
  const count = request.count ?? 1;
  const calls = Math.max(fewestCalls, Math.ceil(pictureMs / longestCallMs));
  const total = calls * count;
  for (let done = 0; done < total; done++) {
    await delay(pictureMs / calls);
    if (cancelled.delete(id)) return send({ kind: 'cancelled', id });
    send({ kind: 'progress', id, progress: { phase: 'cycles', done, total, remainingMs: undefined } });
  }
  send({ kind: 'done', id, result: resultOf(request.seed, count, total) });
}

function resultOf(seed: number, count: number, calls: number): EngineResult {
  const totalMs = pictureMs * count;
  return {
    pictures: Array.from({ length: count }, (_, i) => painted(seed + i)),
    parameters: presets.paper,
    model: { name: card.name, fingerprint: card.fingerprint },
    isRepeatable: true,
    cost: { cycles: { calls, totalMs, networkMs: totalMs } },
    totalMs,
  };
}

function painted(seed: number): PaintedPicture {
  const colour = [seed & 0xff, (seed >> 8) & 0xff, (seed >> 16) & 0xff];
  const rgb = Uint8Array.from({ length: sidePx * sidePx * 3 }, (_, i) => colour[i % 3]);
  const latents = new Float32Array(card.latentChannels * (sidePx / card.factor) ** 2).fill(seed % 7);
  return { width: sidePx, height: sidePx, rgb, latents, seed };
}

function send(message: FromEngine): void {
  if (process.connected) process.send?.(message, undefined, {}, () => {});
}
