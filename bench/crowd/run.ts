/** A whole run of the crowd: bots full of people, one after the other, each killed but the last. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { Fault } from '../../src/errors.ts';
import { openStore } from '../../src/store/store.ts';
import { ChatClient } from '../../test/fakes/chat-adapter.ts';
import { type Bot, type Death, startBot, startChatProcess } from '../crash/processes.ts';
import { seeded } from '../random.ts';
import { anAct, type CrowdOrders, quiet } from './orders.ts';
import { type CrowdVerdict, judgeCrowd } from './verdict.ts';

export interface CrowdOptions {
  /** Everybody moderates, reports, asks and deletes. */
  readonly moderators: number;
  readonly pictures: number;
  readonly kills: number;
  /** What all of them do together. */
  readonly acts: number;
  readonly seed: number;
  /** Of PostgreSQL; absent: SQLite. */
  readonly databaseUrl?: string | undefined;
  /** How long the last bot may take until nothing is left to be done. */
  readonly patienceMs: number;
}

export type CrowdResult = CrowdVerdict & {
  readonly moderators: number;
  readonly pictures: number;
  readonly kills: number;
  /** Different moments between two statements that a bot died at, of those it passed. */
  readonly pointsHit: number;
  readonly pointsSeen: number;
  readonly seconds: number;
};

/** A bot that does not die where it was to is killed after this. */
const longestLifeMs = 20_000;

/** @throws Fault where the last bot does not come to an end. */
export async function runCrowd(options: CrowdOptions): Promise<CrowdResult> {
  const { moderators, pictures, kills } = options;
  const startedAt = performance.now();
  const dataDir = await mkdtemp(path.join(tmpdir(), 'cowbot-crowd-'));
  const chat = await startChatProcess();
  try {
    const { pointsHit, pointsSeen } = await liveAndDie(options, dataDir, chat.origin);
    const { databaseUrl } = options;
    const store = await openStore({ dataDir, databaseUrl, clock: Date.now, role: 'tool' });
    try {
      const verdict = await judgeCrowd(store, await new ChatClient(chat.origin).messages());
      const seconds = Math.round((performance.now() - startedAt) / 1000);
      return { moderators, pictures, kills, ...verdict, pointsHit, pointsSeen, seconds };
    } finally {
      await store.close();
    }
  } finally {
    chat.stop();
    await rm(dataDir, { recursive: true, force: true });
  }
}

async function liveAndDie(
  { moderators: people, pictures, kills, acts, seed, databaseUrl, patienceMs }: CrowdOptions,
  dataDir: string,
  chatOrigin: string,
): Promise<{ readonly pointsHit: number; readonly pointsSeen: number }> {
  const random = seeded(seed);
  const points = new Set<string>();
  const hit = new Set<string>();
  const actsOfEach = Math.ceil(acts / (kills + 1));
  const live = async (life: number, death: Death | undefined, onPoint: (name: string) => void): Promise<Bot> => {
    const orders: CrowdOrders = {
      dataDir,
      databaseUrl: databaseUrl ?? null,
      chatOrigin,
      seed: seed * 1_000 + life,
      people,
      // All of them are asked for some bots before the last.
      pictures: Math.min(pictures, Math.ceil((pictures * (life + 1)) / Math.max(1, kills - 1))),
      acts: actsOfEach,
      isLast: life === kills,
      death,
    };
    return startBot(new URL('bot.ts', import.meta.url), orders, onPoint);
  };
  for (let life = 0; life < kills; life++) {
    const death = life > 0 && random() < 0.6 ? nextDeath(points, hit, random) : randomMoment(actsOfEach, random);
    const { promise: isQuiet, resolve } = Promise.withResolvers<boolean>();
    const bot = await live(life, death, (name) => {
      if (name === quiet) resolve(false);
      else if (name !== anAct) points.add(name);
    });
    const died = await Promise.race([bot.ended.then(() => true), isQuiet, after(longestLifeMs)]);
    if (died && death.point !== anAct) hit.add(death.point);
    if (!died) await bot.kill('SIGKILL');
  }
  const last = await live(kills, undefined, () => {});
  if (!(await Promise.race([last.ended.then(() => true), after(patienceMs)]))) {
    await last.kill('SIGKILL');
    throw new Fault(`The crowd did not come to rest within ${patienceMs} ms.`);
  }
  return { pointsHit: hit.size, pointsSeen: points.size };
}

async function after(ms: number): Promise<boolean> {
  return delay(ms, false, { ref: false });
}

/** While some act, others are in the middle of something. */
function randomMoment(acts: number, random: () => number): Death {
  return { point: anAct, passes: 1 + Math.floor(random() * acts) };
}

/** Each moment is died at once before one is died at again. */
function nextDeath(points: ReadonlySet<string>, hit: ReadonlySet<string>, random: () => number): Death {
  const untried = [...points].filter((name) => !hit.has(name));
  const from = untried.length > 0 ? untried : [...points];
  return { point: from[Math.floor(random() * from.length)] ?? anAct, passes: 1 + Math.floor(random() * 8) };
}
