/**
 * `npm run bench -- ack`: how long people wait for the first word while the engine paints without a pause and every photo
 * takes seconds to come. The bot is `cowbot start` with calf; the platforms are fakes in this process.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';

import { openStore } from '../src/store/store.ts';
import { consentForAll } from '../test/contracts/consent.ts';
import { startBot } from './ack/bot.ts';
import { type Crowd, type CrowdOptions, discordCrowd, telegramCrowd } from './ack/crowd.ts';
import { printRows, quantile } from './rows.ts';

interface Figures {
  readonly platform: string;
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Longest block of the bot's event loop while they ask, by `monitorEventLoopDelay`. */
  readonly loopMaxMs: number;
}

interface Load {
  readonly seconds: number;
  readonly perSecond: number;
  readonly nodeFlags: readonly string[];
}

const goalMs = 250;
const slowMs = 3_000;
/** Between two questions of one person. */
const restSeconds = 5;
/** Whoever has not heard by then, never will. */
const lastWordMs = 5_000;
const warmUps = 40;
const saturated = { waiting: 10, withinMs: 60_000, lookEveryMs: 250 };

export async function run(flags: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...flags],
    options: {
      seconds: { type: 'string', default: '20' },
      'per-second': { type: 'string', default: '200' },
      platform: { type: 'string' },
      'cpu-prof-dir': { type: 'string' },
      json: { type: 'boolean', default: false },
    },
  });
  const profileDir = values['cpu-prof-dir'];
  const nodeFlags = profileDir === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profileDir}`];
  const load = { seconds: Number(values.seconds), perSecond: Number(values['per-second']), nodeFlags };
  const figures: Figures[] = [];
  for (const [platform, open] of [['discord', discordCrowd] as const, ['telegram', telegramCrowd] as const]) {
    if (values.platform !== undefined && values.platform !== platform) continue;
    figures.push(await measure(open, load));
  }
  printRows(
    figures.map((row) => ({ ...row })),
    values.json,
  );
  if (figures.some(({ p99Ms }) => p99Ms >= goalMs)) process.exitCode = 1;
}

async function measure(open: (options: CrowdOptions) => Promise<Crowd>, load: Load): Promise<Figures> {
  const { seconds, perSecond, nodeFlags } = load;
  const closers: (() => Promise<unknown>)[] = [];
  try {
    const dataDir = await mkdtemp(path.join(tmpdir(), 'cowbot-bench-'));
    closers.push(() => rm(dataDir, { recursive: true }));
    const photo = await readFile(new URL('../test/fixtures/photos/rocket.jpg', import.meta.url));
    const people = Math.max(warmUps, restSeconds * perSecond);
    const crowd = await open({ people, photo, slowMs });
    closers.push(() => crowd.close());
    // Everybody has agreed to the terms before: who has not is asked, which is no acknowledgement.
    const store = await openStore({ dataDir, clock: Date.now, role: 'bot' });
    await consentForAll(store);
    await store.close();
    const bot = await startBot(dataDir, crowd.env, nodeFlags);
    closers.push(() => bot.close());
    for (let person = 0; person < warmUps; person += 1) await crowd.ask(person, false);
    await until(async () => (await bot.metric('cowbot_queue_pictures')) >= saturated.waiting);
    // Each look at the metrics starts the longest block anew.
    await bot.metric('nodejs_eventloop_lag_max_seconds');
    await askAll(crowd, people, load);
    const loopMaxMs = 1000 * (await bot.metric('nodejs_eventloop_lag_max_seconds'));
    await delay(lastWordMs);
    const waits = crowd.waits();
    const silent = waits.filter((ms) => ms === undefined).length;
    if (silent > 0) console.error(`${crowd.platform}: ${silent} of ${waits.length} were not acknowledged.`);
    // Whoever never heard has waited to the end at least.
    const waited = waits.map((ms) => ms ?? seconds * 1000 + lastWordMs);
    return {
      platform: crowd.platform,
      perSecond,
      p50Ms: quantile(waited, 0.5),
      p99Ms: quantile(waited, 0.99),
      loopMaxMs: Math.round(loopMaxMs),
    };
  } finally {
    for (const close of closers.toReversed()) await close();
  }
}

/** At an even pace, whether they are answered or not. */
async function askAll(crowd: Crowd, people: number, { seconds, perSecond }: Load): Promise<void> {
  const beganMs = performance.now();
  const asked: Promise<void>[] = [];
  for (let number = 0; number < seconds * perSecond; number += 1) {
    const early = beganMs + (number * 1000) / perSecond - performance.now();
    if (early > 1) await delay(early);
    asked.push(crowd.ask(number % people, true));
  }
  await Promise.all(asked);
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + saturated.withinMs;
  while (!(await isSo())) {
    if (performance.now() > deadline) throw new Error('The engine was not saturated in time.');
    await delay(saturated.lookEveryMs);
  }
}
